// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "serve/request_queue.h"

namespace tenbin {

// How the answers of a shadow compare with those that were sent. Any thread adds and reads.
struct ShadowStats {
  std::atomic<std::int64_t> compared{0};             // requests
  std::atomic<std::int64_t> rows{0}, same_label{0};  // rows with a label, and those of equal labels
  std::atomic<std::int64_t> failed{0};    // the shadow gave no answer where the other did
  std::atomic<std::int64_t> left_out{0};  // there was no time for them
  std::atomic<double> largest{0};         // difference, relative to the largest value of its tensor
};

// Adds one pair of answers. The label of a row: of floats where its largest value stands, else the
// values themselves.
void compare_answers(const InferAnswer& sent, const InferAnswer& shadow, ShadowStats& stats);

// The same job for the shadow, in the background; what both answer is compared when both have. The
// client hears of the first alone. Nothing: too many wait already.
std::optional<ServeJob> shadow_job(ServeJob& job, std::shared_ptr<ServedVersion> shadow,
                                   std::shared_ptr<ShadowStats> stats);

}  // namespace tenbin
