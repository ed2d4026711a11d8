// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"
#include "graph/graph.h"

namespace tenbin {
namespace {

// The first input is a sequence; further sequences go along item by item, tensors stay the same.
Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies& bodies) {
  if (inputs.empty() || inputs[0].sequence == nullptr) {
    return bad_operands(call, "first input must be a sequence");
  }
  TENBIN_TRY(const Graph* body, bodies.graph("body"));
  const std::size_t length = inputs[0].sequence->items.size();
  std::vector<Sequence> out(body->outputs.size());
  for (std::size_t k = 0; k < out.size(); ++k) out[k].type = body->outputs[k].type;
  for (std::size_t i = 0; i < length; ++i) {
    std::vector<Value> arguments;
    for (const ValueRef& input : inputs) {
      if (input.sequence == nullptr) {
        arguments.push_back(input.copy());
      } else if (i < input.sequence->items.size()) {
        arguments.emplace_back(*input.sequence->items[i]);
      } else {
        return bad_operands(call, "sequences of other lengths");
      }
    }
    TENBIN_TRY(std::vector<Value> made, bodies.run("body", std::move(arguments)));
    for (std::size_t k = 0; k < out.size(); ++k) {
      Tensor* tensor = made[k].tensor();
      if (tensor == nullptr) return bad_operands(call, "body must make tensors");
      out[k].type = tensor->type();
      out[k].items.push_back(std::make_shared<const Tensor>(std::move(*tensor)));
    }
  }
  return std::vector<Value>(std::make_move_iterator(out.begin()),
                            std::make_move_iterator(out.end()));
}

}  // namespace

const OpEntry& op_sequence_map() {
  static const OpEntry entry{.domain = "",
                             .ops = {"SequenceMap"},
                             .doc = "A subgraph on every item of a sequence.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin
