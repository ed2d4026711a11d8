// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

const Tensor kX = Tensor::of<float>({2, 2}, {1, 2, 3, 4});

Result<std::vector<Tensor>> einsum(const char* equation, const std::vector<Tensor>& inputs) {
  return run_op(op_call("Einsum", inputs.size(), {{"equation", std::string(equation)}}), inputs);
}

TEST(OpEinsum, FollowsTheConvention) {
  const struct {
    const char* equation;
    std::vector<Tensor> inputs;
    Tensor expected;
  } rows[] = {{"ij->ji", {kX}, Tensor::of<float>({2, 2}, {1, 3, 2, 4})},
              {"ij->", {kX}, Tensor::scalar(10.0F)},
              {"ii->i", {kX}, Tensor::of<float>({2}, {1, 4})},
              {"ii", {kX}, Tensor::scalar(5.0F)},
              {"ij, jk", {kX, kX}, Tensor::of<float>({2, 2}, {7, 10, 15, 22})},
              {"ij,ij->i", {kX, kX}, Tensor::of<float>({2}, {5, 25})},
              {"...i,...i->...", {kX, kX}, Tensor::of<float>({2}, {5, 25})},
              {"ij,jk,kl->", {kX, kX, kX}, Tensor::scalar(290.0F)}};
  for (const auto& r : rows) {
    const auto out = einsum(r.equation, r.inputs);
    ASSERT_TRUE(out.ok()) << r.equation << ": " << out.error().to_string();
    EXPECT_EQ(out->front(), r.expected) << r.equation;
  }
}

TEST(OpEinsum, RefusesWhatDoesNotFit) {
  for (const char* equation : {"ijk->i", "ij,jk->ik", "ij->k", "i1->i", "ij->ii", ""}) {
    EXPECT_FALSE(einsum(equation, {kX}).ok()) << equation;
  }
  EXPECT_FALSE(einsum("ij,jk->ik", {kX, Tensor(ElementType::kFloat32, {3, 2})}).ok());
}

}  // namespace
}  // namespace tenbin
