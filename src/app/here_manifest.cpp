// SPDX-License-Identifier: Apache-2.0
#include "app/here.h"
#include "app/serve/manifests.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin::here {

Result<std::string> manifest(Serving& serving) {
  return manifest_for(serving, read_machine_facts(real_file_system()));
}

}  // namespace tenbin::here
