// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/model_rows.h"
#include "data/target.h"

namespace tenbin {

// Rows of a data file in three parts that never meet: to calibrate and train on, to choose by, and
// to prove on. Where the data names its test rows, these are for the proof.
struct ShrinkRows {
  ModelRows rows;
  std::optional<Target> target;  // nothing: the original's own answers are the truth
  std::vector<std::int64_t> train, choose, prove;
  std::string why;  // how they were divided, for people

  std::int64_t count() const { return rows.count(); }
};

// `target` empty: no labels. Errors: those of reading; kUnknownColumn; kTooFewRows with how many
// rows a drop of at most `max_drop` takes to be proven.
Result<ShrinkRows> read_shrink_rows(const Model& model, const std::string& path,
                                    const std::string& target, double max_drop, std::int64_t seed,
                                    const ReadOptions& read, FileSystem& files);

}  // namespace tenbin
