// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tensor/tensor.h"
#include "tensor/value.h"

namespace tenbin {

struct Subgraph;  // graph/graph.h: the body of If, Loop, Scan

// The value of an ONNX attribute.
using Attribute =
    std::variant<std::int64_t, float, std::string, Tensor, std::vector<std::int64_t>,
                 std::vector<float>, std::vector<std::string>, std::shared_ptr<const Subgraph>>;
using Attributes = std::map<std::string, Attribute>;  // ordered: what we write is byte-stable

// One call of an ONNX operator as a plain value: names in, names out. An empty input name is an
// optional input left out.
struct OpCall {
  std::string op;      // "Gemm"
  std::string domain;  // "" is ai.onnx; "ai.onnx.ml"
  std::string name;    // of the node, for messages; may be empty
  std::vector<std::string> inputs, outputs;
  Attributes attributes;
  std::int64_t opset = 17;  // operator set of its domain that the model imports

  // Attribute by name, or the fallback if it is absent or of another type.
  std::int64_t integer(const std::string& key, std::int64_t fallback) const;
  float number(const std::string& key, float fallback) const;
  std::string text(const std::string& key, const std::string& fallback) const;
  std::vector<std::int64_t> integers(const std::string& key,
                                     std::vector<std::int64_t> fallback = {}) const;
  std::vector<float> numbers(const std::string& key) const;
  std::vector<std::string> texts(const std::string& key) const;
  const Tensor* tensor(const std::string& key) const;
  const Attribute* find(const std::string& key) const;
};

// Name, type and shape of a value that enters or leaves; of a sequence or an optional, those of the
// tensors in it.
struct ValueInfo {
  std::string name;
  ElementType type = ElementType::kUndefined;
  Shape shape;  // -1: not known
  bool has_shape = true;
  ValueKind kind = ValueKind::kTensor;
};

// A piece of a graph as plain values: what a fitted transform exports. Values named in a call and
// produced by no call are constants (by name) or inputs of the fragment.
struct Fragment {
  std::vector<ValueInfo> inputs;
  std::vector<std::string> outputs;
  std::vector<OpCall> calls;  // in topological order
  std::map<std::string, Tensor> constants;
};

}  // namespace tenbin
