// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/dnn_version.h"

#include <oneapi/dnnl/dnnl.h>

namespace tenbin {

std::string dnn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

}  // namespace tenbin
