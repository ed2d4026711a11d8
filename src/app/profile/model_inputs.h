// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// Shapes by input from texts such as "image=1x3x224x224". Error kBadValue.
Result<std::map<std::string, Shape>> parse_input_shapes(const std::vector<std::string>& texts);

// The inputs of a model with every size known.
struct BoundInputs {
  std::vector<ValueInfo> inputs;
  std::int64_t rows = 1;           // of a run
  bool fixed = false;              // the model fixes its rows: other batches cannot be had
  std::vector<std::string> notes;  // sizes that were taken for want of better ones
};

// Free first dimensions become `batch`, other free ones what `given` says, else 1. Errors:
// kInputMismatch (a given shape contradicts the declared one), kMissingArgument (an input declares
// no shape and none is given), kUnknownOption (no such input, with the nearest names).
Result<BoundInputs> bind_inputs(const Graph& graph, const std::map<std::string, Shape>& given,
                                std::int64_t batch);

// Values drawn by `seed`: numbers around 0 with variance 1, whole numbers 0 and 1 (indices that any
// table has), bytes 0 to 255. Error kInputMismatch: texts, with the way out.
Result<std::vector<Tensor>> made_inputs(std::span<const ValueInfo> inputs, std::uint64_t seed);

}  // namespace tenbin
