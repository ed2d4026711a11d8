// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_image();
namespace {

std::vector<std::string> ops_of(const Fragment& fragment) {
  std::vector<std::string> out;
  for (const OpCall& call : fragment.calls) out.push_back(call.op);
  return out;
}

TEST(TransformImage, MeanAndDeviationPerChannelOfTrainingRows) {
  Column column;
  column.name = "image";
  column.type = ColumnType::kImage;
  column.images =
      Tensor::of<std::uint8_t>({3, 1, 2, 2}, {0, 100, 10, 100, 0, 100, 10, 100, 255, 0, 255, 0});
  const std::vector<const Column*> columns = {&column};
  const std::int64_t rows[] = {0, 1};
  const FittedTransform fitted = transform_image().fit(columns, {rows, "p/"}, {});
  EXPECT_EQ(ops_of(fitted.fragment), (std::vector<std::string>{"Cast", "Sub", "Mul", "Transpose"}));
  EXPECT_EQ(fitted.feature_shape, (Shape{2, 1, 2}));
  EXPECT_EQ(fitted.fragment.constants.at(fitted.fragment.calls[1].inputs[1]),
            Tensor::of<float>({2}, {5.0f, 100.0f}));
  EXPECT_EQ(fitted.fragment.constants.at(fitted.fragment.calls[2].inputs[1]),
            Tensor::of<float>({2}, {0.2f, 1.0f / 255}))
      << "a flat channel keeps a finite scale";
}

}  // namespace
}  // namespace tenbin
