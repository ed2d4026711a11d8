// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "platform/process.h"

namespace tenbin {
namespace {

std::atomic<int> g_interrupted{0};  // the signal
std::atomic<int> g_group{0};

void on_signal(int number) {
  if (g_interrupted.exchange(number) == 0) return;
  const int group = g_group.load();  // the second time: at once
  if (group > 0) ::kill(-group, SIGKILL);
  ::_exit(128 + number);
}

}  // namespace

void watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // a reader that went away is a failed write, not our death
  ::sigaction(SIGPIPE, &ignore, nullptr);
  ::sigaction(SIGXFSZ, &ignore, nullptr);  // a file that may not grow is a failed write too
}

bool interrupted() { return g_interrupted.load(std::memory_order_relaxed) != 0; }
Signal interrupted_by() {
  return g_interrupted == SIGTERM ? Signal::kTerminate : Signal::kInterrupt;
}
void guard_group(int leader) { g_group = leader; }
void clear_interrupt() { g_interrupted = 0; }
void request_interrupt() { g_interrupted = SIGINT; }

}  // namespace tenbin
