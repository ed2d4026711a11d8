// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/peers/worker.h"

namespace tenbin::bench {

// A network of any shape, as the bench writes it down (nodes_of in harness/cases.h): ONNX operators
// by name, done with the functions of torch that PyTorch's own modules call.
class TorchGraph : public torch::nn::Module {
 public:
  using Tensor = torch::Tensor;

  void build(const Json& work, const std::vector<float>& weights, bool nhwc) {
    std::size_t at = 0;
    for (const Json& weight : work["graph"]["weights"].items()) {
      const auto shape = integers_of(weight["shape"]);
      Tensor value = torch::empty(shape);
      std::copy_n(weights.data() + at, static_cast<std::size_t>(value.numel()),
                  value.data_ptr<float>());
      at += static_cast<std::size_t>(value.numel());
      if (nhwc && shape.size() == 4) value = value.contiguous(at::MemoryFormat::ChannelsLast);
      const std::string& name = weight["name"].as_string();
      if (weight["learned"].as_bool()) {
        value = register_parameter("p" + std::to_string(learned_.size()), value);
        learned_.push_back(value);
      }
      values_[name] = value;
    }
    for (const auto& [name, list] : work["graph"]["integers"].members()) {
      integers_[name] = integers_of(list);
    }
    for (const Json& node : work["graph"]["nodes"].items()) {
      Node made{node["op"].as_string(), {}, {}, node["attributes"]};
      for (const Json& name : node["in"].items()) made.in.push_back(name.as_string());
      for (const Json& name : node["out"].items()) made.out.push_back(name.as_string());
      nodes_.push_back(std::move(made));
    }
    input_ = work["graph"]["input"].as_string();
    output_ = work["graph"]["output"].as_string();
  }

  Tensor forward(const Tensor& x) {
    std::map<std::string, Tensor> values = values_;
    values[input_] = x;
    for (const Node& node : nodes_) run(node, values);
    return values.at(output_);
  }

  // In the order of the weights.
  const std::vector<Tensor>& learned() const { return learned_; }

 private:
  struct Node {
    std::string op;
    std::vector<std::string> in, out;
    Json attributes;
  };
  using Values = std::map<std::string, Tensor>;

  std::vector<std::int64_t> list(const Node& node, const char* name,
                                 std::vector<std::int64_t> fallback = {}) const {
    return node.attributes.contains(name) ? integers_of(node.attributes[name]) : fallback;
  }
  // Of an integer input, or of the attribute.
  std::vector<std::int64_t> list_of(const Node& node, std::size_t i, const char* name) const {
    return node.in.size() > i ? integers_.at(node.in[i]) : list(node, name);
  }

  Tensor convolve(const Node& node, Tensor x, const Tensor& w, const Tensor& bias) const {
    const std::size_t axes = static_cast<std::size_t>(w.dim()) - 2;
    const auto pads = list(node, "pads", std::vector<std::int64_t>(2 * axes, 0));
    std::vector<std::int64_t> even(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
    if (axes == 1 && pads[0] != pads[1]) {
      x = torch::constant_pad_nd(x, {pads[0], pads[1]});
      even = {0};
    }
    const auto strides = list(node, "strides", std::vector<std::int64_t>(axes, 1));
    const auto dilations = list(node, "dilations", std::vector<std::int64_t>(axes, 1));
    const std::int64_t group = node.attributes["group"].as_integer(1);
    return torch::convolution(x, w, bias, strides, even, dilations, false,
                              std::vector<std::int64_t>(axes, 0), group);
  }

  // ONNX's gates input, output, forget, cell in torch's order input, forget, cell, output.
  static Tensor gates_for_torch(const Tensor& rows) {
    const auto parts = rows.chunk(4, 0);
    return torch::cat({parts[0], parts[2], parts[3], parts[1]}, 0);
  }
  static void run_lstm(const Node& node, const std::vector<Tensor>& in, Values& values) {
    const Tensor bias = in[3][0];
    const std::int64_t half = bias.size(0) / 2, units = in[2].size(2);
    const std::vector<Tensor> weights = {gates_for_torch(in[1][0]), gates_for_torch(in[2][0]),
                                         gates_for_torch(bias.slice(0, 0, half)),
                                         gates_for_torch(bias.slice(0, half))};
    const Tensor zero = torch::zeros({1, in[0].size(1), units});
    const auto [states, last, cell] =
        torch::lstm(in[0], {zero, zero}, weights, true, 1, 0, true, false, false);
    values[node.out[0]] = states.unsqueeze(1);
    if (node.out.size() > 1) values[node.out[1]] = last;
  }

  void run(const Node& node, Values& values) const {
    std::vector<Tensor> in;
    for (const std::string& name : node.in) {
      const auto found = values.find(name);
      in.push_back(found == values.end() ? Tensor() : found->second);
    }
    if (node.op == "LSTM") return run_lstm(node, in, values);
    values[node.out[0]] = result(node, in);
  }

  Tensor result(const Node& node, const std::vector<Tensor>& in) const {
    const std::string& op = node.op;
    if (op == "Conv") return convolve(node, in[0], in[1], in.size() > 2 ? in[2] : Tensor());
    if (op == "BatchNormalization") {
      return torch::batch_norm(in[0], in[1], in[2], in[3], in[4], true, 0.1,
                               node.attributes["epsilon"].as_number(), false);
    }
    if (op == "LayerNormalization") {
      return torch::layer_norm(in[0], {in[0].size(-1)}, in[1], in[2],
                               node.attributes["epsilon"].as_number());
    }
    if (op == "Gemm") return torch::linear(in[0], in[1], in[2]);
    if (op == "MatMul") return torch::matmul(in[0], in[1]);
    if (op == "Relu") return torch::relu(in[0]);
    if (op == "Erf") return torch::erf(in[0]);
    if (op == "Add") return in[0] + in[1];
    if (op == "Mul") return in[0] * in[1];
    if (op == "Div") return in[0] / in[1];
    if (op == "Softmax") return torch::softmax(in[0], -1);
    if (op == "Flatten") return in[0].flatten(1);
    if (op == "GlobalAveragePool") return in[0].mean({2, 3}, true);
    if (op == "MaxPool") return torch::max_pool2d(in[0], list(node, "kernel_shape"));
    if (op == "Transpose") return in[0].permute(list(node, "perm"));
    if (op == "Squeeze") return in[0].squeeze(list_of(node, 1, "axes").front());
    if (op == "ReduceMean") {
      return in[0].mean(list(node, "axes"), node.attributes["keepdims"].as_integer(1) != 0);
    }
    if (op == "Reshape") {
      auto sizes = integers_.at(node.in[1]);
      for (std::size_t d = 0; d < sizes.size(); ++d) {
        if (sizes[d] == 0) sizes[d] = in[0].size(static_cast<std::int64_t>(d));
      }
      return in[0].reshape(sizes);
    }
    TORCH_CHECK(false, "no function of torch for operator ", op);
  }

  std::vector<Node> nodes_;
  Values values_;
  std::map<std::string, std::vector<std::int64_t>> integers_;
  std::vector<Tensor> learned_;
  std::string input_, output_;
};

}  // namespace tenbin::bench
