// SPDX-License-Identifier: Apache-2.0
#include "compress/observe.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/inference_plan.h"
#include "graph/builder.h"

namespace tenbin {
namespace {

// y = op(2 x).
Graph doubled(const std::string& op) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 2});
  const auto w = b.constant("w", Tensor::of<float>({2, 2}, {2, 0, 0, 2}));
  b.output(b.node(op, {b.node("MatMul", {x, w})}), "y");
  return std::move(b).build().value();
}

Tensor ramp(std::int64_t rows) {
  Tensor out(ElementType::kFloat32, {rows, 2});
  for (std::size_t i = 0; i < out.data<float>().size(); ++i) {
    out.data<float>()[i] = static_cast<float>(i) * 0.125F - 1;
  }
  return out;
}

TEST(Observe, ShowsInputsAndValuesBetweenRowByRow) {
  for (const char* op : {"Relu", "Cos"}) {  // compiled; a session
    SCOPED_TRACE(op);
    const Graph graph = doubled(op);
    const bool compiled = InferencePlan::supports(graph.nodes.back());
    EXPECT_EQ(compiled, std::string(op) == "Relu");
    for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{16}, std::int64_t{37}}) {
      const Tensor in = ramp(rows);
      EXPECT_EQ(values_of(graph, "x", in).value(), in);
      const Tensor between = values_of(graph, graph.nodes[0].outputs[0], in).value();
      const Tensor out = values_of(graph, "y", in).value();
      ASSERT_EQ(out.shape(), (Shape{rows, 2}));
      for (std::size_t i = 0; i < out.data<float>().size(); ++i) {
        const float twice = 2 * in.data<float>()[i];
        EXPECT_FLOAT_EQ(between.data<float>()[i], twice);
        EXPECT_NEAR(out.data<float>()[i], compiled ? std::max(twice, 0.0F) : std::cos(twice), 1e-5);
      }
    }
  }
}

TEST(Observe, TakesTokensAsFloats) {
  for (const char* op : {"Relu", "Cos"}) {  // compiled; a session
    GraphBuilder b;
    const auto x = b.input("x", ElementType::kInt64, {-1, 2});
    const auto table = b.constant("table", Tensor::of<float>({4, 1}, {-1, 0.5F, 2, 3}));
    b.output(b.node(op, {b.node("Gather", {table, x})}), "y");
    const Graph graph = std::move(b).build().value();
    const auto y = values_of(graph, "y", Tensor::of<float>({2, 2}, {3, 0, 1, 2}));
    ASSERT_TRUE(y.ok()) << y.error().to_string();
    const bool compiled = std::string(op) == "Relu";
    const float wanted[] = {3, -1, 0.5F, 2};
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(y->data<float>()[i], compiled ? std::max(wanted[i], 0.0F) : std::cos(wanted[i]),
                  1e-6);
    }
  }
}

TEST(Observe, StopsAtTheObserversError) {
  const auto status = observe(doubled("Relu"), {"y"}, ramp(40), [](const ObservedRows& some) {
    return some.first == 0 ? Status() : Status(Error(ErrorCode::kBadValue, "enough"));
  });
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().to_string().find("enough"), std::string::npos);
}

}  // namespace
}  // namespace tenbin
