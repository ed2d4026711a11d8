// SPDX-License-Identifier: Apache-2.0
#include "app/fit/pieces.h"

#include <algorithm>

#include "platform/clock.h"
#include "platform/process.h"

namespace tenbin {

void Pieces::begin() {
  began_ = last_ = clock_.steady_now();
  longest_ = {};
  count_ = 0;
}

Status Pieces::ask() {
  const Duration now = clock_.steady_now();
  longest_ = std::max(longest_, now - last_);
  last_ = now;
  ++count_;
  if (interrupted()) return Error(ErrorCode::kInterrupted, "stopped on request");
  if (const auto why = watch_.exceeded()) return Error(ErrorCode::kBudgetExceeded, *why);
  return {};
}

StopQuestion Pieces::question() {
  return StopQuestion([this] { return ask(); });
}

void Pieces::tell(const char* name, RunRecorder& recorder) const {
  if (count_ == 0) return;
  recorder.emit({"pieces", name, began_, last_, count_},
                Json::object({{"longest_seconds", in_seconds(longest_)}}));
}

Error before_training(const Error& error, const std::string& data) {
  if (error.code() != ErrorCode::kBudgetExceeded) return error;
  return Error(error.code(),
               error.message() +
                   " before training began (the rest of the limit is kept for scoring and proof), "
                   "so there is no model to show",
               data, "allow more, or give fewer rows, e.g. with --query");
}

}  // namespace tenbin
