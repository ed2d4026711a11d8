// SPDX-License-Identifier: Apache-2.0
#include "app/profile/model_inputs.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

Graph graph_of(std::vector<ValueInfo> inputs) {
  Graph out;
  out.inputs = std::move(inputs);
  return out;
}

TEST(ModelInputs, ShapesAreReadOrRefused) {
  const auto shapes = parse_input_shapes({"image=1x3x224x224", "a=b=7"});
  ASSERT_TRUE(shapes.ok());
  EXPECT_EQ(shapes->at("image"), (Shape{1, 3, 224, 224}));
  EXPECT_EQ(shapes->at("a=b"), (Shape{7})) << "names may hold the sign";
  for (const char* bad : {"image", "=3", "x=", "x=3x", "x=0", "x=-1", "x=ax3", "x=3X4",
                          "x=9223372036854775807x9223372036854775807"}) {
    EXPECT_FALSE(parse_input_shapes({bad}).ok()) << bad;
  }
}

TEST(ModelInputs, FreeSizesAreBoundAndSaid) {
  const Graph graph = graph_of({{"x", ElementType::kFloat32, {-1, 3, -1}}});
  const auto plain = bind_inputs(graph, {}, 8);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->inputs[0].shape, (Shape{8, 3, 1}));
  EXPECT_EQ(plain->rows, 8);
  EXPECT_FALSE(plain->fixed);
  ASSERT_EQ(plain->notes.size(), 1U);
  EXPECT_NE(plain->notes[0].find("dimension 2 of input 'x'"), std::string::npos);
  const auto given = bind_inputs(graph, {{"x", {1, 3, 20}}}, 8);
  ASSERT_TRUE(given.ok());
  EXPECT_EQ(given->inputs[0].shape, (Shape{8, 3, 20})) << "rows come from the batch";
  EXPECT_TRUE(given->notes.empty());
  const auto fixed = bind_inputs(graph_of({{"x", ElementType::kFloat32, {2, 5}}}), {}, 8);
  ASSERT_TRUE(fixed.ok());
  EXPECT_TRUE(fixed->fixed);
  EXPECT_EQ(fixed->rows, 2);
}

TEST(ModelInputs, RefusalsSayWhatIsWanted) {
  const Graph graph = graph_of({{"x", ElementType::kFloat32, {-1, 3}}});
  EXPECT_NE(bind_inputs(graph, {{"x", {1, 4}}}, 1).error().message().find("expected [-1, 3]"),
            std::string::npos);
  EXPECT_NE(bind_inputs(graph, {{"y", {1, 3}}}, 1).error().message().find("no input 'y'"),
            std::string::npos);
  ValueInfo unknown{"z", ElementType::kFloat32, {}};
  unknown.has_shape = false;
  EXPECT_EQ(bind_inputs(graph_of({unknown}), {}, 1).error().code(), ErrorCode::kMissingArgument);
  EXPECT_TRUE(bind_inputs(graph_of({unknown}), {{"z", {4, 4}}}, 1).ok());
  const std::vector<ValueInfo> text = {{"t", ElementType::kString, {1, 1}}};
  const auto refused = made_inputs(text, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().hint().find("--data"), std::string::npos);
}

TEST(ModelInputs, ValuesFollowFromTheSeed) {
  std::vector<ValueInfo> inputs;
  for (const ElementType type : {ElementType::kFloat32, ElementType::kInt64, ElementType::kUint8,
                                 ElementType::kBool, ElementType::kFloat16}) {
    inputs.push_back({"i" + std::to_string(inputs.size()), type, {4, 8}});
  }
  const auto a = made_inputs(inputs, 7), b = made_inputs(inputs, 7), c = made_inputs(inputs, 8);
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  EXPECT_EQ(*a, *b);
  EXPECT_NE((*a)[0], (*c)[0]);
  for (const std::int64_t v : (*a)[1].data<std::int64_t>()) EXPECT_TRUE(v == 0 || v == 1);
}

}  // namespace
}  // namespace tenbin
