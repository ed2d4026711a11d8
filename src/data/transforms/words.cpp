// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/words.h"

namespace tenbin {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : text) {
    if (!is_space(c)) {
      word.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) out.push_back(std::move(word));
  return out;
}

std::string with_blanks(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (is_space(c)) c = ' ';
  }
  return out;
}

}  // namespace tenbin
