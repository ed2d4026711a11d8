// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

OpCall pairs(const std::string& mode) {
  Attributes a;
  a["mode"] = mode;
  a["min_gram_length"] = std::int64_t{1};
  a["max_gram_length"] = std::int64_t{2};
  a["max_skip_count"] = std::int64_t{0};
  a["pool_strings"] = std::vector<std::string>{"a", "b", "a", "b"};
  a["ngram_counts"] = std::vector<std::int64_t>{0, 2};
  a["ngram_indexes"] = std::vector<std::int64_t>{0, 1, 2};
  a["weights"] = std::vector<float>{1, 2, 3};
  return op_call("TfIdfVectorizer", 1, a);
}

TEST(OpTfidf, CountsWordsAndPairs) {
  const Tensor in = Tensor::strings({2, 4}, {"a", "b", "a", "b", "b", "x", "a", ""});
  const struct {
    const char* mode;
    Tensor expected;
  } rows[] = {{"TF", Tensor::of<float>({2, 3}, {2, 2, 2, 1, 1, 0})},
              {"IDF", Tensor::of<float>({2, 3}, {1, 2, 3, 1, 2, 0})},
              {"TFIDF", Tensor::of<float>({2, 3}, {2, 4, 6, 1, 2, 0})}};
  for (const auto& row : rows) {
    const auto out = run_op(pairs(row.mode), {in});
    ASSERT_TRUE(out.ok()) << out.error().to_string();
    EXPECT_EQ(out->front(), row.expected) << row.mode;
  }
  EXPECT_FALSE(run_op(pairs("BM25"), {in}).ok());
}

}  // namespace
}  // namespace tenbin
