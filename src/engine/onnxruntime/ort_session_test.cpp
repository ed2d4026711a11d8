// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime/ort_session.h"

#include <gtest/gtest.h>

#include "graph/onnx.h"

namespace tenbin {
namespace {

#define SKIP_WITHOUT_RUNTIME()                                     \
  if (const auto version = onnxruntime_version(); !version.ok()) { \
    GTEST_SKIP() << version.error().to_string();                   \
  }

Model one_node(const OpCall& call, ElementType in, ElementType out) {
  Model model;
  model.graph.inputs = {{"i0", in, {-1, 2}}};
  model.graph.outputs = {{"o0", out, {-1, 2}}};
  model.graph.nodes = {call};
  return model;
}

TEST(OrtSession, NumbersGoInAndComeOut) {
  SKIP_WITHOUT_RUNTIME();
  OpCall call{"Neg", "", "n", {"i0"}, {"o0"}, {}};
  const auto bytes = write_onnx(one_node(call, ElementType::kFloat32, ElementType::kFloat32));
  ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
  auto session = create_onnxruntime_session(*bytes, {});
  ASSERT_TRUE(session.ok()) << session.error().to_string();
  ASSERT_EQ((*session)->inputs().size(), 1U);
  EXPECT_EQ((*session)->inputs()[0].name, "i0");
  EXPECT_EQ((*session)->inputs()[0].shape, (Shape{-1, 2}));
  const std::vector<Tensor> in = {Tensor::of<float>({2, 2}, {1, -2, 3, 0})};
  const auto out = (*session)->run(in);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out.value()[0], Tensor::of<float>({2, 2}, {-1, 2, -3, -0.0F}));
}

TEST(OrtSession, StringsGoInAndComeOut) {
  SKIP_WITHOUT_RUNTIME();
  OpCall call{"Identity", "", "n", {"i0"}, {"o0"}, {}};
  const auto bytes = write_onnx(one_node(call, ElementType::kString, ElementType::kString));
  ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
  auto session = create_onnxruntime_session(*bytes, {});
  ASSERT_TRUE(session.ok()) << session.error().to_string();
  const std::vector<Tensor> in = {Tensor::strings({2, 2}, {"a", "", "日本", "last"})};
  const auto out = (*session)->run(in);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out.value()[0], in[0]);
}

TEST(OrtSession, SaysWhatIsWrong) {
  SKIP_WITHOUT_RUNTIME();
  const auto nonsense = create_onnxruntime_session("not a model", {});
  ASSERT_FALSE(nonsense.ok());
  EXPECT_EQ(nonsense.error().code(), ErrorCode::kBadModel);
  OpCall call{"Neg", "", "n", {"i0"}, {"o0"}, {}};
  const auto bytes = write_onnx(one_node(call, ElementType::kFloat32, ElementType::kFloat32));
  auto session = create_onnxruntime_session(*bytes, {});
  ASSERT_TRUE(session.ok());
  const auto missing = (*session)->run({});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), ErrorCode::kInputMismatch);
  const std::vector<Tensor> wrong = {Tensor::of<std::int64_t>({1, 2}, {1, 2})};
  EXPECT_FALSE((*session)->run(wrong).ok()) << "integers where floats are expected";
}

}  // namespace
}  // namespace tenbin
