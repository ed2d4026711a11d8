// SPDX-License-Identifier: Apache-2.0
#include "platform/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace tenbin {

bool is_terminal(int stream) { return ::isatty(stream) == 1; }

std::size_t terminal_columns(int stream) {
  winsize size{};
  if (!is_terminal(stream) || ::ioctl(stream, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

void occupy_closed_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one. Reading only: output is refused, not lost in silence.
    [[maybe_unused]] const int opened = ::open("/dev/null", O_RDONLY);
  }
}

bool reader_left(int stream) {
  pollfd one{stream, POLLOUT, 0};
  return ::poll(&one, 1, 0) == 1 && (one.revents & POLLERR) != 0;
}

}  // namespace tenbin
