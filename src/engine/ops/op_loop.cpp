// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "engine/elementwise.h"
#include "engine/stack.h"
#include "graph/graph.h"

namespace tenbin {
namespace {

Result<std::int64_t> trips_of(const OpCall& call, const ValueRef& limit) {
  if (limit.nothing()) return std::numeric_limits<std::int64_t>::max();
  if (limit.tensor == nullptr || limit.tensor->type() != ElementType::kInt64 ||
      limit.tensor->count() != 1) {
    return bad_operands(call, "trip count must be one int64");
  }
  return limit.tensor->data<std::int64_t>()[0];
}

Result<bool> truth(const OpCall& call, const Value& value) {
  const Tensor* tensor = value.tensor();
  if (tensor == nullptr || tensor->type() != ElementType::kBool || tensor->count() != 1) {
    return bad_operands(call, "condition must be one bool");
  }
  return tensor->data<bool>()[0];
}

using Scanned = std::vector<Slices>;

Result<std::vector<Value>> results(const Graph& body, std::vector<Value> carried,
                                   const Scanned& scanned) {
  for (const Slices& slices : scanned) {
    if (slices.list().empty()) {
      carried.emplace_back(no_slices(body.outputs[carried.size() + 1]));
      continue;
    }
    TENBIN_TRY(Tensor joined, join_tensors(slices.list(), 0, true, "scan output of Loop"));
    carried.emplace_back(std::move(joined));
  }
  return carried;
}

// Body: (iteration, condition, carried...) -> (condition, carried..., scanned...).
Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies& bodies) {
  TENBIN_TRY(const Graph* body, bodies.graph("body"));
  const std::size_t states = inputs.size() < 2 ? 0 : inputs.size() - 2;
  if (inputs.size() < 2 || body->inputs.size() != states + 2 || body->outputs.size() < states + 1) {
    return bad_operands(call, "body of " + std::to_string(body->inputs.size()) + " inputs and " +
                                  std::to_string(body->outputs.size()) + " outputs for " +
                                  std::to_string(states) + " carried values");
  }
  TENBIN_TRY(const std::int64_t trips, trips_of(call, inputs[0]));
  Value condition = inputs[1].nothing() ? Value(Tensor::scalar<bool>(true)) : inputs[1].copy();
  std::vector<Value> carried;
  for (std::size_t i = 2; i < inputs.size(); ++i) carried.push_back(inputs[i].copy());
  Scanned scanned(body->outputs.size() - 1 - states);
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    TENBIN_TRY(const bool goes_on, truth(call, condition));
    if (!goes_on) break;
    std::vector<Value> arguments;
    arguments.emplace_back(Tensor::scalar<std::int64_t>(trip));
    arguments.push_back(std::move(condition));
    for (Value& value : carried) arguments.push_back(std::move(value));
    TENBIN_TRY(std::vector<Value> made, bodies.run("body", std::move(arguments)));
    condition = std::move(made[0]);
    for (std::size_t i = 0; i < states; ++i) carried[i] = std::move(made[i + 1]);
    for (std::size_t i = 0; i < scanned.size(); ++i) {
      Tensor* tensor = made[1 + states + i].tensor();
      if (tensor == nullptr) return bad_operands(call, "scan output must be a tensor");
      TENBIN_CHECK(scanned[i].add(std::move(*tensor)));
    }
  }
  return results(*body, std::move(carried), scanned);
}

}  // namespace

const OpEntry& op_loop() {
  static const OpEntry entry{.domain = "",
                             .ops = {"Loop"},
                             .doc = "A subgraph again and again, with carried values.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin
