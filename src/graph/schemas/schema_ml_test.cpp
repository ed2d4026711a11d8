// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "ai.onnx.ml", "", {}, {}, std::move(attributes)};
}
using Texts = std::vector<std::string>;

TEST(SchemaMl, TellsTypesAndShapes) {
  check({
      {"number to name",
       op("LabelEncoder", {{"keys_int64s", Ints{0, 1}}, {"values_strings", Texts{"no", "yes"}}}),
       {i64({-1})},
       {text({-1})}},
      {"name to number",
       op("LabelEncoder", {{"keys_strings", Texts{"a"}}, {"values_floats", std::vector<float>{1}}}),
       {text({-1, 1})},
       {f32({-1, 1})}},
      {"a column a category",
       op("OneHotEncoder", {{"cats_strings", Texts{"a", "b", "c"}}}),
       {text({-1})},
       {f32({-1, 3})}},
      {"texts to integers", op("CategoryMapper"), {text({-1, 2})}, {i64({-1, 2})}},
      {"integers become floats", op("Scaler"), {i64({-1, 4})}, {f32({-1, 4})}},
      {"named classes",
       op("TreeEnsembleClassifier", {{"classlabels_strings", Texts{"a", "b"}}}),
       {f32({-1, 30})},
       {text({-1}), f32({-1, 2})}},
      {"numbered classes",
       op("LinearClassifier", {{"classlabels_ints", Ints{0, 1, 2}}}),
       {f32({-1, 4})},
       {i64({-1}), f32({-1, 3})}},
      {"targets",
       op("TreeEnsembleRegressor", {{"n_targets", std::int64_t{2}}}),
       {f32({-1, 4})},
       {f32({-1, 2})}},
      {"no target",
       op("TreeEnsembleRegressor", {{"n_targets", std::int64_t{0}}}),
       {f32({-1, 4})},
       {},
       true},
      {"columns", op("ArrayFeatureExtractor"), {f32({-1, 9}), i64({3})}, {f32({-1, 3})}},
      {"side by side",
       op("FeatureVectorizer", {{"inputdimensions", Ints{2, 3}}}),
       {f32({-1, 2}), f32({-1, 3})},
       {f32({-1, 5})}},
  });
}

}  // namespace
}  // namespace tenbin
