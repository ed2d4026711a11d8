// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/op.h"
#include "graph/graph.h"

namespace tenbin {

// Bytes of a fuzzer as choices; zeros when they are used up.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool done() const { return left_ == 0; }
  std::size_t below(std::size_t count) { return count == 0 ? 0 : next() % count; }
  // Numbers that have broken programs before.
  std::int64_t odd_integer() {
    constexpr auto kOdd =
        std::to_array<std::int64_t>({0,
                                     1,
                                     -1,
                                     2,
                                     -2,
                                     3,
                                     -3,
                                     4,
                                     5,
                                     7,
                                     8,
                                     16,
                                     31,
                                     32,
                                     63,
                                     64,
                                     100,
                                     255,
                                     256,
                                     1000,
                                     65'536,
                                     std::int64_t{1} << 20,
                                     std::int64_t{1} << 31,
                                     (std::int64_t{1} << 31) - 1,
                                     -(std::int64_t{1} << 31),
                                     std::int64_t{1} << 32,
                                     std::int64_t{1} << 62,
                                     std::numeric_limits<std::int64_t>::max(),
                                     std::numeric_limits<std::int64_t>::max() - 1,
                                     std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::min() + 1});
    return kOdd[below(kOdd.size())];
  }
  float odd_number() {
    constexpr auto kOdd = std::to_array<float>(
        {0, -0.0F, 1, -1, 0.5F, -0.5F, 2, 1e-30F, 1e30F, -1e30F, 1e-45F,
         std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
         std::numeric_limits<float>::quiet_NaN()});
    return kOdd[below(kOdd.size())];
  }

 private:
  std::size_t next() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  const std::uint8_t* data_;
  std::size_t left_;
};

inline const std::vector<OpProbe>& all_probes() {
  static const std::vector<OpProbe> probes = [] {
    std::vector<OpProbe> out;
    for (const OpEntry* entry : op_catalogue()) {
      if (entry->probes == nullptr) continue;
      for (OpProbe& probe : entry->probes()) out.push_back(std::move(probe));
    }
    return out;
  }();
  return probes;
}

struct AttributeChange {
  Choices& choices;
  void operator()(std::int64_t& value) const { value = choices.odd_integer(); }
  void operator()(float& value) const { value = choices.odd_number(); }
  void operator()(std::string& value) const {
    constexpr auto kWords = std::to_array<const char*>(
        {"",        "NOTSET",  "SAME_UPPER",    "SAME_LOWER",    "VALID", "mean",
         "sum",     "none",    "constant",      "reflect",       "edge",  "linear",
         "cubic",   "nearest", "bidirectional", "reverse",       "DCR",   "CRD",
         "SOFTMAX", "PROBIT",  "ij,jk->ik",     "...i,ij->...j", "ii->i"});
    value = kWords[choices.below(kWords.size())];
  }
  void operator()(Tensor& value) const { value = Tensor(value.type(), {2}); }
  void operator()(std::shared_ptr<const Subgraph>&) const {}
  template <class T> void operator()(std::vector<T>& values) const {
    const std::size_t how = choices.below(4);
    if (how == 0 && !values.empty()) values.pop_back();
    if (how == 1) values.push_back(values.empty() ? T() : values.front());
    if (how > 1 && !values.empty()) (*this)(values[choices.below(values.size())]);
  }
};

inline Tensor odd_tensor(Choices& choices, ElementType type) {
  Shape shape(choices.below(6));
  for (std::int64_t& size : shape) size = static_cast<std::int64_t>(choices.below(5));
  Tensor out(type, shape);
  for (std::byte& b : out.bytes()) b = type == ElementType::kBool ? std::byte{1} : std::byte{0x3c};
  return out;
}

inline void change_element(Choices& choices, Tensor& tensor) {
  if (tensor.count() == 0) return;
  const std::size_t at = choices.below(static_cast<std::size_t>(tensor.count()));
  switch (tensor.type()) {
    case ElementType::kInt64: tensor.data<std::int64_t>()[at] = choices.odd_integer(); return;
    case ElementType::kInt32:
      tensor.data<std::int32_t>()[at] = static_cast<std::int32_t>(choices.odd_integer());
      return;
    case ElementType::kFloat32: tensor.data<float>()[at] = choices.odd_number(); return;
    case ElementType::kFloat64:
      tensor.data<double>()[at] = static_cast<double>(choices.odd_number());
      return;
    case ElementType::kString: tensor.data<std::string>()[at] = "odd"; return;
    default: return;
  }
}

// One change of a probe that the bytes choose.
inline void change_probe(Choices& choices, OpProbe& probe) {
  constexpr auto kTypes = std::to_array<ElementType>(
      {ElementType::kFloat32, ElementType::kInt64, ElementType::kInt32, ElementType::kFloat64,
       ElementType::kBool, ElementType::kUint8, ElementType::kInt8, ElementType::kString,
       ElementType::kFloat16, ElementType::kBfloat16, ElementType::kUint64});
  constexpr auto kNames = std::to_array<const char*>(
      {"axis",         "axes",    "keepdims", "pads",       "strides",   "dilations",
       "kernel_shape", "group",   "perm",     "auto_pad",   "ceil_mode", "output_padding",
       "output_shape", "to",      "split",    "starts",     "ends",      "blocksize",
       "alpha",        "epsilon", "mode",     "batch_dims", "k",         "num_outputs",
       "size"});
  auto& attributes = probe.call.attributes;
  const std::size_t i = probe.inputs.empty() ? 0 : choices.below(probe.inputs.size());
  switch (choices.below(9)) {
    case 0:
      if (!attributes.empty()) {
        auto chosen = attributes.begin();
        std::advance(chosen, choices.below(attributes.size()));
        std::visit(AttributeChange{choices}, chosen->second);
      }
      return;
    case 1:
      if (!attributes.empty()) attributes.erase(attributes.begin());
      return;
    case 2:
      if (!probe.inputs.empty() && probe.inputs[i].defined()) {
        probe.inputs[i] = odd_tensor(choices, probe.inputs[i].type());
      }
      return;
    case 3:
      if (!probe.inputs.empty()) {
        probe.inputs[i] = odd_tensor(choices, kTypes[choices.below(kTypes.size())]);
      }
      return;
    case 4:
      if (!probe.inputs.empty()) change_element(choices, probe.inputs[i]);
      return;
    case 5:
      if (!probe.inputs.empty()) probe.inputs[i] = Tensor();
      return;
    case 6: probe.call.opset = 1 + static_cast<std::int64_t>(choices.below(20)); return;
    case 7: {
      const std::string name = kNames[choices.below(kNames.size())];
      if (choices.below(2) == 0) {
        attributes[name] = choices.odd_integer();
      } else {
        std::vector<std::int64_t> list(choices.below(5));
        for (std::int64_t& value : list) value = choices.odd_integer();
        attributes[name] = list;
      }
      return;
    }
    default: probe.call.outputs.push_back("o" + std::to_string(probe.call.outputs.size())); return;
  }
}

// A probe with changes as a model of one node; `inputs` are its values in the graph's order.
inline Model odd_model(Choices& choices, std::vector<Tensor>& inputs) {
  const auto& probes = all_probes();
  const std::size_t high = choices.below(256);
  OpProbe probe = probes[(high * 256 + choices.below(256)) % probes.size()];
  const bool constants = choices.below(2) == 1;
  for (int change = 0; change < 6 && !choices.done(); ++change) change_probe(choices, probe);
  Model model;
  model.opsets = {{"", 17}, {"ai.onnx.ml", 3}};
  model.opsets[probe.call.domain] = probe.call.opset;
  Graph& graph = model.graph;
  graph.nodes = {probe.call};
  for (std::size_t i = 0; i < probe.inputs.size(); ++i) {
    const std::string& name = probe.call.inputs[i];
    if (!probe.inputs[i].defined()) {
      graph.nodes[0].inputs[i].clear();
    } else if (constants && i > 0) {
      graph.initializers[name] = probe.inputs[i];
    } else {
      graph.inputs.push_back({name, probe.inputs[i].type(), probe.inputs[i].shape()});
      inputs.push_back(probe.inputs[i]);
    }
  }
  for (const std::string& output : probe.call.outputs) {
    graph.outputs.push_back({output, ElementType::kUndefined, {}, false});
  }
  return model;
}

}  // namespace tenbin
