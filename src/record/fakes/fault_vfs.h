// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenbin {

// Makes the N-th call of SQLite that changes a file fail, for ledgers opened while it lives. Counts
// writes, syncs, truncations, openings that create and deletions. One at a time, one thread.
class FaultVfs {
 public:
  enum class Kind { kError, kFull };
  // fail_at 1: the first call; 0: none. `persistent`: every later one fails too.
  FaultVfs(int fail_at, Kind kind, bool persistent);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  bool fired() const;
};

}  // namespace tenbin
