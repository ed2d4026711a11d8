// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "app/shrink/shrink_rows.h"
#include "graph/rewrites/transfer.h"

namespace tenbin {

// What the network inside a model reads for some rows, and what it answers: the teacher of smaller
// ones.
struct NetworkRows {
  Tensor features;            // [rows, ...]; tokens as floats
  std::vector<float> logits;  // [rows, outputs]
  std::int64_t outputs = 1;
  std::int64_t rows() const { return features.shape().front(); }
};

// How far run_ends goes.
struct EndsOptions {
  int threads = 1;
  Bytes memory{std::int64_t{256} << 20};  // of features and logits
  // Asked after each 256 rows: have there been enough? Empty: all are run that fit into memory.
  std::function<bool()> enough;
};

// The first of `which` that fit. Errors: those of the session and of `may_go_on`.
Result<NetworkRows> run_ends(const Model& model, const Network& network, const ShrinkRows& rows,
                             std::span<const std::int64_t> which, const EndsOptions& options,
                             const StopQuestion& may_go_on);

}  // namespace tenbin
