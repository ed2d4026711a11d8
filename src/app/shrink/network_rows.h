// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/shrink/shrink_rows.h"
#include "graph/rewrites/transfer.h"

namespace tenbin {

// What the network inside a model reads for some rows, and what it answers: the teacher of smaller
// ones.
struct NetworkRows {
  Tensor features;            // [rows, ...]
  std::vector<float> logits;  // [rows, outputs]
  std::int64_t outputs = 1;
  std::int64_t rows() const { return features.shape().front(); }
  // The first `most` of them.
  Tensor some(std::int64_t most) const;
};

// At most as many of `which`, evenly spaced, as fit into `memory`. Errors: those of the session
// and of `may_go_on`.
Result<NetworkRows> run_ends(const Model& model, const Network& network, const ShrinkRows& rows,
                             std::span<const std::int64_t> which, Bytes memory, int threads,
                             const StopQuestion& may_go_on);

}  // namespace tenbin
