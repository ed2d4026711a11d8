// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tenbin {

// Files of web/live, as the build put them into the program.
std::string_view live_html();
std::string_view live_css();
std::string_view live_js();
// Descriptors of the gRPC services, a FileDescriptorSet.
std::string_view grpc_descriptors();

}  // namespace tenbin
