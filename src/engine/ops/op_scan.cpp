// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/elementwise.h"
#include "engine/stack.h"
#include "graph/graph.h"

namespace tenbin {
namespace {

// How a Scan walks: which axis of each scanned input and output, and from which end.
struct Walk {
  const Graph* body = nullptr;
  std::size_t states = 0, scanned = 0, made = 0;
  std::vector<std::int64_t> input_axes, output_axes;
  std::vector<std::int64_t> input_back, output_back;  // 1: from the end
};

std::vector<std::int64_t> list_of(const OpCall& call, const std::string& key, std::size_t size) {
  std::vector<std::int64_t> list = call.integers(key);
  list.resize(std::max(list.size(), size), 0);
  return list;
}

Result<Walk> walk_of(const OpCall& call, std::size_t inputs, Bodies& bodies) {
  Walk walk;
  TENBIN_TRY(walk.body, bodies.graph("body"));
  const std::int64_t scanned = call.integer("num_scan_inputs", 0);
  if (scanned < 1 || static_cast<std::size_t>(scanned) > inputs ||
      walk.body->inputs.size() != inputs ||
      walk.body->outputs.size() < inputs - static_cast<std::size_t>(scanned)) {
    return bad_operands(call, "num_scan_inputs " + std::to_string(scanned) + " for " +
                                  std::to_string(inputs) + " inputs and a body of " +
                                  std::to_string(walk.body->inputs.size()) + " inputs and " +
                                  std::to_string(walk.body->outputs.size()) + " outputs");
  }
  walk.scanned = static_cast<std::size_t>(scanned);
  walk.states = inputs - walk.scanned;
  walk.made = walk.body->outputs.size() - walk.states;
  walk.input_axes = list_of(call, "scan_input_axes", walk.scanned);
  walk.output_axes = list_of(call, "scan_output_axes", walk.made);
  walk.input_back = list_of(call, "scan_input_directions", walk.scanned);
  walk.output_back = list_of(call, "scan_output_directions", walk.made);
  // Operator set 8 has one list of directions and axes that are always the first.
  if (call.find("directions") != nullptr) {
    walk.input_back = list_of(call, "directions", walk.scanned);
  }
  return walk;
}

Tensor without_axis(const Tensor& tensor, std::size_t axis, std::int64_t at) {
  Tensor out = slice_axis(tensor, axis, at, at + 1);
  Shape shape = out.shape();
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  out.reshape(shape);
  return out;
}

// One pass over `length` elements of the scanned inputs.
Result<std::vector<Value>> scan(const OpCall& call, const Walk& walk, std::vector<Value> states,
                                const std::vector<const Tensor*>& scanned, Bodies& bodies) {
  std::vector<std::size_t> axes;
  std::int64_t length = -1;
  for (std::size_t i = 0; i < scanned.size(); ++i) {
    TENBIN_TRY(const std::int64_t axis,
               axis_of(call, walk.input_axes[i], scanned[i]->shape().size()));
    axes.push_back(static_cast<std::size_t>(axis));
    const std::int64_t size = scanned[i]->shape()[axes[i]];
    if (length >= 0 && size != length) {
      return bad_operands(call, "scanned inputs of lengths " + std::to_string(length) + " and " +
                                    std::to_string(size));
    }
    length = size;
  }
  std::vector<Slices> made(walk.made);
  for (std::int64_t t = 0; t < length; ++t) {
    std::vector<Value> arguments = std::move(states);
    for (std::size_t i = 0; i < scanned.size(); ++i) {
      const std::int64_t at = walk.input_back[i] == 1 ? length - 1 - t : t;
      arguments.emplace_back(without_axis(*scanned[i], axes[i], at));
    }
    TENBIN_TRY(std::vector<Value> out, bodies.run("body", std::move(arguments)));
    for (std::size_t i = 0; i < walk.made; ++i) {
      Tensor* tensor = out[walk.states + i].tensor();
      if (tensor == nullptr) return bad_operands(call, "scan output must be a tensor");
      TENBIN_CHECK(made[i].add(std::move(*tensor)));
    }
    out.resize(walk.states);
    states = std::move(out);
  }
  for (std::size_t i = 0; i < walk.made; ++i) {
    auto& list = made[i].list();
    if (list.empty()) {
      states.emplace_back(no_slices(walk.body->outputs[walk.states + i]));
      continue;
    }
    if (walk.output_back[i] == 1) std::reverse(list.begin(), list.end());
    TENBIN_TRY(Tensor joined, join_tensors(list, walk.output_axes[i], true, "scan output"));
    states.emplace_back(std::move(joined));
  }
  return states;
}

Result<std::vector<Value>> compute_9(const OpCall& call, OpValues inputs, Bodies& bodies) {
  TENBIN_TRY(const Walk walk, walk_of(call, inputs.size(), bodies));
  std::vector<Value> states;
  for (std::size_t i = 0; i < walk.states; ++i) states.push_back(inputs[i].copy());
  std::vector<const Tensor*> scanned;
  for (const ValueRef& input : inputs.subspan(walk.states)) {
    if (input.tensor == nullptr) return bad_operands(call, "scanned input must be a tensor");
    scanned.push_back(input.tensor);
  }
  return scan(call, walk, std::move(states), scanned, bodies);
}

// How many steps of row `b` count: all without lengths, else as they say.
Result<std::int64_t> length_of(const OpCall& call, const ValueRef& lengths, std::int64_t b,
                               std::int64_t most) {
  if (lengths.nothing()) return most;
  const Tensor* tensor = lengths.tensor;
  if (tensor == nullptr || tensor->type() != ElementType::kInt64 || b >= tensor->count()) {
    return bad_operands(call, "sequence_lens must be one int64 a row");
  }
  const std::int64_t length = tensor->data<std::int64_t>()[static_cast<std::size_t>(b)];
  if (length < 0 || length > most) {
    return bad_operands(
        call, "sequence length " + std::to_string(length) + " of at most " + std::to_string(most));
  }
  return length;
}

// Zeros after the end of a short row, along the first axis.
Tensor padded(const Tensor& tensor, std::int64_t length) {
  Shape shape = tensor.shape();
  shape[0] = length;
  Tensor out(tensor.type(), shape);
  std::copy(tensor.bytes().begin(), tensor.bytes().end(), out.bytes().begin());
  return out;
}

// Operator set 8: the first input holds lengths, all others have a batch as their first axis.
Result<std::vector<Value>> compute_8(const OpCall& call, OpValues inputs, Bodies& bodies) {
  if (inputs.size() < 2) return bad_operands(call, "no scanned input");
  const ValueRef lengths = inputs[0];
  inputs = inputs.subspan(1);
  TENBIN_TRY(const Walk walk, walk_of(call, inputs.size(), bodies));
  std::int64_t batch = -1;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor* tensor = inputs[i].tensor;
    const std::size_t rank = i < walk.states ? 1 : 2;
    if (tensor == nullptr || tensor->shape().size() < rank) {
      return bad_operands(call, "input must be a tensor with a batch as its first axis");
    }
    if (batch >= 0 && tensor->shape()[0] != batch) return bad_operands(call, "batches differ");
    batch = tensor->shape()[0];
  }
  std::vector<Slices> rows(walk.states + walk.made);
  for (std::int64_t b = 0; b < batch; ++b) {
    std::vector<Value> states;
    std::vector<Tensor> parts;
    std::vector<const Tensor*> scanned;
    const std::int64_t most = inputs[walk.states].tensor->shape()[1];
    TENBIN_TRY(const std::int64_t length, length_of(call, lengths, b, most));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Tensor row = without_axis(*inputs[i].tensor, 0, b);
      if (i < walk.states) {
        states.emplace_back(std::move(row));
      } else {
        if (row.shape()[0] < length) return bad_operands(call, "scanned inputs of other lengths");
        parts.push_back(slice_axis(row, 0, 0, length));
      }
    }
    for (const Tensor& part : parts) scanned.push_back(&part);
    TENBIN_TRY(std::vector<Value> out, scan(call, walk, std::move(states), scanned, bodies));
    for (std::size_t i = 0; i < out.size(); ++i) {
      Tensor* tensor = out[i].tensor();
      if (tensor == nullptr) return bad_operands(call, "carried values must be tensors");
      const bool shorter = i >= walk.states && length < most && !tensor->is_string();
      TENBIN_CHECK(rows[i].add(shorter ? padded(*tensor, most) : std::move(*tensor)));
    }
  }
  std::vector<Value> out;
  for (const Slices& slices : rows) {
    TENBIN_TRY(Tensor joined, join_tensors(slices.list(), 0, true, "result of Scan"));
    out.emplace_back(std::move(joined));
  }
  return out;
}

Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies& bodies) {
  return call.opset < 9 ? compute_8(call, inputs, bodies) : compute_9(call, inputs, bodies);
}

}  // namespace

const OpEntry& op_scan() {
  static const OpEntry entry{.domain = "",
                             .ops = {"Scan"},
                             .doc = "A subgraph over the slices of its inputs.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin
