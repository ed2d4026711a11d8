// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>

#include "base/result.h"

namespace tenbin {

// Asked between pieces of work: may the next one begin? Its error (kBudgetExceeded, kInterrupted)
// is the reason to stop: whoever asked passes it up and leaves nothing half done. Cheap enough to
// be asked for each block of rows, file or column. By default everything may go on. Copies share
// what is asked. One thread asks at a
// time.
class StopQuestion {
 public:
  StopQuestion() = default;
  explicit StopQuestion(std::function<Status()> ask) : ask_(std::move(ask)) {}
  // Whether there is anything to ask.
  explicit operator bool() const { return ask_ != nullptr; }
  Status operator()() const { return ask_ ? ask_() : Status(); }

 private:
  std::function<Status()> ask_;
};

}  // namespace tenbin
