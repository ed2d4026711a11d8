// SPDX-License-Identifier: Apache-2.0
#include "engine/prelude.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/session.h"
#include "engine/step_watch.h"
#include "graph/builder.h"

namespace tenbin {
namespace {

Tensor row(std::initializer_list<float> values) {
  return Tensor::of<float>({1, static_cast<std::int64_t>(values.size())}, values);
}

struct Steps : StepWatch {
  void begin() override {}
  void done(const StepInfo& step) override { kernels.emplace_back(step.kernel); }
  std::vector<std::string> kernels;
};

// Answers of a model, and the kernels that made them.
struct Ran {
  std::vector<float> values;
  std::vector<std::string> kernels;
};
Ran run(const Graph& graph, const Tensor& input) {
  Model model;
  model.graph = graph;
  const auto session = Session::create(model, SessionOptions{});
  EXPECT_TRUE(session.ok()) << session.error().to_string();
  Steps steps;
  const auto out = (*session)->run(std::vector<Tensor>{input}, steps);
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  const std::span<const float> values = out->front().data<float>();
  return {{values.begin(), values.end()}, steps.kernels};
}

// The same with the prepared value as a second output: nothing is taken together then.
Graph apart(Graph graph, const std::string& prepared) {
  graph.outputs.push_back({prepared, ElementType::kFloat32, {}, false});
  return graph;
}

std::string dense(GraphBuilder& b, const std::string& x, std::int64_t in) {
  Tensor weights(ElementType::kFloat32, {in, 2});
  for (std::int64_t i = 0; i < 2 * in; ++i) {
    weights.data<float>()[static_cast<std::size_t>(i)] = 0.1F * static_cast<float>(i % 7 - 3);
  }
  return b.node("Gemm", {x, b.constant("w", weights)});
}

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

struct Case {
  std::string why;
  Graph graph;
  std::string prepared;  // the value that the dense layer reads
  Tensor input;
  std::size_t plain;  // steps that stay plain loops
};

std::vector<Case> cases() {
  std::vector<Case> out;
  const Tensor rows = Tensor::of<float>({2, 3}, {1, kNaN, -3, kInfinite, 5, kNaN});
  const auto numbers = [&](bool finite, bool read_twice) {
    GraphBuilder b;
    const auto x = b.input("x", ElementType::kFloat32, {-1, 3});
    const auto given = b.node("Add", {x, b.constant("one", Tensor::scalar(1.0F))});
    const auto gap = b.node("IsNaN", {finite ? b.node("Sub", {given, given}) : given});
    const auto full = b.node("Where", {gap, b.constant("fill", row({7, 8, 9})), given});
    const auto centred = b.node("Sub", {full, b.constant("mean", row({1, 2, 3}))});
    const auto y = b.node("Div", {centred, b.constant("scale", row({2, 4, 8}))});
    b.output(dense(b, y, 3), "logits");
    if (read_twice) b.output(b.node("Cast", {gap}, {{"to", std::int64_t{1}}}), "gaps");
    return std::pair(std::move(b).build().value(), y);
  };
  const auto [not_finite, y] = numbers(true, false);
  out.push_back({"gaps and infinite numbers filled, shifted, scaled", not_finite, y, rows, 0});
  const auto [gaps, z] = numbers(false, false);
  out.push_back({"gaps alone", gaps, z, rows, 0});
  const auto [flags, v] = numbers(true, true);
  out.push_back({"what something else reads is made for it", flags, v, rows, 5});
  {
    GraphBuilder b;
    const auto x = b.input("x", ElementType::kUint8, {-1, 2, 2, 1});
    const auto pixels = b.node("Cast", {x}, {{"to", std::int64_t{1}}});
    const auto less = b.node("Sub", {pixels, b.constant("m", Tensor::scalar(70.3F))});
    const auto scaled = b.node("Mul", {b.constant("s", Tensor::scalar(0.0123F)), less});
    const auto turned =
        b.node("Transpose", {scaled}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}});
    const Tensor weights = Tensor::of<float>({1, 1, 2, 2}, {0.5F, -0.25F, 1, 2});
    b.output(b.node("Conv", {turned, b.constant("w", weights)}), "y");
    out.push_back({"pixels of one channel, channels first", std::move(b).build().value(), turned,
                   Tensor::of<std::uint8_t>({2, 2, 2, 1}, {0, 255, 70, 71, 1, 2, 3, 4}), 0});
  }
  {
    GraphBuilder b;
    const auto x = b.input("x", ElementType::kFloat32, {-1, 2, 1, 3});
    const auto turned = b.node("Transpose", {x}, {{"perm", std::vector<std::int64_t>{0, 3, 2, 1}}});
    const Tensor weights = Tensor::of<float>({1, 3, 1, 1}, {0.5F, -0.25F, 1});
    b.output(b.node("Conv", {turned, b.constant("w", weights)}), "y");
    out.push_back({"a real transposition stays", std::move(b).build().value(), turned,
                   Tensor::of<float>({1, 2, 1, 3}, {1, 2, 3, 4, 5, 6}), 1});
  }
  {
    GraphBuilder b;
    const auto x = b.input("x", ElementType::kFloat32, {-1, 3});
    const Tensor two_rows = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
    const auto y2 = b.node("Sub", {x, b.constant("m", two_rows)});
    b.output(dense(b, y2, 3), "logits");
    out.push_back({"a constant for each row of the batch stays", std::move(b).build().value(), y2,
                   Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), 1});
  }
  return out;
}

TEST(Prelude, AnswersAsItsNodesDoBitByBit) {
  for (const Case& of : cases()) {
    SCOPED_TRACE(of.why);
    const Ran together = run(of.graph, of.input);
    const Ran one_by_one = run(apart(of.graph, of.prepared), of.input);
    ASSERT_FALSE(together.values.empty());
    EXPECT_EQ(together.values, one_by_one.values);
    const auto plain = [](const Ran& ran) {
      return static_cast<std::size_t>(std::count(ran.kernels.begin(), ran.kernels.end(), "plain"));
    };
    EXPECT_EQ(plain(together), of.plain);
    EXPECT_GT(plain(one_by_one), 0U) << "nothing was compared";
  }
}

TEST(Prelude, RunsOnAnotherBatchAfterwards) {
  const Case of = cases().front();
  Model model;
  model.graph = of.graph;
  const auto session = Session::create(model, SessionOptions{});
  ASSERT_TRUE(session.ok());
  const Tensor one = Tensor::of<float>({1, 3}, {1, kNaN, -3});
  const auto first = (*session)->run(std::vector<Tensor>{of.input}).value();
  const auto second = (*session)->run(std::vector<Tensor>{one}).value();
  ASSERT_EQ(second.front().shape(), (Shape{1, 2}));
  EXPECT_EQ(second.front().data<float>()[0], first.front().data<float>()[0]);
  const auto again = (*session)->run(std::vector<Tensor>{of.input}).value();
  EXPECT_EQ(again.front(), first.front());
}

}  // namespace
}  // namespace tenbin
