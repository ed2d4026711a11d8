// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpSlice, FollowsPython) {
  const Tensor six = Tensor::of<std::int32_t>({6}, {0, 1, 2, 3, 4, 5});
  const struct {
    const char* why;
    std::int64_t start, end, step;
    std::vector<std::int32_t> expected;
  } rows[] = {{"plain", 1, 4, 1, {1, 2, 3}},
              {"from the end", -2, INT64_MAX, 1, {4, 5}},
              {"steps", 0, 6, 4, {0, 4}},
              {"backwards to the front", -1, INT64_MIN, -2, {5, 3, 1}},
              {"backwards, past the end", 100, 2, -1, {5, 4, 3}},
              {"nothing", 4, 2, 1, {}},
              {"a step past everything", 0, 6, INT64_MAX, {0}},
              {"a step far back", -1, INT64_MIN, INT64_MIN, {5}}};
  const auto single = [](std::int64_t x) { return Tensor::of<std::int64_t>({1}, {x}); };
  for (const auto& r : rows) {
    const auto out = run_op(op_call("Slice", 5),
                            {six, single(r.start), single(r.end), single(0), single(r.step)});
    ASSERT_TRUE(out.ok()) << r.why << ": " << out.error().to_string();
    EXPECT_EQ(out->front(), Tensor::of<std::int32_t>({static_cast<std::int64_t>(r.expected.size())},
                                                     std::span<const std::int32_t>(r.expected)))
        << r.why;
  }
  EXPECT_FALSE(run_op(op_call("Slice", 5), {six, single(0), single(1), single(0), single(0)}).ok());
  EXPECT_FALSE(run_op(op_call("Slice", 4), {six, single(0), single(1), single(1)}).ok());
}

TEST(OpSlice, TakesAttributesBeforeOperatorSet10) {
  OpCall call = op_call("Slice", 1,
                        {{"starts", std::vector<std::int64_t>{1}},
                         {"ends", std::vector<std::int64_t>{2}},
                         {"axes", std::vector<std::int64_t>{1}}});
  call.opset = 9;
  EXPECT_EQ(run_op(call, {Tensor::strings({2, 2}, {"a", "b", "c", "d"})})->front(),
            Tensor::strings({2, 1}, {"b", "d"}));
}

}  // namespace
}  // namespace tenbin
