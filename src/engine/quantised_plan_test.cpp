// SPDX-License-Identifier: Apache-2.0
// Models on 8-bit grids, compiled: against ONNX Runtime on the same file, and that integers are
// really what the layers multiply.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/inference_plan.h"
#include "engine/onnxruntime/ort_session.h"
#include "graph/builder.h"
#include "graph/onnx.h"
#include "platform/random.h"

namespace tenbin {
namespace {

Tensor random_weights(Shape shape, Random& random) {
  Tensor out(ElementType::kInt8, std::move(shape));
  for (auto& w : out.data<std::int8_t>()) {
    w = static_cast<std::int8_t>(static_cast<int>(random.below(255)) - 127);
  }
  return out;
}

float between(float least, float most, Random& random) {
  return least + (most - least) * static_cast<float>(random.below(1000)) / 1000;
}

// Writes networks whose values lie on grids, as quantisers do.
struct Quantised {
  GraphBuilder b;
  Random random{7};
  bool unsigned_grid = true;

  std::string grid(const std::string& value, float scale, int zero) {
    const std::string s = b.constant("scale", Tensor::scalar(scale));
    const std::string z =
        b.constant("zero", unsigned_grid ? Tensor::scalar(static_cast<std::uint8_t>(zero))
                                         : Tensor::scalar(static_cast<std::int8_t>(zero)));
    return b.node("DequantizeLinear", {b.node("QuantizeLinear", {value, s, z}), s, z});
  }
  // Weights on one grid, or on one for each index of `axis`.
  std::string weights(const Shape& shape, std::int64_t axis, bool each) {
    const std::int64_t n = each ? shape[static_cast<std::size_t>(axis)] : 1;
    Tensor scale(ElementType::kFloat32, each ? Shape{n} : Shape{});
    Tensor zero(ElementType::kInt8, each ? Shape{n} : Shape{});
    for (float& s : scale.data<float>()) s = between(0.001F, 0.003F, random);
    return b.node("DequantizeLinear",
                  {b.constant("w", random_weights(shape, random)), b.constant("ws", scale),
                   b.constant("wz", zero)},
                  {{"axis", axis}});
  }
  std::string bias(std::int64_t n) {
    Tensor out(ElementType::kFloat32, {n});
    for (float& v : out.data<float>()) v = between(-0.5F, 0.5F, random);
    return b.constant("bias", out);
  }
  std::string conv(const std::string& src, const Shape& shape, std::int64_t pad,
                   std::int64_t group = 1) {
    return b.node("Conv", {src, weights(shape, 0, true), bias(shape[0])},
                  {{"pads", std::vector<std::int64_t>(4, pad)}, {"group", group}});
  }
};

struct Case {
  const char* why;
  Shape input;
  Result<Graph> (*make)();
  const char* kernel;  // that must be among those chosen
};

Result<Graph> convolutions() {
  Quantised q;
  std::string x = q.grid(q.b.input("x", ElementType::kFloat32, {-1, 3, 12, 12}), 0.02F, 114);
  x = q.grid(q.b.node("Relu", {q.conv(x, {16, 3, 3, 3}, 1)}), 0.03F, 0);
  x = q.grid(q.b.node("MaxPool", {x},
                      {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                       {"strides", std::vector<std::int64_t>{2, 2}}}),
             0.03F, 0);
  const std::string shortcut = x;
  x = q.grid(q.conv(x, {16, 1, 3, 3}, 1, 16), 0.02F, 120);
  x = q.grid(q.conv(x, {16, 16, 1, 1}, 0), 0.03F, 128);
  x = q.grid(q.b.node("Relu", {q.b.node("Add", {x, shortcut})}), 0.04F, 0);
  x = q.b.node("Flatten", {q.b.node("GlobalAveragePool", {x})});
  x = q.b.node("Gemm", {q.grid(x, 0.02F, 0), q.weights({5, 16}, 0, true), q.bias(5)},
               {{"transB", std::int64_t{1}}});
  q.b.output(x, "y");
  return std::move(q.b).build();
}

Result<Graph> flattened_pixels() {
  Quantised q;
  q.unsigned_grid = false;
  std::string x = q.grid(q.b.input("x", ElementType::kFloat32, {-1, 1, 6, 6}), 0.02F, 0);
  x = q.grid(q.conv(x, {8, 1, 3, 3}, 0), 0.03F, -4);
  x = q.b.node("Flatten", {x});
  x = q.b.node("MatMul", {x, q.weights({128, 24}, 1, true)});
  x = q.grid(q.b.node("Relu", {q.b.node("Add", {x, q.bias(24)})}), 0.05F, -128);
  x = q.b.node("Add", {q.b.node("MatMul", {x, q.weights({24, 3}, 1, false)}), q.bias(3)});
  q.b.output(x, "y");
  return std::move(q.b).build();
}

// A grid with an offset under padding, and what integers cannot do in between.
Result<Graph> floats_between() {
  Quantised q;
  std::string x = q.grid(q.b.input("x", ElementType::kFloat32, {-1, 4, 9, 9}), 0.02F, 99);
  x = q.b.node("Sigmoid", {q.conv(x, {8, 4, 3, 3}, 1)});
  x = q.grid(x, 1 / 255.0F, 0);
  x = q.b.node("Flatten", {q.conv(x, {2, 8, 9, 9}, 0)});
  q.b.output(x, "y");
  return std::move(q.b).build();
}

std::vector<float> random_input(const Shape& shape) {
  std::vector<float> out(static_cast<std::size_t>(count_of(shape)));
  Random random(3);
  for (float& v : out) v = static_cast<float>(random.normal());
  return out;
}

TEST(QuantisedPlan, AnswersAsOnnxRuntimeDoes) {
  if (!has_exact_int8()) GTEST_SKIP() << "integers are cut here, ours stay floats: see TrainGrid";
  const Case cases[] = {{"offset under padding, depthwise, residual add, mean of pixels",
                         {8, 3, 12, 12},
                         convolutions,
                         "add_int8"},
                        {"signed grids, pixels flattened into a dense layer",
                         {8, 1, 6, 6},
                         flattened_pixels,
                         "dense_int8"},
                        {"an activation on floats between two convolutions",
                         {8, 4, 9, 9},
                         floats_between,
                         "conv_int8"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    Model model;
    model.graph = c.make().value();
    model.graph.outputs.front().type = ElementType::kFloat32;
    auto judge = create_onnxruntime_session(write_onnx(model).value(), {});
    if (!judge.ok() && judge.error().code() == ErrorCode::kMissingPlugin) {
      GTEST_SKIP() << judge.error().to_string();
    }
    ASSERT_TRUE(judge.ok()) << judge.error().to_string();
    const std::vector<float> x = random_input(c.input);
    auto wanted = (*judge)->run(std::vector<Tensor>{Tensor::of<float>(c.input, std::span(x))});
    ASSERT_TRUE(wanted.ok()) << wanted.error().to_string();
    for (const std::int64_t batch : {std::int64_t{1}, c.input[0]}) {
      auto plan = InferencePlan::compile(model.graph, batch, 1);
      ASSERT_TRUE(plan.ok()) << plan.error().to_string();
      const auto& names = (*plan)->kernels();
      EXPECT_TRUE(std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return name.starts_with(c.kernel);
      })) << c.kernel;
      std::vector<float> y(static_cast<std::size_t>(count_of((*plan)->output_shape())));
      (*plan)->run(std::span(x).first(static_cast<std::size_t>(count_of((*plan)->input_shape()))),
                   y);
      for (std::size_t i = 0; i < y.size(); ++i) {
        EXPECT_NEAR(y[i], wanted->front().data<float>()[i], 0.06)
            << "batch " << batch << " at " << i;
      }
    }
  }
}

}  // namespace
}  // namespace tenbin
