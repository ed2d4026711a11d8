// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

OpCall encoder(Attributes attributes) {
  return op_call("LabelEncoder", 1, std::move(attributes), "ai.onnx.ml");
}

TEST(OpLabelEncoder, MapsEachKeyType) {
  const auto text = run_op(encoder({{"keys_int64s", std::vector<std::int64_t>{0, 1}},
                                    {"values_strings", std::vector<std::string>{"no", "yes"}}}),
                           {Tensor::of<std::int64_t>({3}, {1, 0, 9})});
  ASSERT_TRUE(text.ok()) << text.error().to_string();
  EXPECT_EQ(text->front(), Tensor::strings({3}, {"yes", "no", "_Unused"}));
  const auto number = run_op(encoder({{"keys_floats", std::vector<float>{std::nanf(""), 2}},
                                      {"values_floats", std::vector<float>{1, 3}},
                                      {"default_float", -1.0F}}),
                             {Tensor::of<float>({3}, {std::nanf("1"), 2, 5})});
  ASSERT_TRUE(number.ok());
  EXPECT_EQ(number->front(), Tensor::of<float>({3}, {1, 3, -1})) << "NaN is a key like any other";
}

TEST(OpLabelEncoder, ReadsTheTablesOfOtherVersions) {
  const OpCall classes = encoder({{"classes_strings", std::vector<std::string>{"a", "b"}}});
  const auto places = run_op(classes, {Tensor::strings({2}, {"b", "?"})});
  ASSERT_TRUE(places.ok()) << places.error().to_string();
  EXPECT_EQ(places->front(), Tensor::of<std::int64_t>({2}, {1, -1}));
  const auto names = run_op(classes, {Tensor::of<std::int64_t>({2}, {0, 7})});
  ASSERT_TRUE(names.ok()) << names.error().to_string();
  EXPECT_EQ(names->front(), Tensor::strings({2}, {"a", "_Unused"}));
  const auto tensors = run_op(encoder({{"keys_tensor", Tensor::strings({2}, {"a", "b"})},
                                       {"values_tensor", Tensor::of<std::int64_t>({2}, {5, 6})},
                                       {"default_tensor", Tensor::of<std::int64_t>({1}, {42})}}),
                              {Tensor::strings({3}, {"b", "a", "c"})});
  ASSERT_TRUE(tensors.ok()) << tensors.error().to_string();
  EXPECT_EQ(tensors->front(), Tensor::of<std::int64_t>({3}, {6, 5, 42}));
}

TEST(OpLabelEncoder, RefusesBadTables) {
  EXPECT_FALSE(run_op(encoder({{"keys_strings", std::vector<std::string>{"a", "b"}},
                               {"values_int64s", std::vector<std::int64_t>{1}}}),
                      {Tensor::strings({1}, {"a"})})
                   .ok());
  EXPECT_FALSE(run_op(encoder({{"keys_strings", std::vector<std::string>{"a"}},
                               {"values_int64s", std::vector<std::int64_t>{1}}}),
                      {Tensor::of<float>({1}, {1})})
                   .ok())
      << "the input must have the type of the keys";
}

}  // namespace
}  // namespace tenbin
