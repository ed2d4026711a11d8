// SPDX-License-Identifier: Apache-2.0
#include "graph/rewrites/rewrites.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/builder.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

using Floats = std::vector<float>;
Tensor vec(const Floats& values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())},
                           std::span<const float>(values));
}

int count_op(const Graph& graph, const std::string& op) {
  int count = 0;
  for (const OpCall& call : graph.nodes) count += call.op == op ? 1 : 0;
  return count;
}

TEST(FoldBatchNorm, ComputesWeightsAndBiasByHand) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 1, 1, 1});
  const auto conv = b.node("Conv", {x, b.constant("w", Tensor::of<float>({2, 1, 1, 1}, {3, 5})),
                                    b.constant("b", vec({1, 2}))});
  const auto norm = b.node("BatchNormalization",
                           {conv, b.constant("s", vec({2, 4})), b.constant("t", vec({10, 20})),
                            b.constant("m", vec({1, 1})), b.constant("v", vec({4, 16}))},
                           {{"epsilon", 0.0f}});
  b.output(norm, "y");
  auto graph = std::move(b).build();
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  const auto folded = fold_batch_norm(*graph);
  ASSERT_TRUE(folded.ok());
  EXPECT_EQ(*folded, 1);
  ASSERT_EQ(graph->nodes.size(), 1u);
  const OpCall& call = graph->nodes[0];
  EXPECT_EQ(call.outputs[0], "y");
  // scale/sqrt(variance) = 1 for both: weights stay, bias = (b - m) + t
  EXPECT_EQ(graph->initializers.at(call.inputs[1]), Tensor::of<float>({2, 1, 1, 1}, {3, 5}));
  EXPECT_EQ(graph->initializers.at(call.inputs[2]), vec({10, 21}));
  EXPECT_EQ(graph->initializers.size(), 2u) << "the old tensors are gone";
}

TEST(FoldBatchNorm, LeavesALayerThatOthersRead) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 2});
  const auto dense = b.node("Gemm", {x, b.constant("w", Tensor::of<float>({2, 2}, {1, 2, 3, 4}))});
  const auto norm = b.node("BatchNormalization",
                           {dense, b.constant("s", vec({2, 4})), b.constant("t", vec({1, 2})),
                            b.constant("m", vec({1, 1})), b.constant("v", vec({4, 16}))});
  b.output(b.node("Add", {dense, norm}), "y");
  auto graph = std::move(b).build();
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(fold_batch_norm(*graph).value(), 0);
  EXPECT_EQ(count_op(*graph, "BatchNormalization"), 1);
}

TEST(FoldBatchNorm, ScalesTheRightAxisOfGemm) {
  for (const bool transposed : {false, true}) {
    GraphBuilder b;
    const auto x = b.input("x", ElementType::kFloat32, {-1, 2});
    const auto dense = b.node("Gemm", {x, b.constant("w", Tensor::of<float>({2, 2}, {1, 2, 3, 4}))},
                              {{"transB", std::int64_t{transposed}}});
    b.output(b.node("BatchNormalization",
                    {dense, b.constant("s", vec({1, 10})), b.constant("t", vec({0, 0})),
                     b.constant("m", vec({0, 0})), b.constant("v", vec({1, 1}))},
                    {{"epsilon", 0.0f}}),
             "y");
    auto graph = std::move(b).build();
    ASSERT_TRUE(graph.ok());
    ASSERT_EQ(fold_batch_norm(*graph).value(), 1);
    const Tensor& w = graph->initializers.at(graph->nodes[0].inputs[1]);
    EXPECT_EQ(w, transposed ? Tensor::of<float>({2, 2}, {1, 2, 30, 40})
                            : Tensor::of<float>({2, 2}, {1, 20, 3, 40}));
  }
}

TEST(Rewrites, AWholeNetLosesNormsAndDropouts) {
  auto graph = make_cnn(1, 28, 28, 10, cnn_28_normalised(), 1);
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(fold_batch_norm(*graph).value(), 2);
  EXPECT_EQ(remove_identities(*graph).value(), 2);
  EXPECT_EQ(count_op(*graph, "Dropout") + count_op(*graph, "BatchNormalization"), 0);
  ASSERT_TRUE(check_and_sort(*graph).ok());
  ASSERT_TRUE(infer_shapes(*graph).ok());
  EXPECT_EQ(to_text(graph->outputs[0].shape), "[-1, 10]");
}

TEST(RemoveIdentities, OutputsKeepTheirNames) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1});
  const auto relu = b.node("Relu", {x});
  b.output(b.node("Identity", {relu}), "y");
  b.output(b.node("Neg", {relu}), "z");
  b.output(b.node("Identity", {x}), "same");  // needs its node: an input cannot be an output
  auto graph = std::move(b).build();
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(remove_identities(*graph).value(), 1);
  ASSERT_TRUE(check_and_sort(*graph).ok());
  EXPECT_EQ(graph->nodes.size(), 3u);
  EXPECT_EQ(graph->nodes[0].outputs[0], "y");
  EXPECT_EQ(graph->nodes[1].inputs[0], "y");
}

TEST(LiftConstants, EveryKindOfNumberBecomesAnInitialiser) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 2});
  const auto tensor = b.node("Constant", {}, {{"value", vec({1, 2})}});
  const auto number = b.node("Constant", {}, {{"value_float", 0.5f}});
  const auto sizes = b.node("Constant", {}, {{"value_ints", std::vector<std::int64_t>{-1, 2}}});
  const auto text = b.node("Constant", {}, {{"value_string", std::string("kept")}});
  const auto sum = b.node("Add", {b.node("Mul", {x, number}), tensor});
  b.output(b.node("Reshape", {sum, sizes}), "y");
  b.output(text, "word");
  auto graph = std::move(b).build();
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  EXPECT_EQ(lift_constants(*graph), 3);
  EXPECT_EQ(count_op(*graph, "Constant"), 1) << "text is no number";
  EXPECT_EQ(graph->initializers.at(tensor), vec({1, 2}));
  EXPECT_EQ(graph->initializers.at(number), Tensor::scalar<float>(0.5f));
  EXPECT_EQ(graph->initializers.at(sizes), Tensor::of<std::int64_t>({2}, {-1, 2}));
  EXPECT_TRUE(check_and_sort(*graph).ok());
}

TEST(Join, PreprocessingNetAndLabels) {
  GraphBuilder pre;
  const auto raw = pre.input("raw", ElementType::kFloat32, {-1, 4});
  pre.output(pre.node("Mul", {raw, pre.constant("w", vec({1, 2, 3, 4}))}), "features");
  auto before = std::move(pre).build();
  auto net = make_mlp(4, {8}, 3, 1);
  GraphBuilder post;
  const auto logits = post.input("logits", ElementType::kFloat32, {-1, 3});
  post.output(post.node("Softmax", {logits}), "probabilities");
  const auto index =
      post.node("ArgMax", {logits}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}});
  post.output(post.node("LabelEncoder", {index},
                        {{"keys_int64s", std::vector<std::int64_t>{0, 1, 2}},
                         {"values_strings", std::vector<std::string>{"a", "b", "c"}}},
                        "ai.onnx.ml"),
              "label");
  auto after = std::move(post).build();
  ASSERT_TRUE(before.ok() && net.ok() && after.ok());
  auto middle = join(*before, *net, {{"x", "features"}});
  ASSERT_TRUE(middle.ok()) << middle.error().to_string();
  auto whole = join(*middle, *after, {{"logits", "logits"}});
  ASSERT_TRUE(whole.ok()) << whole.error().to_string();
  ASSERT_EQ(whole->inputs.size(), 1u);
  EXPECT_EQ(whole->inputs[0].name, "raw");
  ASSERT_EQ(whole->outputs.size(), 2u);
  EXPECT_EQ(whole->outputs[0].name, "probabilities");
  EXPECT_EQ(to_text(whole->outputs[0].shape), "[-1, 3]");
  EXPECT_EQ(whole->outputs[1].name, "label");
  EXPECT_EQ(whole->outputs[1].type, ElementType::kString);
  EXPECT_EQ(join(*before, *net, {{"x", "nothing"}}).error().code(), ErrorCode::kBadModel);
}

// As writers of models with a free batch put it: the state takes its size from the rows.
TEST(DropZeroStates, LeavesWhatIsNotZeroOrReadElsewhere) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {5, -1, 3});
  const auto w = b.constant("w", Tensor(ElementType::kFloat32, {1, 8, 3}));
  const auto r = b.constant("r", Tensor(ElementType::kFloat32, {1, 8, 2}));
  const auto rows =
      b.node("Slice", {b.node("Shape", {x}), b.constant("one", Tensor::of<std::int64_t>({1}, {1})),
                       b.constant("two", Tensor::of<std::int64_t>({1}, {2}))});
  const auto size = b.node("Concat",
                           {b.constant("first", Tensor::of<std::int64_t>({1}, {1})), rows,
                            b.constant("units", Tensor::of<std::int64_t>({1}, {2}))},
                           {{"axis", std::int64_t{0}}});
  const auto zero = b.node("ConstantOfShape", {size});
  const auto one = b.node("ConstantOfShape", {size}, {{"value", Tensor::of<float>({1}, {1})}});
  const Attributes hidden = {{"hidden_size", std::int64_t{2}}};
  const auto both = b.nodes("LSTM", {x, w, r, "", "", zero, zero}, 2, hidden);
  const auto half = b.nodes("LSTM", {x, w, r, "", "", one, zero}, 2, hidden);
  b.output(both[1], "y");
  b.output(half[1], "z");
  Graph graph = std::move(b).build().value();
  EXPECT_EQ(drop_zero_states(graph), 3);
  EXPECT_EQ(count_op(graph, "ConstantOfShape"), 1) << "of ones";
  EXPECT_EQ(count_op(graph, "Shape"), 1) << "which it reads";
  for (const OpCall& call : graph.nodes) {
    if (call.op != "LSTM") continue;
    EXPECT_TRUE(call.inputs[6].empty());
    EXPECT_EQ(call.inputs[5].empty(), call.outputs[1] == "y");
  }
  EXPECT_EQ(drop_zero_states(graph), 0);
}

}  // namespace
}  // namespace tenbin
