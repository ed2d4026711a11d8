// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "data/transforms/fragment_builder.h"
#include "data/transforms/transform.h"
#include "data/transforms/words.h"

namespace tenbin {
namespace {

constexpr std::size_t kCounted = 4'000'000;  // words and pairs held while counting
constexpr std::size_t kWordBytes = 64;       // longer ones are encoded data, not words

struct Gram {
  std::string text;       // one word, or two with a blank between
  std::int64_t rows = 0;  // training rows that hold it
};

using Counts = std::unordered_map<std::string, std::pair<std::int64_t, std::int64_t>>;

void count_row(Counts& counts, const std::string& gram, std::int64_t row) {
  auto& [rows, last] = counts.try_emplace(gram, 0, -1).first->second;
  if (last == row) return;
  last = row;
  ++rows;
}

bool is_pair(const std::string& gram) { return gram.find(' ') != std::string::npos; }

// The words and pairs of the most rows: words first, then pairs, each in byte order.
std::vector<Gram> frequent_grams(const Column& column, const FitScope& scope,
                                 const FeatureOptions& options) {
  Counts counts;
  for (const std::int64_t row : scope.rows) {
    const auto words = words_of(column.texts[static_cast<std::size_t>(row)]);
    for (std::size_t w = 0; w < words.size(); ++w) {
      if (words[w].size() > kWordBytes) continue;
      count_row(counts, words[w], row);
      if (w > 0 && words[w - 1].size() <= kWordBytes) {
        count_row(counts, words[w - 1] + " " + words[w], row);
      }
    }
    if (counts.size() > kCounted) {  // forget what was seen in one row so far
      std::erase_if(counts, [](const auto& entry) { return entry.second.first < 2; });
    }
  }
  std::vector<Gram> grams;
  for (const auto& [text, seen] : counts) {
    if (seen.first >= options.min_documents) grams.push_back({text, seen.first});
  }
  const std::size_t most =
      std::min(grams.size(), static_cast<std::size_t>(std::max(options.max_ngrams, 1)));
  std::sort(grams.begin(), grams.end(), [](const Gram& a, const Gram& b) {
    return a.rows != b.rows ? a.rows > b.rows : a.text < b.text;
  });
  grams.resize(most);
  std::sort(grams.begin(), grams.end(), [](const Gram& a, const Gram& b) {
    const bool a_pair = is_pair(a.text), b_pair = is_pair(b.text);
    return a_pair != b_pair ? b_pair : a.text < b.text;
  });
  if (grams.empty()) grams.push_back({"the", 0});  // a feature that may stay 0
  return grams;
}

// The TfIdfVectorizer of the grams: counts times idf = ln((1 + n) / (1 + rows)) + 1.
Attributes vectorizer(const std::vector<Gram>& grams, std::size_t rows) {
  std::vector<std::string> pool;
  std::vector<float> weights;
  std::vector<std::int64_t> places;
  std::int64_t singles = 0;
  for (const Gram& gram : grams) {
    const std::size_t blank = gram.text.find(' ');
    pool.push_back(gram.text.substr(0, blank));
    if (blank == std::string::npos) {
      ++singles;
    } else {
      pool.push_back(gram.text.substr(blank + 1));
    }
    places.push_back(static_cast<std::int64_t>(places.size()));
    weights.push_back(static_cast<float>(
        std::log((1.0 + static_cast<double>(rows)) / (1.0 + static_cast<double>(gram.rows))) + 1));
  }
  const bool pairs = singles < static_cast<std::int64_t>(grams.size());
  std::vector<std::int64_t> starts = {0};
  if (pairs) starts.push_back(singles);
  return {{"mode", std::string("TFIDF")},
          {"min_gram_length", std::int64_t{1}},
          {"max_gram_length", std::int64_t{pairs ? 2 : 1}},
          {"max_skip_count", std::int64_t{0}},
          {"ngram_counts", std::move(starts)},
          {"ngram_indexes", std::move(places)},
          {"pool_strings", std::move(pool)},
          {"weights", std::move(weights)}};
}

FittedTransform fit(std::span<const Column* const> columns, const FitScope& scope,
                    const FeatureOptions& options) {
  FittedTransform out;
  FragmentBuilder build(scope.prefix);
  std::vector<std::string> parts;
  for (const Column* column : columns) {
    const std::string raw = build.input(column->name, ElementType::kString, {-1, 1});
    const std::string shape =
        build.constant("flat", Tensor::of<std::int64_t>({1}, {std::int64_t{-1}}));
    const std::string flat = build.call("Reshape", {raw, shape});
    const std::string lower = build.call("StringNormalizer", {flat},
                                         {{"case_change_action", std::string("LOWER")},
                                          {"locale", std::string("C")},
                                          {"is_case_sensitive", std::int64_t{1}}});
    const std::string words = build.split_words(lower);
    const std::vector<Gram> grams = frequent_grams(*column, scope, options);
    const std::string counted =
        build.call("TfIdfVectorizer", {words}, vectorizer(grams, scope.rows.size()));
    parts.push_back(
        build.call("Normalizer", {counted}, {{"norm", std::string("L2")}}, "ai.onnx.ml"));
    for (const Gram& gram : grams) out.feature_names.push_back(column->name + ": " + gram.text);
  }
  out.feature_shape = {static_cast<std::int64_t>(out.feature_names.size())};
  out.what = "words and word pairs in lower case, weighted by rarity, each row to length 1";
  out.fragment = build.done(build.concat(parts));
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions&, std::string& why) {
  if (column.column->type != ColumnType::kText) return 0;
  why = "free text";
  return 10;
}

}  // namespace

const TransformEntry& transform_text() {
  static const TransformEntry entry{"text", "Words and word pairs, weighted by rarity.", suits,
                                    fit};
  return entry;
}

}  // namespace tenbin
