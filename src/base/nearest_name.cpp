// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_name.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace tenbin {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Edits between two words, a swap of neighbours counting one (optimal string alignment).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view wrong, std::span<const std::string> names,
                                       std::size_t count) {
  constexpr std::size_t kLongest = 64;  // a longer word is not a slip of the finger
  const std::string word = lower(wrong.substr(0, kLongest));
  const std::size_t reach = std::max<std::size_t>(1, (word.size() + 2) / 3);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& name : names) {
    if (name.size() > kLongest) continue;
    const std::string candidate = lower(name);
    std::size_t edits = distance(word, candidate);
    const bool prefix = word.size() >= 2 && candidate.starts_with(word);
    if (prefix) edits = std::min<std::size_t>(edits, 1);
    if (edits <= reach) near.emplace_back(edits, name);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < near.size() && i < count; ++i) out.push_back(near[i].second);
  return out;
}

std::string one_of(std::span<const std::string> names, std::size_t most) {
  std::string text = "expected one of ";
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  if (names.size() > most) text += " (and " + std::to_string(names.size() - most) + " more)";
  return text;
}

std::string some_of(std::span<const std::string> names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

}  // namespace tenbin
