// SPDX-License-Identifier: Apache-2.0
#include "compress/layer_samples.h"

#include "compress/trained_case.h"

namespace tenbin {
namespace {

Tensor noise(Shape shape, std::uint64_t seed) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(seed);
  for (float& v : out.data<float>()) v = static_cast<float>(random.normal());
  return out;
}

struct Row {
  const char* why;
  const char* op;
  Shape input, weights;
  Attributes attributes;
};

// With every place sampled, samples times weights are the layer's own outputs, in order.
TEST(LayerSamples, TimesTheWeightsAreTheOutputs) {
  using Integers = std::vector<std::int64_t>;
  const Row rows[] = {
      {"dense", "MatMul", {5}, {5, 3}, {}},
      {"dense, outputs first", "Gemm", {5}, {3, 5}, {{"transB", std::int64_t{1}}}},
      {"dense of each place in a row", "MatMul", {4, 5}, {5, 3}, {}},
      {"padded patches", "Conv", {2, 5, 6}, {4, 2, 3, 3}, {{"pads", Integers{1, 1, 1, 1}}}},
      {"strides and holes",
       "Conv",
       {2, 9, 8},
       {3, 2, 3, 2},
       {{"strides", Integers{2, 1}},
        {"dilations", Integers{1, 2}},
        {"pads", Integers{0, 1, 2, 0}}}},
      {"depthwise", "Conv", {4, 6, 6}, {4, 1, 3, 3}, {{"group", std::int64_t{4}}}},
      {"groups", "Conv", {4, 5, 5}, {6, 2, 1, 1}, {{"group", std::int64_t{2}}}},
      {"one axis", "Conv", {2, 9}, {3, 2, 3}, {}}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    GraphBuilder b;
    Shape shape = row.input;
    shape.insert(shape.begin(), -1);
    const auto x = b.input("x", ElementType::kFloat32, shape);
    const Tensor weights = noise(row.weights, 3);
    b.output(b.node(row.op, {x, b.constant("w", weights)}, row.attributes), "y");
    const Graph graph = std::move(b).build().value();
    shape[0] = 19;
    const Tensor in = noise(shape, 4);
    const Tensor out = values_of(graph, "y", in).value();
    const auto samples = sample_inputs(graph, "x", graph.nodes[0], row.weights, in, 100000);
    ASSERT_TRUE(samples.ok()) << samples.error().to_string();
    const LayerMatrix m = matrix_of(graph.nodes[0], row.weights);
    const std::size_t count = samples->size() / m.groups / m.inputs;
    const std::size_t channels = m.groups * m.outputs;
    ASSERT_EQ(count * channels, static_cast<std::size_t>(out.count()));
    const std::size_t places = count / 19;
    const bool channels_first = std::string(row.op) == "Conv";
    for (std::size_t i = 0; i < count * channels; ++i) {
      const std::size_t s = i / channels, c = i % channels, g = c / m.outputs;
      double sum = 0;
      for (std::size_t k = 0; k < m.inputs; ++k) {
        sum += static_cast<double>((*samples)[(g * count + s) * m.inputs + k]) *
               static_cast<double>(weights.data<float>()[m.weight(g, k, c % m.outputs)]);
      }
      const std::size_t at = channels_first ? (s / places * channels + c) * places + s % places : i;
      ASSERT_NEAR(out.data<float>()[at], sum, 1e-4) << i;
    }
  }
}

TEST(LayerSamples, TakesAtMostWhatIsAsked) {
  const Graph net = make_mlp(6, {4}, 2, 1).value();
  const Tensor in = noise({100, 6}, 5);
  const Shape weights = net.initializers.at(net.nodes[0].inputs[1]).shape();
  const auto some = sample_inputs(net, "x", net.nodes[0], weights, in, 40).value();
  ASSERT_EQ(some.size(), 240U);
  std::size_t next = 0;  // each sample is a row, in the order of rows
  for (std::size_t row = 0; row < 100 && next < 40; ++row) {
    next += std::equal(some.begin() + static_cast<std::ptrdiff_t>(next * 6),
                       some.begin() + static_cast<std::ptrdiff_t>(next * 6 + 6),
                       in.data<float>().begin() + static_cast<std::ptrdiff_t>(row * 6));
  }
  EXPECT_EQ(next, 40U);
}

}  // namespace
}  // namespace tenbin
