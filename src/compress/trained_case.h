// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "compress/observe.h"
#include "engine/onnxruntime/ort_session.h"
#include "engine/precision.h"
#include "engine/train_case.h"
#include "graph/builder.h"
#include "graph/nets/nets.h"
#include "graph/onnx.h"
#include "graph/rewrites/rewrites.h"

// Small networks trained on rows that can be learned, for tests of what makes them cheaper.
namespace tenbin {

struct TrainedCase {
  Graph graph;  // batch normalisation folded
  Tensor rows;  // [n, ...]
  std::vector<std::int64_t> labels;
};

// Each row is the pattern of its class, smooth over neighbours, with noise.
inline TrainedCase rows_of_classes(const Graph& net, std::int64_t n, std::int64_t classes) {
  TrainedCase out;
  Shape shape = net.inputs.front().shape;
  shape[0] = n;
  out.rows = Tensor(ElementType::kFloat32, shape);
  const auto width = static_cast<std::size_t>(out.rows.count() / n);
  Random noise(7, 2), choice(7, 3);
  for (std::int64_t row = 0; row < n; ++row) {
    const auto label = choice.below(static_cast<std::uint64_t>(classes));
    out.labels.push_back(static_cast<std::int64_t>(label));
    for (std::size_t i = 0; i < width; ++i) {
      const double phase = static_cast<double>(i) * (0.11 + 0.07 * static_cast<double>(label));
      out.rows.data<float>()[static_cast<std::size_t>(row) * width + i] =
          static_cast<float>(0.6 * std::sin(phase) + 0.9 * noise.normal());
    }
  }
  return out;
}

inline Graph train_on(const Graph& net, const TrainedCase& data, int steps, double rate = 2e-3) {
  constexpr std::int64_t kBatch = 32;
  TrainOptions options;
  auto plan = TrainPlan::compile(net, kBatch, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  const std::int64_t n = data.rows.shape()[0];
  const auto width = static_cast<std::size_t>(data.rows.count() / n);
  for (int step = 0; step < steps; ++step) {
    const auto first = static_cast<std::size_t>(step % (n / kBatch) * kBatch);
    Batch batch;
    batch.rows = kBatch;
    batch.features = data.rows.data<float>().subspan(first * width, kBatch * width);
    batch.labels = std::span(data.labels).subspan(first, kBatch);
    (*plan)->step(batch, rate);
  }
  return (*plan)->export_graph();
}

inline TrainedCase trained(const Graph& net, std::int64_t classes, int steps = 120) {
  TrainedCase out = rows_of_classes(net, 256, classes);
  out.graph = train_on(net, out, steps);
  EXPECT_TRUE(fold_batch_norm(out.graph).ok());
  EXPECT_TRUE(remove_identities(out.graph).ok());
  return out;
}

inline TrainedCase trained_cnn() {
  CnnShape shape;
  shape.stages = {{12, 1, 3, true, true}, {16, 1, 3, true, true}};
  shape.dense = {32};
  shape.batch_norm = true;
  return trained(make_cnn(2, 12, 12, 6, shape, 3).value(), 6);
}
inline TrainedCase trained_mlp() { return trained(make_mlp(24, {48, 32}, 6, 5).value(), 6, 250); }

// Logits of all rows, by our engine.
inline std::vector<float> logits_of(const Graph& graph, const Tensor& rows) {
  const auto out = values_of(graph, graph.outputs.front().name, rows);
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  const auto data = out->data<float>();
  return {data.begin(), data.end()};
}

// The same by ONNX Runtime, from the written file; empty where it is not installed.
inline std::vector<float> runtime_logits(const Graph& graph, const Tensor& rows) {
  if (!onnxruntime_version().ok()) return {};
  if (!has_exact_int8() && std::ranges::any_of(graph.nodes, [](const OpCall& node) {
        return node.op == "QuantizeLinear";
      })) {
    return {};  // its sums of integers are cut on this processor
  }
  Model model;
  model.graph = graph;
  model.graph.inputs.front().shape[0] = -1;
  const auto bytes = write_onnx(model);
  EXPECT_TRUE(bytes.ok()) << bytes.error().to_string();
  const auto session = create_onnxruntime_session(*bytes, {});
  EXPECT_TRUE(session.ok()) << session.error().to_string();
  if (!session.ok()) return {};
  const auto out = (*session)->run(std::span(&rows, 1));
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  if (!out.ok()) return {};
  const auto data = out.value()[0].data<float>();
  return {data.begin(), data.end()};
}

// Mean squared difference over mean square of what is wanted.
inline double relative_error(const std::vector<float>& wanted, const std::vector<float>& found) {
  EXPECT_EQ(wanted.size(), found.size());
  double error = 0, size = 0;
  for (std::size_t i = 0; i < std::min(wanted.size(), found.size()); ++i) {
    error += std::pow(static_cast<double>(wanted[i]) - static_cast<double>(found[i]), 2);
    size += std::pow(static_cast<double>(wanted[i]), 2);
  }
  return error / size;
}

inline std::vector<std::size_t> labels_of(const std::vector<float>& logits, std::size_t classes) {
  std::vector<std::size_t> labels;
  for (std::size_t at = 0; at < logits.size(); at += classes) {
    const auto first = logits.begin() + static_cast<std::ptrdiff_t>(at);
    labels.push_back(static_cast<std::size_t>(
        std::max_element(first, first + static_cast<std::ptrdiff_t>(classes)) - first));
  }
  return labels;
}

// Share of rows with the same label.
inline double equal_labels(const std::vector<float>& a, const std::vector<float>& b,
                           std::size_t classes) {
  const auto x = labels_of(a, classes), y = labels_of(b, classes);
  std::size_t same = 0;
  for (std::size_t i = 0; i < x.size(); ++i) same += x[i] == y[i] ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(x.size());
}

// ONNX Runtime reads the graph and answers as we do.
inline void expect_runtime_agrees(const Graph& graph, const Tensor& rows, std::size_t classes) {
  const auto theirs = runtime_logits(graph, rows);
  if (theirs.empty()) return;
  EXPECT_GE(equal_labels(logits_of(graph, rows), theirs, classes), 0.995);
}

inline int count_of_op(const Graph& graph, const std::string& op) {
  return static_cast<int>(
      std::ranges::count_if(graph.nodes, [&](const OpCall& node) { return node.op == op; }));
}

}  // namespace tenbin
