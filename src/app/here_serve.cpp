// SPDX-License-Identifier: Apache-2.0
#include "app/here.h"
#include "app/serve/model_worker.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin::here {

Result<Json> rollout(const RolloutOptions& options) {
  return call_rollout(options, real_file_system());
}

Result<std::unique_ptr<Serving>> open_serving(const ServeOptions& options) {
  FileSystem& files = real_file_system();
  return Serving::open(options, files, real_clock(), read_machine_facts(files));
}

int model_worker() { return run_model_worker(real_file_system(), real_clock()); }

}  // namespace tenbin::here
