// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

class Serving;

// The status of gRPC's health protocol: of the server (empty name or a service of ours), or of a
// model. SERVING 1, NOT_SERVING 2, SERVICE_UNKNOWN 3.
int health_of(Serving& serving, const std::string& name);

}  // namespace tenbin
