// SPDX-License-Identifier: Apache-2.0
// Gradients of each operator that a plan trains, against central differences: a table of small
// networks with the operator in their middle, learned weights before and behind it.
#include <gtest/gtest.h>

#include "engine/gradient_case.h"
#include "graph/builder.h"

namespace tenbin {
namespace {

using Integers = std::vector<std::int64_t>;
constexpr std::int64_t kClasses = 3;

// A value and its sizes behind the batch.
struct Point {
  std::string value;
  Shape shape;
};

class Net {
 public:
  explicit Net(const Shape& input) {
    Shape shape = input;
    shape.insert(shape.begin(), -1);
    x_ = {b_.input("x", ElementType::kFloat32, shape), input};
  }
  const Point& input() const { return x_; }

  std::string weight(Shape shape, double scale, double mean = 0) {
    Tensor w(ElementType::kFloat32, std::move(shape));
    for (float& v : w.data<float>()) v = static_cast<float>(random_.normal() * scale + mean);
    return b_.constant("w", std::move(w));
  }
  std::string scalar(float value) { return b_.constant("s", Tensor::scalar<float>(value)); }
  std::string integers(const Integers& values) {
    Tensor t(ElementType::kInt64, {static_cast<std::int64_t>(values.size())});
    std::ranges::copy(values, t.data<std::int64_t>().begin());
    return b_.constant("i", std::move(t));
  }
  std::string node(const std::string& op, std::vector<std::string> in, Attributes attributes = {}) {
    return b_.node(op, std::move(in), std::move(attributes));
  }
  std::vector<std::string> nodes(const std::string& op, std::vector<std::string> in,
                                 std::size_t outputs, Attributes attributes = {}) {
    return b_.nodes(op, std::move(in), outputs, std::move(attributes));
  }
  // A learned layer on the last axis.
  Point project(const Point& from, std::int64_t out, double scale = 0.5) {
    Point to = from;
    to.value = node("MatMul", {from.value, weight({from.shape.back(), out}, scale)});
    to.shape.back() = out;
    return to;
  }
  // A learned convolution 1x1 of channels.
  Point mix(const Point& from, std::int64_t out) {
    Point to = from;
    Shape kernel(from.shape.size() + 1, 1);
    kernel[0] = out;
    kernel[1] = from.shape[0];
    to.value = node("Conv", {from.value, weight(kernel, 0.5), weight({out}, 0.3)});
    to.shape[0] = out;
    return to;
  }
  Result<Graph> finish(const Point& from) && {
    const std::string flat = node("Flatten", {from.value});
    b_.output(node("MatMul", {flat, weight({count_of(from.shape), kClasses}, 0.3)}), "y");
    return std::move(b_).build();
  }

 private:
  GraphBuilder b_;
  Random random_{5};
  Point x_;
};

struct Row {
  const char* why;
  Shape input;
  Point (*body)(Net&);
};

void check(const Row& row) {
  SCOPED_TRACE(row.why);
  Net net(row.input);
  const Point end = row.body(net);
  const auto graph = std::move(net).finish(end);
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  check_gradients(*graph, random_case(*graph, 8, kClasses), {}, row.why);
}

// A function of each element behind a layer, and the layer after it.
template <const char* const& op> Point elementwise(Net& n) {
  const Point x = n.project(n.input(), 9);
  return {n.node(op, {x.value}), x.shape};
}
// The same of values that are not near zero.
template <const char* const& op> Point of_positive(Net& n) {
  const Point x = n.project(n.input(), 9);
  const std::string positive = n.node("Add", {n.node("Softplus", {x.value}), n.scalar(0.5F)});
  return {n.node(op, {positive}), x.shape};
}
// Of channels in an image, so that blocked layouts are met.
template <const char* const& op> Point of_channels(Net& n) {
  const Point x = n.mix(n.input(), 16);
  return {n.node(op, {x.value}), x.shape};
}

constexpr const char *kSigmoid = "Sigmoid", *kTanh = "Tanh", *kElu = "Elu", *kExp = "Exp",
                     *kSoftplus = "Softplus", *kHardSwish = "HardSwish", *kGelu = "Gelu",
                     *kMish = "Mish", *kErf = "Erf", *kNeg = "Neg", *kLog = "Log", *kSqrt = "Sqrt",
                     *kReciprocal = "Reciprocal", *kAbs = "Abs", *kHardSigmoid = "HardSigmoid",
                     *kSoftmax = "Softmax";

Point silu(Net& n) {
  const Point x = n.mix(n.input(), 16);
  return {n.node("Mul", {x.value, n.node("Sigmoid", {x.value})}), x.shape};
}
Point gelu_by_erf(Net& n) {
  const Point x = n.project(n.input(), 9);
  const std::string bent = n.node("Erf", {n.node("Div", {x.value, n.scalar(std::sqrt(2.0F))})});
  const std::string gate = n.node("Add", {bent, n.scalar(1)});
  return {n.node("Mul", {n.node("Mul", {x.value, gate}), n.scalar(0.5F)}), x.shape};
}
Point clip(Net& n) {
  const Point x = n.project(n.input(), 9);
  return {n.node("Clip", {x.value, n.scalar(-0.7F), n.scalar(0.9F)}), x.shape};
}
Point square(Net& n) {
  const Point x = n.project(n.input(), 9);
  return {n.node("Pow", {x.value, n.scalar(2)}), x.shape};
}

TEST(OpGradient, OfFunctionsOfEachElement) {
  const Row rows[] = {
      {"Sigmoid", {5}, elementwise<kSigmoid>},
      {"Tanh", {5}, elementwise<kTanh>},
      {"Elu", {5}, elementwise<kElu>},
      {"Exp", {5}, elementwise<kExp>},
      {"Softplus", {5}, elementwise<kSoftplus>},
      {"HardSwish", {5}, elementwise<kHardSwish>},
      {"HardSigmoid", {5}, elementwise<kHardSigmoid>},
      {"Gelu", {5}, elementwise<kGelu>},
      {"Mish", {5}, elementwise<kMish>},
      {"Erf", {5}, elementwise<kErf>},
      {"Neg", {5}, elementwise<kNeg>},
      {"Softmax", {5}, elementwise<kSoftmax>},
      {"Log", {5}, of_positive<kLog>},
      {"Sqrt", {5}, of_positive<kSqrt>},
      {"Reciprocal", {5}, of_positive<kReciprocal>},
      {"Abs", {5}, of_positive<kAbs>},
      {"Sigmoid of channels", {3, 4, 4}, of_channels<kSigmoid>},
      {"HardSwish of channels", {3, 4, 4}, of_channels<kHardSwish>},
      {"Softmax within rows of an image", {3, 4, 4}, of_channels<kSoftmax>},
      {"x * Sigmoid(x)", {3, 4, 4}, silu},
      {"Gelu as an error function", {5}, gelu_by_erf},
      {"Clip", {5}, clip},
      {"Pow", {5}, square},
  };
  for (const Row& row : rows) check(row);
}

struct ConvRow {
  const char* why;
  std::int64_t channels, out, kernel, stride, dilation, group;
};

TEST(OpGradient, OfConvolutions) {
  const ConvRow rows[] = {
      {"depthwise", 16, 16, 3, 1, 1, 16},
      {"depthwise of a width that fills no block", 6, 6, 3, 1, 1, 6},
      {"depthwise 5x5, stride 2", 32, 32, 5, 2, 1, 32},
      {"depthwise 9x9, mostly padding", 16, 16, 9, 1, 1, 16},
      {"two groups of blocks", 32, 32, 3, 1, 1, 2},
      {"groups of eight, stride 2", 24, 24, 3, 2, 1, 3},
      {"groups of three", 12, 12, 3, 1, 1, 4},
      {"dilated", 16, 16, 3, 1, 2, 1},
      {"1x1, stride 2", 16, 24, 1, 2, 1, 1},
  };
  for (const ConvRow& row : rows) {
    SCOPED_TRACE(row.why);
    Net n({3, 7, 7});
    const Point x = n.mix(n.input(), row.channels);
    const std::int64_t pad = row.dilation * (row.kernel / 2);
    const std::int64_t size = (7 + 2 * pad - (row.kernel - 1) * row.dilation - 1) / row.stride + 1;
    const Point y = {
        n.node(
            "Conv",
            {x.value, n.weight({row.out, row.channels / row.group, row.kernel, row.kernel}, 0.3)},
            {{"group", row.group},
             {"kernel_shape", Integers{row.kernel, row.kernel}},
             {"dilations", Integers{row.dilation, row.dilation}},
             {"strides", Integers{row.stride, row.stride}},
             {"pads", Integers(4, pad)}}),
        {row.out, size, size}};
    const auto graph = std::move(n).finish({n.node("Tanh", {y.value}), y.shape});
    ASSERT_TRUE(graph.ok()) << graph.error().to_string();
    check_gradients(*graph, random_case(*graph, 8, kClasses), {}, row.why);
  }
}

Point conv_of_a_line(Net& n) {
  const Point x = n.mix(n.input(), 16);
  const std::string y =
      n.node("Conv", {x.value, n.weight({16, 16, 3}, 0.2), n.weight({16}, 0.2)},
             {{"kernel_shape", Integers{3}}, {"dilations", Integers{2}}, {"pads", Integers{4, 0}}});
  const std::string sum = n.node("Add", {n.node("Tanh", {y}), x.value});
  return {n.node("GlobalAveragePool", {sum}), {16, 1}};
}
Point average_pools(Net& n) {
  const Point x = n.mix(n.input(), 16);
  const std::string half = n.node("AveragePool", {x.value},
                                  {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}});
  return {n.node("GlobalAveragePool", {n.node("Tanh", {half})}), {16, 1, 1}};
}
Point padded_max_pool(Net& n) {
  const Point x = n.mix(n.input(), 16);
  return {n.node("MaxPool", {x.value},
                 {{"kernel_shape", Integers{3, 3}},
                  {"strides", Integers{2, 2}},
                  {"pads", Integers(4, 1)}}),
          {16, 3, 3}};
}
template <int channels> Point excitation(Net& n) {
  const Point x = n.mix(n.input(), channels);
  const Point mean = {n.node("GlobalAveragePool", {x.value}), {channels, 1, 1}};
  const std::string share = n.node("Sigmoid", {n.mix(mean, channels).value});
  return {n.node("Mul", {x.value, share}), x.shape};
}
Point residual(Net& n) {
  const Point x = n.mix(n.input(), 16);
  const std::string bent = n.node("Tanh", {x.value});
  const std::string sum = n.node("Relu", {n.node("Add", {n.mix({bent, x.shape}, 16).value, bent})});
  return {n.node("Add", {sum, bent}), x.shape};
}

TEST(OpGradient, OfImagesAndLines) {
  const Row rows[] = {
      {"dilated causal convolution of a line, its mean", {3, 9}, conv_of_a_line},
      {"means of windows, then of the image", {3, 6, 6}, average_pools},
      {"maximum of padded windows that overlap", {3, 5, 5}, padded_max_pool},
      {"channels weighted, in blocks", {3, 4, 4}, excitation<16>},
      {"channels weighted, in rows", {3, 4, 4}, excitation<6>},
      {"sums that meet twice, with a ReLU", {3, 4, 4}, residual},
  };
  for (const Row& row : rows) check(row);
}

Point layer_norm(Net& n) {
  const Point x = n.project(n.input(), 10);
  return {n.node("LayerNormalization", {x.value, n.weight({10}, 0.3, 1), n.weight({10}, 0.3)},
                 {{"axis", std::int64_t{-1}}}),
          x.shape};
}
Point layer_norm_composed(Net& n) {
  const Point x = n.project(n.input(), 10);
  const Attributes last = {{"axes", Integers{-1}}};
  const std::string less = n.node("Sub", {x.value, n.node("ReduceMean", {x.value}, last)});
  const std::string variance = n.node("ReduceMean", {n.node("Pow", {less, n.scalar(2)})}, last);
  const std::string root = n.node("Sqrt", {n.node("Add", {variance, n.scalar(1e-5F)})});
  const std::string scaled = n.node("Mul", {n.node("Div", {less, root}), n.weight({10}, 0.3, 1)});
  return {n.node("Add", {scaled, n.weight({10}, 0.3)}), x.shape};
}
// Two heads of four over five tokens.
Point attention(Net& n) {
  const auto heads = [&n](const Integers& order) {
    const Point x = n.project(n.input(), 8);
    const std::string split = n.node("Reshape", {x.value, n.integers({0, -1, 2, 4})});
    return n.node("Transpose", {split}, {{"perm", order}});
  };
  const std::string near = n.node("MatMul", {heads({0, 2, 1, 3}), heads({0, 2, 3, 1})});
  const std::string share = n.node("Softmax", {n.node("Mul", {near, n.scalar(0.5F)})});
  const std::string mixed = n.node("MatMul", {share, heads({0, 2, 1, 3})});
  const std::string back = n.node("Transpose", {mixed}, {{"perm", Integers{0, 2, 1, 3}}});
  return {n.node("Reshape", {back, n.integers({0, -1, 8})}), {5, 8}};
}
Point positions(Net& n) {
  const Point x = n.project(n.input(), 6);
  return {n.node("Tanh", {n.node("Add", {n.weight({1, 5, 6}, 0.3), x.value})}), x.shape};
}
Point scales(Net& n) {
  const Point x = n.project(n.input(), 6);
  return {n.node("Tanh", {n.node("Mul", {x.value, n.weight({6}, 0.5)})}), x.shape};
}
Point mean_over_tokens(Net& n) {
  const Point x = n.project(n.input(), 6);
  return {n.node("ReduceMean", {n.node("Tanh", {x.value})},
                 {{"axes", Integers{1}}, {"keepdims", std::int64_t{0}}}),
          {6}};
}
Point sum_of_all_tokens(Net& n) {
  const Point x = n.project(n.input(), 6);
  return {n.node("ReduceSum", {n.node("Tanh", {x.value}), n.integers({1})}), {1, 6}};
}
Point first_token(Net& n) {
  const Point x = n.project(n.input(), 6);
  return {
      n.node("Gather", {n.node("Tanh", {x.value}), n.integers({0})}, {{"axis", std::int64_t{1}}}),
      {1, 6}};
}
Point range_of_tokens(Net& n) {
  const Point x = n.project(n.input(), 6);
  const std::string some = n.node("Slice", {x.value, n.integers({1, 0}), n.integers({4, 6}),
                                            n.integers({1, 2}), n.integers({1, 2})});
  return {n.node("Tanh", {some}), {3, 3}};
}
Point squeezed(Net& n) {
  const Point x = n.project(n.input(), 6);
  const std::string wide = n.node("Unsqueeze", {x.value, n.integers({1, -1})});
  return {n.node("Tanh", {n.node("Squeeze", {wide, n.integers({1})})}), {5, 6, 1}};
}

TEST(OpGradient, OfTransformers) {
  const Row rows[] = {
      {"LayerNormalization", {5, 7}, layer_norm},
      {"layer normalisation in single steps", {5, 7}, layer_norm_composed},
      {"attention", {5, 7}, attention},
      {"learned positions", {5, 7}, positions},
      {"learned scales", {5, 7}, scales},
      {"ReduceMean over tokens", {5, 7}, mean_over_tokens},
      {"ReduceSum over tokens", {5, 7}, sum_of_all_tokens},
      {"Gather of the first token", {5, 7}, first_token},
      {"Slice of tokens and features", {5, 7}, range_of_tokens},
      {"Unsqueeze and Squeeze", {5, 7}, squeezed},
  };
  for (const Row& row : rows) check(row);
}

template <int part> Point split_and_joined(Net& n) {
  const Point x = n.mix(n.input(), 2 * part);
  const auto halves =
      n.nodes("Split", {x.value, n.integers({part, part})}, 2, {{"axis", std::int64_t{1}}});
  const std::string bent = n.node("Tanh", {halves[1]});
  return {n.node("Concat", {bent, halves[0], bent}, {{"axis", std::int64_t{1}}}),
          {3 * part, x.shape[1], x.shape[2]}};
}
Point one_part_unread(Net& n) {
  const Point x = n.mix(n.input(), 8);
  const auto parts = n.nodes("Split", {x.value}, 2, {{"axis", std::int64_t{1}}});
  return {n.node("Tanh", {parts[1]}), {4, x.shape[1], x.shape[2]}};
}
Point quotient(Net& n) {
  const Point x = n.project(n.input(), 6), y = n.project(n.input(), 6);
  const std::string divisor = n.node("Add", {n.node("Softplus", {y.value}), n.scalar(1)});
  return {n.node("Div", {x.value, divisor}), x.shape};
}

TEST(OpGradient, OfPiecesAndQuotients) {
  const Row rows[] = {
      {"Split and Concat of whole blocks", {3, 4, 4}, split_and_joined<16>},
      {"Split and Concat of rows", {3, 4, 4}, split_and_joined<5>},
      {"Split with a part that nobody reads", {3, 4, 4}, one_part_unread},
      {"Div", {5}, quotient},
  };
  for (const Row& row : rows) check(row);
}

// Steps first, as ONNX has them; the states of all steps or the last one.
template <int gates> Point recurrent(Net& n, const std::string& direction, bool all) {
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1, units = 6;
  const Point x = n.project(n.input(), 4);
  const std::string steps = n.node("Transpose", {x.value}, {{"perm", Integers{1, 0, 2}}});
  Attributes attributes = {{"hidden_size", units}, {"direction", direction}};
  if (gates == 3) attributes["linear_before_reset"] = std::int64_t{1};
  const auto out = n.nodes(gates == 4 ? "LSTM" : "GRU",
                           {steps, n.weight({directions, gates * units, 4}, 0.5),
                            n.weight({directions, gates * units, units}, 0.5),
                            n.weight({directions, 2 * gates * units}, 0.3)},
                           2, attributes);
  if (!all) {
    return {n.node("Transpose", {out[1]}, {{"perm", Integers{1, 0, 2}}}), {directions, units}};
  }
  // Both results are read.
  const std::string states = n.node("Transpose", {out[0]}, {{"perm", Integers{2, 0, 1, 3}}});
  const std::string last = n.node("Transpose", {out[1]}, {{"perm", Integers{1, 0, 2}}});
  const std::string wide = n.node("Unsqueeze", {last, n.integers({1})});
  return {n.node("Mul", {states, wide}), {5, directions, units}};
}

TEST(OpGradient, OfRecurrentLayers) {
  const Row rows[] = {
      {"LSTM, its last state", {5, 3}, [](Net& n) { return recurrent<4>(n, "forward", false); }},
      {"LSTM, all states", {5, 3}, [](Net& n) { return recurrent<4>(n, "forward", true); }},
      {"LSTM from the end", {5, 3}, [](Net& n) { return recurrent<4>(n, "reverse", true); }},
      {"LSTM both ways", {5, 3}, [](Net& n) { return recurrent<4>(n, "bidirectional", true); }},
      {"LSTM of one step", {1, 3}, [](Net& n) { return recurrent<4>(n, "forward", false); }},
      {"GRU, its last state", {5, 3}, [](Net& n) { return recurrent<3>(n, "forward", false); }},
      {"GRU both ways", {5, 3}, [](Net& n) { return recurrent<3>(n, "bidirectional", true); }},
  };
  for (const Row& row : rows) check(row);
}

TEST(OpGradient, OfATableOfTokens) {
  GraphBuilder b;
  Random random(3);
  const auto weights = [&](Shape shape) {
    Tensor w(ElementType::kFloat32, std::move(shape));
    for (float& v : w.data<float>()) v = static_cast<float>(random.normal() * 0.5);
    return b.constant("w", std::move(w));
  };
  const std::string x = b.input("x", ElementType::kInt64, {-1, 6});
  const std::string rows = b.node("Gather", {weights({7, 4}), x}, {{"axis", std::int64_t{0}}});
  const std::string flat = b.node("Flatten", {b.node("Tanh", {rows})});
  b.output(b.node("MatMul", {flat, weights({24, kClasses})}), "y");
  const auto graph = std::move(b).build();
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  TrainCase data = random_case(*graph, 8, kClasses);
  for (float& token : data.features) token = static_cast<float>(random.below(7));
  check_gradients(*graph, data, {}, "table");
}

}  // namespace
}  // namespace tenbin
