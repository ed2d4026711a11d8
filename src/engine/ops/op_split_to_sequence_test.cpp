// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpSplitToSequence, CutsEquallyBySizesOrIntoSlices) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const struct {
    const char* why;
    Value split;
    Attributes attributes;
    std::vector<Tensor> expected;
  } rows[] = {
      {"equal pieces, the last one short",
       Tensor::scalar<std::int64_t>(2),
       {{"axis", std::int64_t{1}}},
       {Tensor::of<float>({2, 2}, {1, 2, 4, 5}), Tensor::of<float>({2, 1}, {3, 6})}},
      {"given sizes",
       Tensor::of<std::int64_t>({2}, {1, 2}),
       {{"axis", std::int64_t{-1}}},
       {Tensor::of<float>({2, 1}, {1, 4}), Tensor::of<float>({2, 2}, {2, 3, 5, 6})}},
      {"slices without their axis",
       Value(),
       {{"keepdims", std::int64_t{0}}},
       {Tensor::of<float>({3}, {1, 2, 3}), Tensor::of<float>({3}, {4, 5, 6})}},
  };
  for (const auto& row : rows) {
    const auto out =
        run_calls({named_call("SplitToSequence", {"x", "split"}, {"y"}, row.attributes)},
                  {{"x", x}, {"split", row.split}}, {"y"});
    ASSERT_TRUE(out.ok()) << row.why << ": " << out.error().to_string();
    const auto& items = out->front().sequence()->items;
    ASSERT_EQ(items.size(), row.expected.size()) << row.why;
    for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(*items[i], row.expected[i]) << row.why;
  }
  EXPECT_FALSE(run_calls({named_call("SplitToSequence", {"x", "split"}, {"y"})},
                         {{"x", x}, {"split", Tensor::of<std::int64_t>({1}, {3})}}, {"y"})
                   .ok());
}

}  // namespace
}  // namespace tenbin
