// SPDX-License-Identifier: Apache-2.0
// Training through 8-bit grids: forwards values are rounded, backwards gradients pass in reach.
#include <gtest/gtest.h>

#include "engine/gradient_case.h"
#include "engine/inference_plan.h"
#include "graph/builder.h"

namespace tenbin {
namespace {

constexpr std::int64_t kClasses = 3;

Tensor noise(Shape shape, std::uint64_t seed, double size = 0.5) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(seed);
  for (float& v : out.data<float>()) v = static_cast<float>(size * random.normal());
  return out;
}

// Whole numbers times `unit`.
Tensor whole(Shape shape, std::uint64_t seed, double size, float unit = 1) {
  Tensor out = noise(std::move(shape), seed, size);
  for (float& v : out.data<float>()) v = std::nearbyint(v) * unit;
  return out;
}

class Net {
 public:
  GraphBuilder b;
  bool rounds = true;  // else Clip stands in for the grids of activations, and weights are plain

  // On the grid of 8 bits in steps of `scale`; what it passes backwards is what Clip does.
  std::string grid(const std::string& value, float scale, bool negative) {
    if (!rounds) {
      const float least = negative ? -128.49F * scale : -0.49F * scale;
      const float most = (negative ? 127.49F : 255.49F) * scale;
      return b.node("Clip", {value, b.constant("least", Tensor::scalar(least)),
                             b.constant("most", Tensor::scalar(most))});
    }
    const auto s = b.constant("s", Tensor::scalar(scale));
    const auto z = b.constant(
        "z", negative ? Tensor::scalar(std::int8_t{0}) : Tensor::scalar(std::uint8_t{0}));
    return b.node("DequantizeLinear", {b.node("QuantizeLinear", {value, s, z}), s, z});
  }
  std::string weights(const std::string& name, Tensor value, std::int64_t axis, float scale) {
    const std::int64_t outputs = value.shape()[static_cast<std::size_t>(axis)];
    const auto w = b.constant(name, std::move(value));
    if (!rounds) return w;
    Tensor scales(ElementType::kFloat32, {outputs});
    for (float& v : scales.data<float>()) v = scale;
    const auto s = b.constant("ws", scales);
    const auto z = b.constant("wz", Tensor(ElementType::kInt8, {outputs}));
    const Attributes along = {{"axis", axis}};
    return b.node("DequantizeLinear", {b.node("QuantizeLinear", {w, s, z}, along), s, z}, along);
  }
};

// A convolution, a depthwise one with a stride, and dense layers, on grids of whole numbers: of
// rows of whole numbers all is exact, but for half a step where values are cut.
Graph net_of(bool rounds) {
  constexpr float kUnit = 1.0F / 1024;
  Net n;
  n.rounds = rounds;
  const std::vector<std::int64_t> pads = {1, 1, 1, 1};
  auto v = n.b.input("x", ElementType::kFloat32, {-1, 3, 6, 6});
  v = n.grid(v, 1, true);
  v = n.b.node(
      "Conv",
      {v, n.weights("c", whole({20, 3, 3, 3}, 1, 1), 0, 1), n.b.constant("cb", whole({20}, 2, 3))},
      {{"pads", pads}});
  v = n.grid(n.b.node("Relu", {v}), 1, false);
  v = n.b.node(
      "Conv", {v, n.weights("d", whole({20, 1, 3, 3}, 3, 1), 0, 1)},
      {{"pads", pads}, {"group", std::int64_t{20}}, {"strides", std::vector<std::int64_t>{2, 2}}});
  v = n.b.node("Flatten", {n.grid(v, 1, true)});
  v = n.b.node(
      "Gemm",
      {v, n.weights("g", whole({12, 180}, 4, 1), 0, 1), n.b.constant("gb", whole({12}, 5, 9))},
      {{"transB", std::int64_t{1}}});
  v = n.grid(n.b.node("Relu", {v}), 1, false);
  const Tensor last = whole({12, kClasses}, 6, 3, kUnit);
  n.b.output(n.b.node("MatMul", {v, n.weights("m", last, 1, kUnit)}), "y");
  auto graph = std::move(n.b).build();
  EXPECT_TRUE(graph.ok()) << graph.error().to_string();
  return *graph;
}

TrainCase whole_rows(const Graph& graph, std::int64_t rows) {
  TrainCase data = random_case(graph, rows, kClasses);
  for (float& x : data.features) x = std::nearbyint(2 * x);
  return data;
}

// How far weights fall in one step of rate 1: their gradient.
std::map<std::string, std::vector<float>> gradients(const Graph& graph, const TrainCase& data,
                                                    TrainOptions options = {}) {
  options.optimizer = OptimizerKind::kSgd;
  options.momentum = 0;
  options.weight_decay = 0;
  auto plan = TrainPlan::compile(graph, data.rows, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  (*plan)->step(data.batch(), 1.0);
  const Graph after = (*plan)->export_graph();
  std::map<std::string, std::vector<float>> out;
  for (const std::string& name : find_learned(graph).weights) {
    const auto from = graph.initializers.at(name).data<float>();
    const auto to = after.initializers.at(name).data<float>();
    for (std::size_t i = 0; i < from.size(); ++i) out[name].push_back(from[i] - to[i]);
  }
  return out;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double off = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    off += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    size += std::pow(static_cast<double>(a[i]), 2);
  }
  return std::sqrt(off / size);
}

TEST(TrainGrid, GradientsAreThoseOfClipsInTheirPlaces) {
  const struct {
    const char* why;
    int threads;
    Precision precision;
    double most;
  } rows[] = {{"one thread", 1, Precision::kFloat32, 5e-3},
              {"in shards", 2, Precision::kFloat32, 5e-3},
              {"in bfloat16", 1, Precision::kBfloat16, 0.05}};
  for (const auto& row : rows) {
    if (!check_precision(row.precision).ok()) continue;
    SCOPED_TRACE(row.why);
    const Graph on_grids = net_of(true), clipped = net_of(false);
    const TrainCase data = whole_rows(on_grids, 32);
    TrainOptions options;
    options.threads = row.threads;
    const auto wanted = gradients(clipped, data, options);
    options.precision = row.precision;
    const auto found = gradients(on_grids, data, options);
    ASSERT_EQ(found.size(), 6U) << "two convolutions, two dense layers, two biases";
    for (const auto& [name, gradient] : found) {
      EXPECT_LT(distance(wanted.at(name), gradient), row.most) << name;
    }
  }
}

// Of rounded weights the gradient is that of a plain network which has them; none beyond reach.
TEST(TrainGrid, WeightsAreRoundedForwardsAndStoppedBeyondReach) {
  constexpr float kScale = 0.01F;  // reaches from -1.28 to 1.27
  const auto build = [&](bool rounds, Tensor w) {
    Net n;
    n.rounds = rounds;
    const auto x = n.b.input("x", ElementType::kFloat32, {-1, 5});
    n.b.output(n.b.node("MatMul", {x, n.weights("w", std::move(w), 1, kScale)}), "y");
    return std::move(n.b).build().value();
  };
  Tensor w = noise({5, kClasses}, 7, 1), rounded = w;
  int beyond = 0;
  for (float& v : rounded.data<float>()) {
    const float steps = std::nearbyint(v / kScale);
    beyond += steps < -128 || steps > 127 ? 1 : 0;
    v = std::clamp(steps, -128.0F, 127.0F) * kScale;
  }
  ASSERT_GT(beyond, 1);
  const Graph graph = build(true, w);
  const TrainCase data = random_case(graph, 16, kClasses);
  const auto found = gradients(graph, data).at("w");
  const auto wanted = gradients(build(false, rounded), data).at("w");
  for (std::size_t i = 0; i < found.size(); ++i) {
    const float steps = std::nearbyint(w.data<float>()[i] / kScale);
    const bool in_reach = steps >= -128 && steps <= 127;
    EXPECT_NEAR(found[i], in_reach ? wanted[i] : 0.0F, 1e-6) << i;
  }
}

TEST(TrainGrid, ScoresAndInfersWithRoundedWeights) {
  const Graph graph = net_of(true);
  const TrainCase data = whole_rows(graph, 16);
  TrainOptions options;
  options.loss = Loss::kMeanSquaredError;  // whose predictions are the network's own
  auto plan = TrainPlan::compile(graph, 16, options).value();
  std::vector<float> scored(16 * kClasses), inferred(scored.size());
  ASSERT_TRUE(plan->predict(data.batch(), scored).ok());
  auto compiled = InferencePlan::compile(graph, 16, 1);
  ASSERT_TRUE(compiled.ok()) << compiled.error().to_string();
  (*compiled)->run(data.features, inferred);
  EXPECT_LT(distance(inferred, scored), 1e-5);
  const auto& kernels = (*compiled)->kernels();
  EXPECT_EQ(std::ranges::any_of(
                kernels, [](const std::string& name) { return name.starts_with("conv_int8"); }),
            has_exact_int8());
}

TEST(TrainGrid, RefusesIntegersThatStayIntegers) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  const auto s = b.constant("s", Tensor::scalar(0.1F));
  const auto z = b.constant("z", Tensor::scalar(std::int8_t{0}));
  const auto q = b.node("QuantizeLinear", {x, s, z});
  const auto p = b.node("MaxPool", {q}, {{"kernel_shape", std::vector<std::int64_t>{1}}});
  const auto w = b.constant("w", noise({4, 3}, 1));
  b.output(b.node("MatMul", {b.node("DequantizeLinear", {p, s, z}), w}), "y");
  const auto graph = std::move(b).build();
  if (!graph.ok()) return;
  const auto plan = TrainPlan::compile(*graph, 4, {});
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code(), ErrorCode::kUnsupportedOp);
}

}  // namespace
}  // namespace tenbin
