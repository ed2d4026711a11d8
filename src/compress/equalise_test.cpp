// SPDX-License-Identifier: Apache-2.0
#include "compress/equalise.h"

#include "compress/calibrate.h"
#include "compress/insert_grids.h"
#include "compress/trained_case.h"

namespace tenbin {
namespace {

struct Net {
  GraphBuilder b;
  Random random{9};
  // Outputs (the first axis) of very different ranges: one step for all would fit few of them.
  std::string weight(Shape shape, double spread) {
    Tensor w(ElementType::kFloat32, shape);
    const auto each = static_cast<std::size_t>(w.count() / shape[0]);
    const auto data = w.data<float>();
    for (std::size_t i = 0; i < data.size(); ++i) {
      const double size = std::exp(spread * std::sin(static_cast<double>(i / each) * 2.1));
      data[i] = static_cast<float>(0.3 * size * random.normal());
    }
    return b.constant("w", std::move(w));
  }
  std::string bias(std::int64_t n) {
    Tensor w(ElementType::kFloat32, {n});
    for (float& v : w.data<float>()) v = static_cast<float>(random.normal());
    return b.constant("bias", std::move(w));
  }
};

// Conv, depthwise Conv, 1x1 Conv, pooling, dense layers both ways round.
Graph uneven_net() {
  Net n;
  const std::vector<std::int64_t> pads = {1, 1, 1, 1};
  auto v = n.b.input("x", ElementType::kFloat32, {-1, 2, 8, 8});
  v = n.b.node("Conv", {v, n.weight({8, 2, 3, 3}, 1.5), n.bias(8)}, {{"pads", pads}});
  v = n.b.node("Relu", {v});
  v = n.b.node("Conv", {v, n.weight({8, 1, 3, 3}, 1.5), n.bias(8)},
               {{"pads", pads}, {"group", std::int64_t{8}}});
  v = n.b.node("LeakyRelu", {v});
  v = n.b.node("Conv", {v, n.weight({12, 8, 1, 1}, 1.5)});
  v = n.b.node("MaxPool", {n.b.node("Relu", {v})},
               {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                {"strides", std::vector<std::int64_t>{2, 2}}});
  v = n.b.node("Flatten", {v});
  v = n.b.node("Gemm", {v, n.weight({20, 12 * 16}, 1.5), n.bias(20)},
               {{"transB", std::int64_t{1}}});
  v = n.b.node("MatMul", {n.b.node("Relu", {v}), n.weight({20, 6}, 0.5)});
  n.b.output(v, "logits");
  return std::move(n.b).build().value();
}

// Ratio of the largest to the smallest range among outputs of a layer's weights.
double unevenness(const Graph& graph, const OpCall& node) {
  const Tensor& weights = graph.initializers.at(node.inputs[1]);
  const auto each = static_cast<std::size_t>(weights.count() / weights.shape()[0]);
  double least = INFINITY, most = 0;
  for (std::size_t o = 0; o < static_cast<std::size_t>(weights.shape()[0]); ++o) {
    double top = 0;
    for (const float w : weights.data<float>().subspan(o * each, each)) {
      top = std::max(top, std::fabs(static_cast<double>(w)));
    }
    least = std::min(least, top);
    most = std::max(most, top);
  }
  return most / least;
}

TEST(Equalise, KeepsTheFunctionAndBringsChannelsTogether) {
  const Graph before = uneven_net();
  Graph after = before;
  const auto pairs = equalise_layers(after);
  ASSERT_TRUE(pairs.ok()) << pairs.error().to_string();
  EXPECT_EQ(pairs.value(), 4);
  const Tensor rows = rows_of_classes(before, 32, 6).rows;
  const auto wanted = logits_of(before, rows), found = logits_of(after, rows);
  EXPECT_LT(std::sqrt(relative_error(wanted, found)), 1e-4);
  for (std::size_t i = 0; i + 1 < before.nodes.size(); ++i) {
    const OpCall& node = before.nodes[i];
    if (node.op != "Conv") continue;
    EXPECT_LT(unevenness(after, node), 0.7 * unevenness(before, node)) << node.name;
  }
}

// With one step for a whole layer, as backends without a scale for each output have it.
Graph weights_on_one_step(Graph graph) {
  for (const OpCall& node : graph.nodes) {
    if (node.op != "Conv" && node.op != "Gemm" && node.op != "MatMul") continue;
    const auto data = graph.initializers.at(node.inputs[1]).data<float>();
    float top = 0;
    for (const float w : data) top = std::max(top, std::fabs(w));
    for (float& w : data) w = std::nearbyint(w / top * 127) * top / 127;
  }
  return graph;
}

// The same function with channels between the first two dense layers scaled apart.
Graph scaled_apart(Graph graph) {
  std::vector<const OpCall*> dense;
  for (const OpCall& node : graph.nodes) {
    if (node.op == "Gemm" || node.op == "MatMul") dense.push_back(&node);
  }
  Tensor &first = graph.initializers.at(dense[0]->inputs[1]),
         &second = graph.initializers.at(dense[1]->inputs[1]);
  const bool rows_out = dense[0]->integer("transB", 0) != 0;
  const bool rows_in = dense[1]->integer("transB", 0) == 0;
  const auto channels = static_cast<std::size_t>(first.shape()[rows_out ? 0 : 1]);
  const auto scale = [&](Tensor& t, bool rows, double sign) {
    const std::size_t each = static_cast<std::size_t>(t.count()) / channels;
    for (std::size_t i = 0; i < t.data<float>().size(); ++i) {
      const std::size_t c = rows ? i / each : i % channels;
      t.data<float>()[i] *=
          static_cast<float>(std::exp(sign * 2.5 * std::sin(2.1 * static_cast<double>(c))));
    }
  };
  scale(first, rows_out, 1);
  scale(second, rows_in, -1);
  scale(graph.initializers.at(dense[0]->inputs[2]), true, 1);
  return graph;
}

TEST(Equalise, OneStepALayerFitsBetter) {
  const TrainedCase net = trained_mlp();
  const Graph before = scaled_apart(net.graph);
  const auto wanted = logits_of(net.graph, net.rows);
  ASSERT_LT(relative_error(wanted, logits_of(before, net.rows)), 1e-8);
  Graph after = before;
  ASSERT_EQ(equalise_layers(after).value(), 2);
  EXPECT_LT(relative_error(wanted, logits_of(weights_on_one_step(after), net.rows)),
            0.1 * relative_error(wanted, logits_of(weights_on_one_step(before), net.rows)));
}

TEST(Equalise, StaysOnGridsAsRuntimeReadsThem) {
  const TrainedCase net = trained_cnn();
  Graph graph = net.graph;
  ASSERT_GT(equalise_layers(graph).value(), 0);
  const Ranges ranges = calibrate(graph, grid_values(graph), net.rows).value();
  const Graph stored = insert_grids(graph, ranges).value();
  EXPECT_LT(relative_error(logits_of(net.graph, net.rows), logits_of(stored, net.rows)), 0.01);
  expect_runtime_agrees(stored, net.rows, 6);
}

TEST(Equalise, LeavesWhatItWouldChange) {
  const struct {
    const char* why;
    Graph graph;
  } rows[] = {{"a sigmoid does not scale",
               [] {
                 Net n;
                 const auto x = n.b.input("x", ElementType::kFloat32, {-1, 6});
                 const auto h = n.b.node("Sigmoid", {n.b.node("MatMul", {x, n.weight({6, 6}, 1)})});
                 n.b.output(n.b.node("MatMul", {h, n.weight({6, 6}, 1)}), "logits");
                 return std::move(n.b).build().value();
               }()},
              {"two read the value",
               [] {
                 Net n;
                 const auto x = n.b.input("x", ElementType::kFloat32, {-1, 6});
                 const auto h = n.b.node("Relu", {n.b.node("MatMul", {x, n.weight({6, 6}, 1)})});
                 const auto y = n.b.node("MatMul", {h, n.weight({6, 6}, 1)});
                 n.b.output(n.b.node("Add", {h, y}), "logits");
                 return std::move(n.b).build().value();
               }()},
              {"two layers share their weights", [] {
                 Net n;
                 const auto x = n.b.input("x", ElementType::kFloat32, {-1, 6});
                 const auto w = n.weight({6, 6}, 1);
                 n.b.output(n.b.node("MatMul", {n.b.node("Relu", {n.b.node("MatMul", {x, w})}), w}),
                            "logits");
                 return std::move(n.b).build().value();
               }()}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    Graph graph = row.graph;
    EXPECT_EQ(equalise_layers(graph).value(), 0);
    for (const auto& [name, tensor] : row.graph.initializers) {
      EXPECT_EQ(graph.initializers.at(name), tensor) << name;
    }
  }
}

}  // namespace
}  // namespace tenbin
