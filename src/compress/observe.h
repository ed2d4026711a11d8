// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// Some rows of one value, as a run of the graph made them.
struct ObservedRows {
  std::size_t value = 0;        // which of the values asked for
  std::int64_t first = 0;       // of its rows, in the rows given
  Shape shape;                  // [rows, ...]
  std::span<const float> data;  // row-major; valid for the call
};
using Observer = std::function<Status(const ObservedRows&)>;

// Runs `graph` (one input [batch, ...] of floats, or of tokens, which come as floats too) over
// `rows` [n, ...], some at a time, and shows the observer each of `values` (floats, [batch, ...];
// the input too), rows in order. Compiled where the whole graph has kernels, else by a session.
// Errors: kBadValue for no rows, or naming a value that was NaN or infinite; kInputMismatch,
// kUnsupportedOp; the observer's.
Status observe(const Graph& graph, const std::vector<std::string>& values, const Tensor& rows,
               const Observer& see);

// Rows as a session of the graph takes them: whole numbers where its input is of tokens.
Tensor as_input(const Graph& graph, const Tensor& floats);

// All rows of one value.
Result<Tensor> values_of(const Graph& graph, const std::string& value, const Tensor& rows);

}  // namespace tenbin
