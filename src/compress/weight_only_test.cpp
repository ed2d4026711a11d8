// SPDX-License-Identifier: Apache-2.0
#include "compress/weight_only.h"

#include "compress/gptq.h"
#include "compress/insert_grids.h"
#include "compress/trained_case.h"

namespace tenbin {
namespace {

std::size_t bytes_of(const Graph& graph) {
  Model model;
  model.graph = graph;
  return write_onnx(model).value().size();
}

TEST(WeightOnly, FilesShrinkAnswersStayAndRuntimeReadsThem) {
  const struct {
    const char* why;
    TrainedCase net;
    WeightOnlyOptions options;
    double error, size;  // at most; of the answers' mean square, and of the file in floats
  } rows[] = {{"8 bits of convolutions", trained_cnn(), {8, 0, 256}, 2e-4, 0.4},
              {"8 bits of dense layers", trained_mlp(), {8, 0, 256}, 2e-4, 0.45},
              {"8 bits in groups", trained_mlp(), {8, 8, 256}, 1e-4, 0.75},
              {"4 bits, a scale an output", trained_cnn(), {4, 0, 256}, 0.05, 0.4},
              {"4 bits in groups", trained_mlp(), {4, 8, 256}, 0.03, 0.75},
              {"a group that does not divide", trained_mlp(), {4, 7, 256}, 0.05, 0.6}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto stored = store_weights(row.net.graph, row.options);
    ASSERT_TRUE(stored.ok()) << stored.error().to_string();
    const auto wanted = logits_of(row.net.graph, row.net.rows);
    const double error = relative_error(wanted, logits_of(*stored, row.net.rows));
    EXPECT_LT(error, row.error);
    EXPECT_GT(error, 0) << "nothing was rounded";
    EXPECT_LT(static_cast<double>(bytes_of(*stored)),
              row.size * static_cast<double>(bytes_of(row.net.graph)));
    const auto theirs = runtime_logits(*stored, row.net.rows);
    if (theirs.empty()) continue;
    EXPECT_LT(relative_error(logits_of(*stored, row.net.rows), theirs), 1e-8);
  }
}

// On their own grid, weights come back exactly, whichever axis counts outputs.
TEST(WeightOnly, StepsComeBackExactly) {
  Tensor weights(ElementType::kFloat32, {3, 5, 1, 3});  // an odd number of weights
  for (std::size_t i = 0; i < weights.data<float>().size(); ++i) {
    weights.data<float>()[i] = 0.25F * static_cast<float>(static_cast<int>(i * 5 % 15) - 7);
  }
  for (const bool turned : {false, true}) {
    Tensor matrix = weights;
    if (turned) matrix.reshape({9, 5});
    GraphBuilder b;
    const auto x = turned ? b.input("x", ElementType::kFloat32, {-1, 9})
                          : b.input("x", ElementType::kFloat32, {-1, 5, 2, 6});
    const auto w = b.constant("w", matrix);
    b.output(turned ? b.node("MatMul", {x, w}) : b.node("Conv", {x, w}), "logits");
    const Graph graph = std::move(b).build().value();
    TrainedCase data = rows_of_classes(graph, 8, 2);
    const Graph stored = store_weights(graph, {4, 0, 1}).value();
    EXPECT_FALSE(stored.initializers.contains("w"));
    EXPECT_LT(relative_error(logits_of(graph, data.rows), logits_of(stored, data.rows)), 1e-12);
  }
}

TEST(WeightOnly, TablesAndRecurrentWeightsAreStoredToo) {
  GraphBuilder b;
  Random random(3);
  const auto noise = [&](Shape shape) {
    Tensor t(ElementType::kFloat32, std::move(shape));
    for (float& v : t.data<float>()) v = static_cast<float>(0.3 * random.normal());
    return t;
  };
  const auto x = b.input("x", ElementType::kFloat32, {-1, 6});
  const auto index = b.node("Cast", {x}, {{"to", std::int64_t{7}}});
  const auto words = b.node("Gather", {b.constant("table", noise({20, 8})), index});
  const auto steps = b.node("Transpose", {words}, {{"perm", std::vector<std::int64_t>{1, 0, 2}}});
  const auto state = b.nodes(
      "LSTM", {steps, b.constant("in", noise({1, 16, 8})), b.constant("back", noise({1, 16, 4}))},
      2, {{"hidden_size", std::int64_t{4}}});
  const auto axes = b.constant("axes", Tensor::of<std::int64_t>({1}, {0}));
  const auto last = b.node("Squeeze", {state[1], axes});
  b.output(b.node("MatMul", {last, b.constant("w", noise({4, 3}))}), "logits");
  auto graph = std::move(b).build();
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  Tensor rows(ElementType::kFloat32, {32, 6});
  for (float& v : rows.data<float>()) v = static_cast<float>(random.below(20));
  for (const int bits : {8, 4}) {
    const auto stored = store_weights(*graph, {bits, 0, 16});
    ASSERT_TRUE(stored.ok()) << stored.error().to_string();
    for (const char* name : {"table", "in", "back"}) {
      EXPECT_FALSE(stored->initializers.contains(name)) << name;
    }
    EXPECT_TRUE(stored->initializers.contains("w")) << "too small";
    EXPECT_LT(relative_error(logits_of(*graph, rows), logits_of(*stored, rows)),
              bits == 8 ? 1e-3 : 0.1);
    const auto theirs = runtime_logits(*stored, rows);
    if (!theirs.empty()) {
      EXPECT_LT(relative_error(logits_of(*stored, rows), theirs), 1e-6);
    }
  }
}

TEST(WeightOnly, TakesWeightsRoundedInSequence) {
  const TrainedCase net = trained_mlp();
  const Ranges ranges = calibrate(net.graph, grid_values(net.graph), net.rows).value();
  const ChosenWeights chosen =
      round_in_sequence(net.graph, ranges, net.rows, {}, {1024, 7}).value();
  const Graph plain = store_weights(net.graph, {4, 0, 1}).value();
  const Graph better = store_weights(net.graph, {4, 0, 1}, {}, chosen).value();
  const auto wanted = logits_of(net.graph, net.rows);
  EXPECT_LT(relative_error(wanted, logits_of(better, net.rows)),
            0.75 * relative_error(wanted, logits_of(plain, net.rows)));
  const auto refused =
      store_weights(net.graph, {4, 0, 1}, {},
                    round_in_sequence(net.graph, ranges, net.rows, {}, {64, 127}).value());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().to_string().find("expected at most 7 for 4 bits"), std::string::npos);
}

TEST(WeightOnly, RefusesOtherBits) {
  const auto refused = store_weights(trained_mlp().graph, {3, 0, 1});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().to_string().find("expected 4 or 8 bits"), std::string::npos);
}

}  // namespace
}  // namespace tenbin
