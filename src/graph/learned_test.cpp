// SPDX-License-Identifier: Apache-2.0
#include "graph/learned.h"

#include <gtest/gtest.h>

#include "graph/builder.h"

namespace tenbin {
namespace {

TEST(Learned, AreWeightsAndWhatIsAddedBehindThem) {
  GraphBuilder b;
  const auto floats = [&b](const std::string& name, Shape shape) {
    return b.constant(name, Tensor(ElementType::kFloat32, std::move(shape)));
  };
  std::string x = b.input("x", ElementType::kFloat32, {-1, 4});
  const std::string prepared = b.node("Mul", {x, floats("input_scale", {4})});
  const std::string product = b.node("MatMul", {prepared, floats("weights", {4, 3})});
  const std::string half = b.node("Mul", {product, floats("half", {})});
  b.output(b.node("Add", {floats("place", {1, 3}), half}), "y");
  const auto graph = std::move(b).build();
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  const LearnedNames learned = find_learned(*graph);
  EXPECT_EQ(learned.weights, (std::set<std::string>{"weights", "place"}))
      << "neither what prepares the input nor a factor of one value";
  EXPECT_EQ(learned.values, (std::set<std::string>{product, half, "y"}));
}

}  // namespace
}  // namespace tenbin
