// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

Attribute running_sum() {
  return body_of(
      {named_call("Add", {"sum", "x"}, {"next"}), named_call("Identity", {"next"}, {"seen"})},
      {"sum", "x"}, {"next", "seen"});
}

TEST(OpScan, WalksForwardsBackwardsAndAlongOtherAxes) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const struct {
    const char* why;
    Attributes more;
    Tensor zero, total, seen;
  } rows[] = {
      {"first axis",
       {},
       Tensor(ElementType::kFloat32, {3}),
       Tensor::of<float>({3}, {5, 7, 9}),
       Tensor::of<float>({2, 3}, {1, 2, 3, 5, 7, 9})},
      {"second axis, backwards, results along the second",
       {{"scan_input_axes", std::vector<std::int64_t>{-1}},
        {"scan_input_directions", std::vector<std::int64_t>{1}},
        {"scan_output_axes", std::vector<std::int64_t>{1}}},
       Tensor(ElementType::kFloat32, {2}),
       Tensor::of<float>({2}, {6, 15}),
       Tensor::of<float>({2, 3}, {3, 5, 6, 6, 11, 15})},
      {"results put from the end",
       {{"scan_output_directions", std::vector<std::int64_t>{1}}},
       Tensor(ElementType::kFloat32, {3}),
       Tensor::of<float>({3}, {5, 7, 9}),
       Tensor::of<float>({2, 3}, {5, 7, 9, 1, 2, 3})},
  };
  for (const auto& row : rows) {
    Attributes attributes = row.more;
    attributes["body"] = running_sum();
    attributes["num_scan_inputs"] = std::int64_t{1};
    const auto out =
        run_calls({named_call("Scan", {"zero", "in"}, {"total", "seen_all"}, attributes)},
                  {{"zero", row.zero}, {"in", x}}, {"total", "seen_all"});
    ASSERT_TRUE(out.ok()) << row.why << ": " << out.error().to_string();
    EXPECT_EQ(*(*out)[0].tensor(), row.total) << row.why;
    EXPECT_EQ(*(*out)[1].tensor(), row.seen) << row.why;
  }
}

TEST(OpScan, OperatorSet8HasABatchAndLengths) {
  OpCall call = named_call("Scan", {"lengths", "zero", "in"}, {"total", "seen_all"},
                           {{"body", running_sum()}, {"num_scan_inputs", std::int64_t{1}}});
  call.opset = 8;
  const auto out = run_calls({call},
                             {{"lengths", Tensor::of<std::int64_t>({2}, {3, 1})},
                              {"zero", Tensor(ElementType::kFloat32, {2, 1})},
                              {"in", Tensor::of<float>({2, 3, 1}, {1, 2, 3, 4, 5, 6})}},
                             {"total", "seen_all"});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(*(*out)[0].tensor(), Tensor::of<float>({2, 1}, {6, 4}));
  EXPECT_EQ(*(*out)[1].tensor(), Tensor::of<float>({2, 3, 1}, {1, 3, 6, 4, 0, 0}));
}

TEST(OpScan, RefusesWhatDoesNotFit) {
  const OpCall call = named_call("Scan", {"zero", "in"}, {"t", "s"},
                                 {{"body", running_sum()}, {"num_scan_inputs", std::int64_t{3}}});
  const auto out = run_calls(
      {call}, {{"zero", Tensor::scalar(0.F)}, {"in", Tensor::of<float>({1}, {1})}}, {"t", "s"});
  EXPECT_FALSE(out.ok());
}

}  // namespace
}  // namespace tenbin
