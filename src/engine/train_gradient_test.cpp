// SPDX-License-Identifier: Apache-2.0
// Gradients of whole networks against central differences of their own loss.
#include <gtest/gtest.h>

#include "engine/gradient_case.h"
#include "graph/builder.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

TEST(Gradient, OfNetworksAgreesWithDifferences) {
  CnnShape plain;
  plain.stages = {{8, 1}, {16, 1}};
  plain.dense = {12};
  CnnShape normed = plain;
  normed.batch_norm = true;
  CnnShape deep = normed;
  deep.stages = {{8, 2}, {16, 2}};
  CnnShape wide;
  wide.stages = {{32, 1}, {32, 1}};
  wide.dense = {8};
  const struct {
    const char* why;
    CnnShape shape;
  } rows[] = {{"plain", plain}, {"normalised", normed}, {"two a stage", deep}, {"wide", wide}};
  for (const auto& row : rows) {
    const auto graph = make_cnn(1, 12, 12, 4, row.shape, 3);
    ASSERT_TRUE(graph.ok()) << graph.error().to_string();
    check_gradients(*graph, random_case(*graph, 16, 4), {}, row.why);
  }
}

// Two branches that meet in a product, a sum, a difference and a concat; one value read thrice;
// activations on top of each other, which must not share their memory.
Result<Graph> branching_net() {
  GraphBuilder b;
  Random random(3);
  const auto weights = [&](std::int64_t in, std::int64_t out) {
    Tensor w(ElementType::kFloat32, {in, out});
    for (float& v : w.data<float>()) v = static_cast<float>(random.normal() * 0.5);
    return b.constant("w", std::move(w));
  };
  std::string x = b.input("x", ElementType::kFloat32, {-1, 6});
  x = b.node("MatMul", {x, weights(6, 8)});
  const std::string left = b.node("Tanh", {b.node("MatMul", {x, weights(8, 8)})});
  const std::string right = b.node("Sigmoid", {b.node("Tanh", {x})});
  const std::string product = b.node("Mul", {left, right});
  const std::string sum = b.node("Add", {product, x});
  const std::string less = b.node("Sub", {sum, left});
  std::string y = b.node("Concat", {less, product, x}, {{"axis", std::int64_t{1}}});
  y = b.node("Elu", {b.node("Softmax", {y})});
  b.output(b.node("MatMul", {y, weights(24, 3)}), "y");
  return std::move(b).build();
}

TEST(Gradient, OfBranchesAgreesWithDifferences) {
  const auto graph = branching_net();
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  check_gradients(*graph, random_case(*graph, 8, 3), {}, "branches");
}

TEST(Gradient, OfEveryLossAgreesWithDifferences) {
  const auto many = make_mlp(6, {7}, 3, 1);
  const auto single = make_mlp(6, {7}, 1, 1);
  ASSERT_TRUE(many.ok() && single.ok());
  TrainOptions options;
  options.label_smoothing = 0.1;
  options.class_weights = {1, 2, 0.5F};
  check_gradients(*many, random_case(*many, 8, 3), options, "softmax, smoothed and weighted");
  options = {};
  options.loss = Loss::kBinaryCrossEntropy;
  check_gradients(*single, random_case(*single, 8, 2), options, "binary");
  options.loss = Loss::kMeanSquaredError;
  check_gradients(*single, random_case(*single, 8, 1), options, "squares");
  options.loss = Loss::kHuber;
  check_gradients(*single, random_case(*single, 8, 1), options, "huber");
}

}  // namespace
}  // namespace tenbin
