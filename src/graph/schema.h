// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tensor/op_call.h"

namespace tenbin {

// What is known of a value before anything runs.
struct Known {
  ElementType type = ElementType::kUndefined;
  std::optional<Shape> shape;        // none: not even the rank
  const Tensor* constant = nullptr;  // borrowed from the graph; null: not constant
  // Contents of a short integer tensor (a shape on its way to Reshape), kUnknownElement where open.
  std::optional<std::vector<std::int64_t>> integers;
};
inline constexpr std::int64_t kUnknownElement = INT64_MIN;

// One call under inference: its operands, and room for what is found out about its results.
struct InferCall {
  const OpCall& call;
  std::vector<const Known*> inputs;  // null: left out
  std::vector<Known> outputs;        // one for each output of the call; filled by infer

  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  ElementType type(std::size_t i) const;    // kUndefined if left out or not known
  const Shape* shape(std::size_t i) const;  // null if left out or not known
  const std::vector<std::int64_t>* integers(std::size_t i) const;  // null if not known
  // Integers of an attribute that later opsets turned into input i; none if neither is known.
  std::optional<std::vector<std::int64_t>> integers_of(const std::string& attribute,
                                                       std::size_t i) const;
  void set(std::size_t i, ElementType type, std::optional<Shape> shape);
  Error bad_shape(std::string message) const;
};

// Shape inference and cost of operators that share a rule.
struct OpSchema {
  std::string_view domain;  // "" or "ai.onnx.ml"
  std::vector<std::string_view> ops;
  std::string_view doc;  // one line
  // Fills InferCall::outputs as far as the operands are known. Error kBadShape.
  Status (*infer)(InferCall& call) = nullptr;
  // Multiply-accumulates with static operands; null: none (energy.md counts no others).
  std::int64_t (*macs)(const InferCall& call) = nullptr;
  std::vector<std::size_t> parameters;  // inputs that are learned when they are initialisers
  std::vector<std::size_t> buffers;     // inputs that are running statistics
};

// A file of graph/schemas/: one family of operators.
struct SchemaFamily {
  std::string_view name;
  std::vector<OpSchema> schemas;
};

// All families (written by the build).
std::span<const SchemaFamily* const> schema_catalogue();
// The schema of an operator, or null.
const OpSchema* find_schema(std::string_view domain, std::string_view op);

// Types and shapes of one call's outputs. `inputs` by position (an undefined type for one left
// out), `constants` by position or empty. Error kUnsupportedOp, kBadShape.
Result<std::vector<ValueInfo>> infer_call(const OpCall& call, std::span<const ValueInfo> inputs,
                                          std::span<const Tensor* const> constants = {});

// Axis counted from the end if negative. Error kBadShape unless -rank <= axis < rank.
Result<std::size_t> normal_axis(std::int64_t axis, std::size_t rank);

}  // namespace tenbin
