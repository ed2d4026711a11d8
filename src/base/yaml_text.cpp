// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_text.h"

#include <algorithm>
#include <cctype>

namespace tenbin {
namespace {

bool is_plain(const std::string& text) {
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
           c == '/';
  };
  if (!std::all_of(text.begin(), text.end(), fits)) return false;
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* word : {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}) {
    if (lower == word) return false;
  }
  return true;
}

std::string scalar(const Json& value) {
  if (value.is_string() && is_plain(value.as_string())) return value.as_string();
  return value.dump();  // a JSON text is a double-quoted one of YAML
}

bool is_short(const Json& value) {
  return (!value.is_object() && !value.is_array()) ||
         value.members().size() + value.items().size() == 0;
}

std::string key_text(const std::string& key) { return is_plain(key) ? key : Json(key).dump(); }

void append(const Json& value, std::size_t indent, std::string& out) {
  const std::string pad(indent, ' ');
  for (const auto& [key, member] : value.members()) {
    out += pad + key_text(key) + ":";
    if (is_short(member)) {
      out += " " + scalar(member) + "\n";
    } else {
      out += "\n";
      append(member, indent + (member.is_array() ? 0 : 2), out);
    }
  }
  for (const Json& item : value.items()) {
    if (is_short(item)) {
      out += pad + "- " + scalar(item) + "\n";
      continue;
    }
    std::string inner;
    append(item, indent + 2, inner);
    inner[indent] = '-';  // in place of the first line's indent
    out += inner;
  }
}

}  // namespace

std::string yaml_text(const Json& value) {
  if (is_short(value)) return scalar(value) + "\n";
  std::string out;
  append(value, 0, out);
  return out;
}

}  // namespace tenbin
