// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace tenbin {

// The body of a request: its JSON, and the binary tensors behind it.
struct BenchBody {
  std::string json, bytes;
};

// Bodies of inference requests from a CSV with a header, `rows` of its rows each, in their order;
// what is left over at its end is not sent. Columns become inputs of the model (its metadata in
// the Open Inference Protocol) by their names, or all of them its only input. So many bodies as fit
// into 256 MB. Errors kBadRequest and kInputMismatch with the rows and what was expected;
// kBadValue: fewer rows than `rows`.
Result<std::vector<BenchBody>> bodies_of_rows(std::string_view csv, const Json& model,
                                              std::int64_t rows, bool binary);

}  // namespace tenbin
