// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/units.h"

struct rusage;

namespace tenbin {

// A command and all that came of it, also what left its process group and what lost its parent
// (orphans come to this process, which is their subreaper). Looking for new members reads the list
// of children of each member and so costs some microseconds for each; what it costs decides how
// often it is done. Linux, /proc. Not thread-safe.
class ProcessTree {
 public:
  explicit ProcessTree(pid_t root);
  ~ProcessTree();
  ProcessTree(const ProcessTree&) = delete;
  ProcessTree& operator=(const ProcessTree&) = delete;

  // Looks for new members and drops those that are gone; orphans that ended are waited for.
  void search();
  // CPU time of the members that live and of the children they waited for; searches when due.
  Duration cpu();
  // Living members, the root among them if it lives.
  std::vector<pid_t> members() const;
  bool alive();  // searches
  // To every living member outside the group of the root.
  void signal_strays(int number);

  // What ended as a child of this process: the caller that waits for the root adds to it.
  struct Ended {
    Duration user{}, system{};
    std::int64_t peak_rss = 0;  // [B]
  };
  Ended ended;
  void add_ended(const rusage& usage);

 private:
  struct Member {
    pid_t pid;
    int stat;  // descriptor of /proc/PID/stat: stays with this process if the number is reused
  };
  bool known(pid_t pid) const;
  void adopt(pid_t pid);
  void add_orphans();
  pid_t root_;
  std::vector<Member> members_;
  Duration next_search_{};
};

}  // namespace tenbin
