// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/transforms/transform.h"

namespace tenbin {
const TransformEntry& transform_text();
namespace {

std::vector<std::string> ops_of(const Fragment& fragment) {
  std::vector<std::string> out;
  for (const OpCall& call : fragment.calls) out.push_back(call.op);
  return out;
}

TEST(TransformText, CountsWordsAndPairsOfTrainingRows) {
  Column column;
  column.name = "t";
  column.type = ColumnType::kText;
  column.texts = {"Free money now", "free\tmoney  later", "", "test only test only"};
  const std::vector<const Column*> columns = {&column};
  const std::int64_t rows[] = {0, 1, 2};
  const FittedTransform fitted = transform_text().fit(columns, {rows, "p/"}, {});
  EXPECT_EQ(ops_of(fitted.fragment),
            (std::vector<std::string>{"Reshape", "StringNormalizer", "StringSplit",
                                      "TfIdfVectorizer", "Normalizer"}));
  EXPECT_EQ(fitted.feature_names,
            (std::vector<std::string>{"t: free", "t: money", "t: free money"}));
  const OpCall& count = fitted.fragment.calls[3];
  EXPECT_EQ(count.texts("pool_strings"),
            (std::vector<std::string>{"free", "money", "free", "money"}));
  EXPECT_EQ(count.integers("ngram_counts"), (std::vector<std::int64_t>{0, 2}));
  EXPECT_EQ(count.integers("ngram_indexes"), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_NEAR(count.numbers("weights")[0], 1.287682f, 1e-6) << "ln(4 / 3) + 1";
}

TEST(TransformText, KeepsTheMostFrequent) {
  Column column;
  column.name = "t";
  column.type = ColumnType::kText;
  column.texts = {"a b", "a c", "a b"};
  const std::vector<const Column*> columns = {&column};
  const std::int64_t rows[] = {0, 1, 2};
  FeatureOptions options;
  options.max_ngrams = 1;
  EXPECT_EQ(transform_text().fit(columns, {rows, "p/"}, options).feature_names,
            std::vector<std::string>{"t: a"});
}

}  // namespace
}  // namespace tenbin
