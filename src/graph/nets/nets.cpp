// SPDX-License-Identifier: Apache-2.0
#include "graph/nets/nets.h"

#include <cmath>

#include "platform/random.h"

namespace tenbin {
namespace {

// Adds layers one after another, naming values by their place.
class Chain {
 public:
  Chain(Shape input, std::uint64_t seed) : seed_(seed), shape_(std::move(input)) {
    graph_.inputs.push_back({"input", ElementType::kFloat32, shape_});
  }

  void convolution(std::int64_t channels, bool bias) {
    const std::int64_t in = shape_[1];
    OpCall& node = call("Conv", {value_, weights({channels, in, 3, 3}, in * 9, 2)});
    if (bias) node.inputs.push_back(zeros({channels}));
    node.attributes["kernel_shape"] = std::vector<std::int64_t>{3, 3};
    node.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
    shape_[1] = channels;
  }
  void norm() {
    const Shape channels = {shape_[1]};
    call("BatchNormalization", {value_, filled(channels, 1, "scale"), filled(channels, 0, "shift"),
                                filled(channels, 0, "mean"), filled(channels, 1, "variance")});
  }
  void relu() { call("Relu", {value_}); }
  void pool() {
    OpCall& node = call("MaxPool", {value_});
    node.attributes["kernel_shape"] = std::vector<std::int64_t>{2, 2};
    node.attributes["strides"] = std::vector<std::int64_t>{2, 2};
    shape_[2] /= 2;
    shape_[3] /= 2;
  }
  void flatten() {
    call("Flatten", {value_});
    shape_ = {shape_[0], shape_[1] * shape_[2] * shape_[3]};
  }
  void dense(std::int64_t outputs, double gain) {
    const std::int64_t in = shape_[1];
    OpCall& node = call("Gemm", {value_, weights({outputs, in}, in, gain), zeros({outputs})});
    node.attributes["transB"] = std::int64_t{1};
    shape_ = {shape_[0], outputs};
  }
  void dropout(double ratio) {
    const std::string name = "dropout_" + std::to_string(graph_.nodes.size() + 1) + ".ratio";
    graph_.initializers[name] = Tensor::scalar(static_cast<float>(ratio));
    call("Dropout", {value_, name});
  }
  Graph finish() {
    graph_.nodes.back().outputs[0] = "logits";
    graph_.outputs.push_back({"logits", ElementType::kFloat32, shape_});
    return std::move(graph_);
  }
  const Shape& shape() const { return shape_; }

 private:
  OpCall& call(const std::string& op, std::vector<std::string> inputs) {
    OpCall node;
    node.op = op;
    node.name = layer(op);
    node.inputs = std::move(inputs);
    value_ = node.name + ".out";
    node.outputs = {value_};
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.back();
  }
  std::string layer(const std::string& op) const {
    std::string name = op;
    name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
    return name + "_" + std::to_string(graph_.nodes.size() + 1);
  }
  std::string weights(const Shape& shape, std::int64_t fan_in, double gain) {
    const std::string name = "w" + std::to_string(graph_.nodes.size() + 1);
    Tensor tensor(ElementType::kFloat32, shape);
    Random random(seed_, graph_.nodes.size() + 1);
    const double scale = std::sqrt(gain / static_cast<double>(fan_in));
    for (float& w : tensor.data<float>()) w = static_cast<float>(scale * random.normal());
    graph_.initializers[name] = std::move(tensor);
    return name;
  }
  std::string filled(const Shape& shape, float value, const std::string& what) {
    const std::string name = what + std::to_string(graph_.nodes.size() + 1);
    Tensor tensor(ElementType::kFloat32, shape);
    for (float& x : tensor.data<float>()) x = value;
    graph_.initializers[name] = std::move(tensor);
    return name;
  }
  std::string zeros(const Shape& shape) { return filled(shape, 0, "b"); }

  std::uint64_t seed_;
  Shape shape_;
  Graph graph_;
  std::string value_ = "input";
};

}  // namespace

std::string CnnShape::name() const {
  std::string text = "cnn ";
  for (std::size_t i = 0; i < stages.size(); ++i) {
    text += (i > 0 ? "-" : "") + std::to_string(stages[i].channels);
    if (stages[i].convolutions > 1) text += "x" + std::to_string(stages[i].convolutions);
  }
  if (dense > 0) text += ", dense " + std::to_string(dense);
  if (batch_norm) text += ", batch norm";
  return text;
}

Graph make_cnn(std::int64_t channels, std::int64_t height, std::int64_t width,
               std::int64_t outputs, const CnnShape& shape, std::uint64_t seed) {
  Chain chain({-1, channels, height, width}, seed);
  for (const CnnStage& stage : shape.stages) {
    for (int i = 0; i < stage.convolutions; ++i) {
      chain.convolution(stage.channels, !shape.batch_norm);
      if (shape.batch_norm) chain.norm();
      // The maximum and the ReLU commute: the ReLU then has a quarter of the values to visit.
      const bool last = i + 1 == stage.convolutions;
      const bool pools = last && chain.shape()[2] >= 2 && chain.shape()[3] >= 2;
      if (pools) chain.pool();
      chain.relu();
    }
  }
  chain.flatten();
  if (shape.dense > 0) {
    chain.dense(shape.dense, 2);
    chain.relu();
  }
  if (shape.dropout > 0) chain.dropout(shape.dropout);
  chain.dense(outputs, 1);
  return chain.finish();
}

Graph make_mlp(std::int64_t features, const std::vector<std::int64_t>& hidden,
               std::int64_t outputs, double dropout, std::uint64_t seed) {
  Chain chain({-1, features}, seed);
  for (const std::int64_t width : hidden) {
    chain.dense(width, 2);
    chain.relu();
    if (dropout > 0) chain.dropout(dropout);
  }
  chain.dense(outputs, 1);
  return chain.finish();
}

}  // namespace tenbin
