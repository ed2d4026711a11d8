// SPDX-License-Identifier: Apache-2.0
#include "base/options.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/nearest_name.h"

namespace tenbin {
namespace {

std::string kebab(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

Error not_a(std::string_view text, std::string_view kind) {
  return Error(ErrorCode::kBadValue,
               "found '" + std::string(text) + "', expected " + std::string(kind));
}

}  // namespace

std::string DescribedOption::flag() const { return "--" + kebab(name); }

Result<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, value);
  if (failure != std::errc{} || end != last) return not_a(text, "a whole number");
  return value;
}

Result<double> parse_number(std::string_view text) {
  double value = 0;
  const char* last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, value);
  if (failure != std::errc{} || end != last || !std::isfinite(value)) {
    return not_a(text, "a number");
  }
  return value;
}

Result<bool> parse_switch(std::string_view text) {
  if (text.empty() || text == "true" || text == "on" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "off" || text == "no" || text == "0") return false;
  return not_a(text, "true or false");
}

Result<int> OptionText<int>::parse(std::string_view text) {
  TENBIN_TRY(const std::int64_t value, parse_integer(text));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return not_a(text, "a whole number of 32 bits");
  }
  return static_cast<int>(value);
}

std::string OptionText<std::vector<std::string>>::print(const std::vector<std::string>& v) {
  std::string out;
  for (const std::string& item : v) out += (out.empty() ? "" : ",") + item;
  return out;
}

Result<std::vector<std::string>> OptionText<std::vector<std::string>>::parse(
    std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

Json options_json(const std::vector<DescribedOption>& options) {
  Json out = Json::object();
  for (const DescribedOption& option : options) out.set(option.name, option.get());
  return out;
}

namespace {

// The default in the JSON type that its property declares.
Json default_value(const DescribedOption& option) {
  const std::string& text = option.default_text;
  if (option.type == "boolean") return text == "true";
  if (option.type == "integer") {
    if (const auto whole = parse_integer(text); whole.ok()) return *whole;
  }
  if (option.type == "number") {
    if (const auto number = parse_number(text); number.ok()) return *number;
  }
  if (option.type != "list") return text;
  const auto items = OptionText<std::vector<std::string>>::parse(text);
  return items.ok() ? Json::array_of(*items) : Json::array();
}

}  // namespace

Json options_schema(const std::vector<DescribedOption>& options) {
  Json properties = Json::object();
  for (const DescribedOption& option : options) {
    const bool plain = option.type == "integer" || option.type == "number" ||
                       option.type == "boolean" || option.type == "string";
    Json property = Json::object();
    if (option.type == "list") {
      property = Json::object({{"type", "array"}, {"items", Json::object({{"type", "string"}})}});
    } else {
      property.set("type", plain ? option.type : std::string("string"));
      if (!plain) property.set("format", option.type);
    }
    property.set("description", option.doc);
    property.set("default", default_value(option));
    properties.set(option.name, std::move(property));
  }
  return Json::object({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"type", "object"},
                       {"properties", std::move(properties)},
                       {"additionalProperties", false}});
}

Status set_option(std::vector<DescribedOption>& options, std::string_view name,
                  std::string_view value) {
  std::vector<std::string> names;
  for (DescribedOption& option : options) {
    if (option.name == name || kebab(option.name) == name) return option.set(value);
    names.push_back(kebab(option.name));
  }
  const auto near = nearest_names(name, names);
  return Error(ErrorCode::kUnknownOption, "unknown option '" + std::string(name) +
                                              "': " + one_of(near.empty() ? names : near));
}

}  // namespace tenbin
