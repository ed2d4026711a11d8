// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "meter/activity.h"

namespace tenbin {

class Process;
class ReadableFile;

// Bytes of all interfaces but the loopback, since boot.
struct NetworkBytes {
  bool known = false;
  std::int64_t sent = 0, received = 0;
};
NetworkBytes network_bytes(FileSystem& files, const std::string& proc);

// What a started command and its descendants use: CPU time, resident memory, file traffic. Read
// from one thread.
class CommandActivity : public ActivityProbe {
 public:
  // Borrowed: files, clock.
  CommandActivity(FileSystem& files, Clock& clock, std::string proc);
  ~CommandActivity() override;
  void watch(Process* process);  // borrowed until ended()
  void ended(Duration cpu);      // the whole tree's CPU time, as the system accounts it
  Activity read() override;
  Activity last() const { return last_; }
  std::optional<std::int64_t> disk_read() const { return disk_read_; }
  std::optional<std::int64_t> disk_written() const { return disk_written_; }

 private:
  struct Member;
  void find_members();
  void read_disk(int pid);

  FileSystem& files_;
  Clock& clock_;
  std::string proc_;
  Process* process_ = nullptr;
  std::vector<Member> members_;
  Duration searched_{};
  bool searched_once_ = false;
  bool weighed_once_ = false;
  Duration weighed_{};
  Activity last_;
  std::optional<std::int64_t> disk_read_, disk_written_;
};

}  // namespace tenbin
