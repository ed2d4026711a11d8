// SPDX-License-Identifier: Apache-2.0
#include "engine/session.h"

#include <gtest/gtest.h>

#include "engine/op_case.h"
#include "engine/regions.h"
#include "graph/builder.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

// x [-1, 2] -> Gemm -> Relu -> Gemm: y [-1, 1] = relu(x0 + x1) - 1.
Model small_net() {
  GraphBuilder b;
  auto x = b.input("x", ElementType::kFloat32, {-1, 2});
  x = b.node("Gemm", {x, b.constant("w1", Tensor::of<float>({2, 1}, {1, 1}))});
  x = b.node("Relu", {x});
  x = b.node("Gemm", {x, b.constant("w2", Tensor::of<float>({1, 1}, {1})),
                      b.constant("b2", Tensor::of<float>({1}, {-1}))});
  b.output(x, "y");
  Model model;
  model.graph = std::move(b).build().value();
  return model;
}

TEST(Session, ANetIsOneCompiledRegionForEachBatch) {
  const Model model = small_net();
  const auto regions = find_regions(model.graph);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].begin(), 0U);
  EXPECT_EQ(regions[0].end(), model.graph.nodes.size());
  auto session = Session::create(model, {});
  ASSERT_TRUE(session.ok()) << session.error().to_string();
  for (const std::int64_t rows : {1, 3, 300, 3}) {
    Tensor x(ElementType::kFloat32, {rows, 2});
    for (std::size_t i = 0; i < x.data<float>().size(); ++i) {
      x.data<float>()[i] = static_cast<float>(i % 5) - 2;
    }
    const auto y = (*session)->run(std::span(&x, 1));
    ASSERT_TRUE(y.ok()) << y.error().to_string();
    ASSERT_EQ(y->front().shape(), (Shape{rows, 1}));
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
      const float sum = x.data<float>()[2 * r] + x.data<float>()[2 * r + 1];
      EXPECT_NEAR(y->front().data<float>()[r], std::max(sum, 0.F) - 1, 1e-6) << rows;
    }
  }
  EXPECT_FALSE((*session)->kernels().empty());
}

TEST(Session, WeightsThatAreAnInputRunOpByOp) {
  const Tensor x = Tensor::of<float>({1, 2}, {1, 2}), w = Tensor::of<float>({2, 1}, {3, 4});
  const auto y = run_calls({named_call("MatMul", {"x", "w"}, {"y"})}, {{"x", x}, {"w", w}}, {"y"});
  ASSERT_TRUE(y.ok()) << y.error().to_string();
  EXPECT_EQ(*y->front().tensor(), Tensor::of<float>({1, 1}, {11}));
  const Tensor image = Tensor::of<float>({1, 1, 1, 2}, {1, 2});
  const Tensor filter = Tensor::of<float>({1, 1, 1, 2}, {3, 4});
  const auto conv =
      run_calls({named_call("Conv", {"x", "w"}, {"y"})}, {{"x", image}, {"w", filter}}, {"y"});
  ASSERT_TRUE(conv.ok()) << conv.error().to_string();
  EXPECT_EQ(*conv->front().tensor(), Tensor::of<float>({1, 1, 1, 1}, {11}));
}

TEST(Session, ARegionEndsWhereASubgraphLooksIn) {
  Model model = small_net();
  Graph& graph = model.graph;
  const std::string inner = graph.nodes[1].outputs[0];
  graph.nodes.push_back(named_call(
      "If", {"flag"}, {"z"},
      {{"then_branch", body_of({}, {}, {inner})}, {"else_branch", body_of({}, {}, {"y"})}}));
  graph.inputs.push_back({"flag", ElementType::kBool, {}});
  graph.outputs.push_back({"z", ElementType::kFloat32, {}, false});
  auto session = Session::create(model, {});
  ASSERT_TRUE(session.ok()) << session.error().to_string();
  const std::vector<Tensor> inputs = {Tensor::of<float>({1, 2}, {1, 2}), Tensor::scalar(true)};
  const auto out = (*session)->run(inputs);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ((*out)[0], Tensor::of<float>({1, 1}, {2}));
  EXPECT_EQ((*out)[1], Tensor::of<float>({1, 1}, {3}));
}

TEST(Session, ValuesThatAreInputConstantOrGivenTwiceComeOutWhole) {
  Model model;
  Graph& graph = model.graph;
  graph.inputs = {{"x", ElementType::kFloat32, {2}}};
  graph.initializers["c"] = Tensor::scalar<std::int64_t>(7);
  graph.nodes = {named_call("Neg", {"x"}, {"y"})};
  for (const char* name : {"y", "x", "c", "y"}) {
    graph.outputs.push_back({name, ElementType::kUndefined, {}, false});
  }
  auto session = Session::create(model, {});
  ASSERT_TRUE(session.ok()) << session.error().to_string();
  const Tensor x = Tensor::of<float>({2}, {1, 2}), y = Tensor::of<float>({2}, {-1, -2});
  for (int time = 0; time < 2; ++time) {
    const auto out = (*session)->run(std::span(&x, 1));
    ASSERT_TRUE(out.ok()) << out.error().to_string();
    EXPECT_EQ(*out, (std::vector<Tensor>{y, x, Tensor::scalar<std::int64_t>(7), y})) << time;
  }
}

TEST(Session, RefusesInputsByName) {
  auto session = Session::create(small_net(), {});
  ASSERT_TRUE(session.ok());
  const struct {
    const char* why;
    std::vector<Value> inputs;
    const char* says;
  } rows[] = {
      {"none", {}, "0 inputs, expected 1"},
      {"another type", {Value(Tensor(ElementType::kInt64, {1, 2}))}, "int64 [1, 2]"},
      {"another width", {Value(Tensor(ElementType::kFloat32, {1, 3}))}, "expected float32 [-1, 2]"},
      {"a sequence", {Value(Sequence{})}, "sequence of"},
      {"nothing", {Value()}, "is nothing"},
  };
  for (const auto& row : rows) {
    const auto out = (*session)->run_values(row.inputs);
    ASSERT_FALSE(out.ok()) << row.why;
    EXPECT_EQ(out.error().code(), ErrorCode::kInputMismatch) << row.why;
    EXPECT_NE(out.error().message().find(row.says), std::string::npos) << out.error().message();
  }
}

TEST(Session, ListsEveryOperatorThatIsMissing) {
  Model model = small_net();
  model.graph.nodes.push_back(named_call("Frobnicate", {"y"}, {"f"}));
  model.graph.nodes.back().name = "third";
  model.graph.nodes.push_back(named_call("Frobnicate", {"f"}, {"g"}));
  model.graph.nodes.push_back(named_call("Twiddle", {"g"}, {"h"}));
  const auto session = Session::create(model, {});
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().code(), ErrorCode::kUnsupportedOp);
  EXPECT_EQ(session.error().message(),
            "2 unsupported operators: Frobnicate in third, g; Twiddle in h");
}

TEST(Session, AnOutputThatNobodyComputesIsRefusedOnlyWhenRead) {
  const Tensor x = Tensor::of<float>({1}, {2});
  const OpCall unread = named_call("Neg", {"x"}, {"y", "more"});
  EXPECT_TRUE(run_calls({unread}, {{"x", x}}, {"y"}).ok());
  const auto read = run_calls({unread}, {{"x", x}}, {"y", "more"});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), ErrorCode::kUnsupportedOp);
}

TEST(Session, TensorOperatorsRefuseSequences) {
  const auto out = run_calls({named_call("Neg", {"x"}, {"y"})}, {{"x", Sequence{}}}, {"y"});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code(), ErrorCode::kUnsupportedOp);
}

// A number of 8 bits is off by up to 0.4 %: answers are near those in float32 and not the same.
TEST(Session, InBfloat16AnswersAreThoseOfFloat32Rounded) {
  Model model;
  model.graph = make_mlp(32, {64, 64}, 8, 3).value();
  auto half = Session::create(model, {1, Precision::kBfloat16});
  if (!has_native_bfloat16()) {
    ASSERT_FALSE(half.ok());
    EXPECT_EQ(half.error().code(), ErrorCode::kUnsupportedOp);
    return;
  }
  ASSERT_TRUE(half.ok()) << half.error().to_string();
  auto whole = Session::create(model, {1});
  for (const std::int64_t rows : {1, 70}) {
    Tensor x(ElementType::kFloat32, {rows, 32});
    float value = -1;
    for (float& v : x.data<float>()) v = value = value > 1 ? -1 : value + 0.0137F;
    const auto found = (*half)->run(std::span(&x, 1)), expected = (*whole)->run(std::span(&x, 1));
    ASSERT_TRUE(found.ok() && expected.ok());
    const auto a = found->front().data<float>(), b = expected->front().data<float>();
    float most = 0, size = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      most = std::max(most, std::abs(a[i] - b[i]));
      size = std::max(size, std::abs(b[i]));
    }
    // A single row of a small net takes the short path, which is float32.
    EXPECT_TRUE(rows == 1 || most > 0) << "it was not float32 again";
    EXPECT_LT(most, 0.03F * size) << rows;
  }
}

}  // namespace
}  // namespace tenbin
