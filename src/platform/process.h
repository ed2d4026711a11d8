// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

struct ProcessEnd {
  int exit_code = 0;  // of the command; 128 + signal if a signal ended it, as shells do
  int signal = 0;     // 0 if it ended by itself
  Duration cpu_user{}, cpu_system{};  // of the child and the descendants it waited for
  std::int64_t peak_rss = 0;          // [B] largest of the child's tree that was waited for
};

enum class Signal { kInterrupt, kTerminate, kKill, kStop, kContinue };

// A started command, in a process group of its own. Not thread-safe.
class Process {
 public:
  virtual ~Process() = default;
  virtual int pid() const = 0;
  // How it ended, or nothing while it runs. Never blocks.
  virtual Result<std::optional<ProcessEnd>> poll() = 0;
  // Waits up to `timeout`, or until a signal came to this process. How it ended counts what its
  // descendants used until then; once it ended, poll() tells of those that end later.
  virtual Result<std::optional<ProcessEnd>> wait(Duration timeout) = 0;
  // To the command and all that came of it, also what left its process group.
  virtual Status send(Signal signal) = 0;
  // Does the command, or anything that came of it, still run?
  virtual bool any_alive() = 0;
  // The command and its living descendants, as last seen by tree_cpu().
  virtual std::vector<int> members() = 0;
  // CPU time so far of the child and all its living and dead descendants. New descendants are
  // looked for up to twice a second; what they used meanwhile is counted then.
  virtual Result<Duration> tree_cpu() = 0;
  // What it wrote, when output was captured (at most 16 MiB each); else empty.
  virtual std::string output() = 0;
  virtual std::string errors() = 0;
};

struct ProcessOptions {
  bool capture_output = false;       // else the child shares our stdout and stderr
  std::string folder;                // working folder; empty: ours
  std::vector<std::string> set_env;  // "NAME=value", added to ours
  int talk = -1;                     // a socket that becomes its stdin and stdout; -1: none
};

// Starts commands. In a terminal the command gets the terminal. Errors: kCommandFailed (not found,
// 127 in shells), kNotExecutable (126 in shells).
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  virtual Result<std::unique_ptr<Process>> start(const std::vector<std::string>& argv,
                                                 const ProcessOptions& options) = 0;
};

ProcessRunner& real_processes();

// Names this process for good: "boot id/pid/start time in ticks since boot".
std::string this_process_id();
enum class ProcessState {
  kRunning,
  kEnded,
  kUnknown,  // of another boot or another machine, or not a name of this kind
};
ProcessState state_of_process(std::string_view id);

// Ctrl-C and SIGTERM, turned into a flag that loops poll. The second one ends the process at once,
// and the command it runs with it.
void watch_interrupts();
bool interrupted();
Signal interrupted_by();       // kInterrupt or kTerminate
void guard_group(int leader);  // the group of the command that runs; 0: none
void clear_interrupt();        // for tests
void request_interrupt();      // as if the user had asked

}  // namespace tenbin
