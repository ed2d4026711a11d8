// SPDX-License-Identifier: Apache-2.0
#include "compress/dynamic_int8.h"

#include "compress/trained_case.h"

namespace tenbin {
namespace {

TEST(DynamicInt8, AnswersStayAndRuntimeAgrees) {
  for (const TrainedCase& net : {trained_mlp(), trained_cnn()}) {
    const auto stored = multiply_dynamically(net.graph, {}, {}, 100);
    ASSERT_TRUE(stored.ok()) << stored.error().to_string();
    EXPECT_EQ(count_of_op(*stored, "MatMulInteger"),
              count_of_op(net.graph, "Gemm") + count_of_op(net.graph, "MatMul"));
    EXPECT_EQ(count_of_op(*stored, "Gemm"), 0);
    const auto wanted = logits_of(net.graph, net.rows), found = logits_of(*stored, net.rows);
    EXPECT_LT(relative_error(wanted, found), 5e-3);
    EXPECT_GT(relative_error(wanted, found), 0) << "nothing was rounded";
    const auto theirs = runtime_logits(*stored, net.rows);
    if (!theirs.empty()) {
      EXPECT_GE(equal_labels(wanted, theirs, 6), 0.985);
    }
  }
}

TEST(DynamicInt8, BothWeightOrdersMeanTheSame) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 3});
  const auto w = b.constant("w", Tensor::of<float>({3, 2}, {1, -0.5F, 0.25F, 2, -1, 0.125F}));
  const auto v = b.constant("v", Tensor::of<float>({2, 3}, {1, 0.25F, -1, -0.5F, 2, 0.125F}));
  b.output(b.node("MatMul", {x, w}), "a");
  b.output(b.node("Gemm", {x, v}, {{"transB", std::int64_t{1}}}), "b");
  const Graph stored = multiply_dynamically(std::move(b).build().value(), {}, {}, 1).value();
  EXPECT_EQ(count_of_op(stored, "DynamicQuantizeLinear"), 1) << "one grid serves both";
  const Tensor rows = Tensor::of<float>({2, 3}, {1, -2, 0.5F, 0.75F, 3, -1});
  EXPECT_EQ(values_of(stored, "a", rows).value(), values_of(stored, "b", rows).value());
}

TEST(DynamicInt8, LeavesSmallAndNamedLayers) {
  const TrainedCase net = trained_mlp();
  std::set<std::string> all;
  for (const OpCall& node : net.graph.nodes) all.insert(node.name);
  EXPECT_EQ(count_of_op(multiply_dynamically(net.graph, all).value(), "MatMulInteger"), 0);
  const Graph large = multiply_dynamically(net.graph, {}, {}, 1000).value();
  EXPECT_EQ(count_of_op(large, "MatMulInteger"), 2) << "48x24 and 32x48, not 6x32";
}

}  // namespace
}  // namespace tenbin
