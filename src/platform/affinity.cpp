// SPDX-License-Identifier: Apache-2.0
#include "platform/affinity.h"

#include <sched.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace tenbin {

std::vector<int> thread_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> out;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return out;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) out.push_back(cpu);
  }
  return out;
}

Status set_thread_cpus(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::string names;
  for (const int cpu : cpus) {
    if (cpu >= 0 && cpu < CPU_SETSIZE) CPU_SET(static_cast<unsigned>(cpu), &set);
    names += (names.empty() ? "" : ",") + std::to_string(cpu);
  }
  if (::sched_setaffinity(0, sizeof set, &set) == 0) return {};
  return Error(ErrorCode::kBadValue, "CPUs '" + names + "': " + std::strerror(errno), {},
               "name CPUs that this process may use");
}

}  // namespace tenbin
