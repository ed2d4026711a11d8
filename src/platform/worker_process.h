// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

// A helper process of ours that answers each frame of bytes with one; its stderr is ours. It sees
// the end of its input when we are gone, however we ended. Not thread-safe, but for pid().
class WorkerProcess {
 public:
  virtual ~WorkerProcess() = default;
  virtual int pid() const = 0;
  virtual bool alive() = 0;
  // Sends the pieces as one frame and waits for the answer. Error kCommandFailed: it ended (by what
  // signal, where known), was silent for `patience`, or its answer is larger than 4 GiB; nothing
  // more will come of it then.
  virtual Result<std::string> ask(std::span<const std::string_view> pieces, Duration patience) = 0;
};

// Starts this same program with other words.
Result<std::unique_ptr<WorkerProcess>> start_worker(const std::vector<std::string>& words);

// ---- in the helper: frames come on stdin, answers go to stdout ----

// The next frame; empty: nobody asks any more.
std::string next_frame();
// False: nobody listens any more.
bool send_frame(std::span<const std::string_view> pieces);
// A process that takes more memory than this [B] fails to get it. From outside it, limits stay.
void limit_own_memory(std::int64_t bytes);

}  // namespace tenbin
