// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_number();
namespace {

std::vector<std::string> ops_of(const Fragment& fragment) {
  std::vector<std::string> out;
  for (const OpCall& call : fragment.calls) out.push_back(call.op);
  return out;
}

Column numbers(const char* name, std::vector<double> values) {
  Column column;
  column.name = name;
  column.numbers = std::move(values);
  return column;
}

const Tensor& constant(const Fragment& fragment, const std::string& word) {
  for (const auto& [name, value] : fragment.constants) {
    if (name.ends_with("_" + word)) return value;
  }
  ADD_FAILURE() << "no constant " << word;
  return fragment.constants.begin()->second;
}

TEST(TransformNumber, LearnsFromTrainingRowsAlone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Column a = numbers("a", {1, 3, 5, 1000});
  const Column b = numbers("b", {nan, 2, inf, 7});
  const std::vector<const Column*> columns = {&a, &b};
  const std::int64_t rows[] = {0, 1, 2};
  const FittedTransform fitted = transform_number().fit(columns, {rows, "p/"}, {});
  EXPECT_EQ(ops_of(fitted.fragment),
            (std::vector<std::string>{"Concat", "Sub", "IsNaN", "Where", "Sub", "Mul", "Cast",
                                      "Gather", "Concat"}));
  const auto fill = constant(fitted.fragment, "fill").data<float>();
  EXPECT_EQ(fill[0], 3) << "the median of 1 3 5; row 3 is not training";
  EXPECT_EQ(fill[1], 2) << "NaN and infinity are missing";
  EXPECT_EQ(constant(fitted.fragment, "center").data<float>()[0], 3);
  EXPECT_NEAR(constant(fitted.fragment, "scale").data<float>()[0], 0.6123724f, 1e-6);
  EXPECT_EQ(fitted.feature_names, (std::vector<std::string>{"a", "b", "b is missing"}));
  EXPECT_EQ(constant(fitted.fragment, "gaps").data<std::int64_t>()[0], 1);
  EXPECT_EQ(fitted.feature_shape, Shape{3});
}

TEST(TransformNumber, ConstantAndEmptyColumnsKeepFiniteScales) {
  const Column a = numbers("a", {4, 4});
  const Column b = numbers("b", {std::nan(""), std::nan("")});
  const std::vector<const Column*> columns = {&a, &b};
  const std::int64_t rows[] = {0, 1};
  for (const bool robust : {false, true}) {
    FeatureOptions options;
    options.robust_scale = robust;
    const FittedTransform fitted = transform_number().fit(columns, {rows, "p/"}, options);
    for (const float s : constant(fitted.fragment, "scale").data<float>()) EXPECT_EQ(s, 1);
  }
}

TEST(TransformNumber, TreesSeeGapsAsNaN) {
  const Column a = numbers("a", {1, 2});
  const std::vector<const Column*> columns = {&a};
  const std::int64_t rows[] = {0, 1};
  FeatureOptions options;
  options.learner = Learner::kTrees;
  const FittedTransform fitted = transform_number().fit(columns, {rows, "p/"}, options);
  EXPECT_EQ(ops_of(fitted.fragment), (std::vector<std::string>{"Sub", "Add"}));
  EXPECT_EQ(fitted.fragment.inputs[0].name, "a");
}

}  // namespace
}  // namespace tenbin
