// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaText, TellsShapes) {
  check({
      {"words stay", op("StringNormalizer"), {text({5})}, {text({5})}},
      {"stop words go",
       op("StringNormalizer", {{"stopwords", std::vector<std::string>{"a"}}}),
       {text({1, 5})},
       {text({1, -1})}},
      {"words only in rows of one", op("StringNormalizer"), {text({1, 1, 5})}, {}, true},
      {"one column an n-gram",
       op("TfIdfVectorizer", {{"ngram_indexes", Ints{0, 2, 1}}}),
       {text({-1, 7})},
       {f32({-1, 3})}},
      {"column below 0",
       op("TfIdfVectorizer", {{"ngram_indexes", Ints{-4}}}),
       {text({-1, 7})},
       {},
       true},
      {"pieces and their number", op("StringSplit"), {text({-1})}, {text({-1, -1}), i64({-1})}},
  });
}

}  // namespace
}  // namespace tenbin
