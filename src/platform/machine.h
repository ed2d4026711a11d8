// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace tenbin {

class FileSystem;

// What this process may use of the machine, honouring affinity and the cgroup (v1 and v2) quota.
struct MachineFacts {
  std::string cpu_model;            // "AMD EPYC 9R14" as the kernel says
  int logical_cpus = 1;             // online
  int usable_cpus = 1;              // in the affinity mask
  std::optional<double> cpu_quota;  // CPUs of the cgroup quota, if one is set
  int threads = 1;                  // what we use by default: min(usable, ceil(quota)), >= 1
  Bytes memory;                     // physical, or the cgroup limit if smaller
  std::vector<std::string> isa;     // "sse4_2", "avx2", "avx512f", "avx512_bf16", "avx512_vnni" ...
  std::string kernel;               // "6.1.0"
  std::string os;                   // "Debian GNU/Linux 12 (bookworm)"
  std::string host;
  std::string governor;  // cpufreq governor, empty if none
  bool in_vm = false;
  bool in_container = false;

  bool has_isa(const std::string& name) const;
};

// Reads /proc and /sys below `root` ("" for the machine itself). Never fails: what cannot be read
// keeps its default. `affinity` overrides the process's mask size when > 0 (for tests).
MachineFacts read_machine_facts(FileSystem& files, const std::string& root = {}, int affinity = 0);

}  // namespace tenbin
