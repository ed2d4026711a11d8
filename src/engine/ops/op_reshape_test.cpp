// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpReshape, GivesTheShape) {
  const Tensor in(ElementType::kFloat32, {2, 3, 4});
  const struct {
    const char* why;
    OpCall call;
    std::vector<Tensor> inputs;
    Shape expected;
  } rows[] = {
      {"open size", op_call("Reshape", 2), {in, Tensor::of<std::int64_t>({2}, {-1, 4})}, {6, 4}},
      {"0 copies", op_call("Reshape", 2), {in, Tensor::of<std::int64_t>({2}, {0, -1})}, {2, 12}},
      {"flatten", op_call("Flatten", 1), {in}, {2, 12}},
      {"flatten at 2", op_call("Flatten", 1, {{"axis", std::int64_t{2}}}), {in}, {6, 4}},
      {"flatten of no rows",
       op_call("Flatten", 1),
       {Tensor(ElementType::kFloat32, {0, 3})},
       {0, 3}},
      {"unsqueeze",
       op_call("Unsqueeze", 2),
       {in, Tensor::of<std::int64_t>({1}, {-1})},
       {2, 3, 4, 1}},
  };
  for (const auto& row : rows) {
    const auto out = run_op(row.call, row.inputs);
    ASSERT_TRUE(out.ok()) << row.why << out.error().to_string();
    EXPECT_EQ(out->front().shape(), row.expected) << row.why;
  }
  EXPECT_FALSE(run_op(op_call("Reshape", 2), {in, Tensor::of<std::int64_t>({1}, {5})}).ok());
  EXPECT_FALSE(run_op(op_call("Reshape", 2), {in, Tensor::of<std::int64_t>({2}, {-1, -1})}).ok());
}

}  // namespace
}  // namespace tenbin
