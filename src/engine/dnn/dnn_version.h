// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

// "2.6.0": the oneDNN in use.
std::string dnn_version();

}  // namespace tenbin
