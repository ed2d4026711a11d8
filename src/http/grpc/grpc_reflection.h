// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "http/exchange.h"

namespace tenbin {

// Answers a stream of gRPC's server reflection from the descriptors that the build made. `service`
// is the one that was called.
void reflect(const std::shared_ptr<Exchange>& exchange, const std::string& service);

}  // namespace tenbin
