// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/vocabulary.h"

#include <algorithm>

namespace tenbin {

std::vector<CountedValue> vocabulary_of(const Column& column, const FitScope& scope) {
  std::vector<std::int64_t> counts(column.dictionary.size() + 1, 0);
  for (const std::int64_t row : scope.rows) {
    const std::int32_t code = column.codes[static_cast<std::size_t>(row)];
    ++counts[code < 0 ? column.dictionary.size() : static_cast<std::size_t>(code)];
  }
  std::vector<CountedValue> out;
  for (std::size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] == 0) continue;
    out.push_back(
        {code < column.dictionary.size() ? column.dictionary[code] : std::string(), counts[code]});
  }
  std::sort(out.begin(), out.end(), [](const CountedValue& a, const CountedValue& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  });
  return out;
}

std::uint64_t text_hash(const std::string& text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash ^ (hash >> 32);
}

}  // namespace tenbin
