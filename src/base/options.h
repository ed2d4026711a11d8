// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/units.h"

namespace tenbin {

// How a type of option is written, named and read back. One specialisation per type.
template <class T> struct OptionText;

// One option of a struct, bound to an object: everything a flag, a schema, a help page or a
// Python keyword needs. Lives no longer than the object.
struct DescribedOption {
  std::string name;  // snake_case; the flag is --kebab-case
  std::string doc;   // "Largest batch formed [requests, 1..4096]."
  std::string type;  // "duration", "integer", ...
  std::string default_text;
  bool is_switch = false;  // a bool: its flag takes no value
  std::function<Status(std::string_view)> set;
  std::function<std::string()> get;

  std::string flag() const;  // "--max-wait"
};

// The Fields visitor that collects them. S has `template <class F> static void describe(F&)`.
template <class S> class OptionCollector {
 public:
  explicit OptionCollector(S& object) : object_(object) {}

  template <class T> void operator()(std::string_view name, T S::*member, std::string_view doc) {
    DescribedOption option;
    option.name = name;
    option.doc = doc;
    option.type = OptionText<T>::kType;
    option.is_switch = std::is_same_v<T, bool>;
    option.default_text = OptionText<T>::print(S{}.*member);
    T* target = &(object_.*member);
    option.set = [target, label = option.flag()](std::string_view text) -> Status {
      auto value = OptionText<T>::parse(text);
      if (!value.ok()) return Error(value.error()).at(label);
      *target = std::move(value).value();
      return {};
    };
    option.get = [target] { return OptionText<T>::print(*target); };
    options.push_back(std::move(option));
  }

  std::vector<DescribedOption> options;

 private:
  S& object_;
};

// The options of `object`, in the order of their declaration.
template <class S> std::vector<DescribedOption> described(S& object) {
  OptionCollector<S> collector(object);
  S::describe(collector);
  return std::move(collector.options);
}

// All options as a JSON object of their current values, as text.
Json options_json(const std::vector<DescribedOption>& options);
// JSON Schema (draft 2020-12 object) of the options.
Json options_schema(const std::vector<DescribedOption>& options);
// Sets one option by name (snake or kebab case). Unknown name: kUnknownOption with near names.
Status set_option(std::vector<DescribedOption>& options, std::string_view name,
                  std::string_view value);

// ---- the types ----
Result<std::int64_t> parse_integer(std::string_view text);
Result<double> parse_number(std::string_view text);
Result<bool> parse_switch(std::string_view text);

template <> struct OptionText<bool> {
  static constexpr const char* kType = "boolean";
  static std::string print(bool v) { return v ? "true" : "false"; }
  static Result<bool> parse(std::string_view text) { return parse_switch(text); }
};
template <> struct OptionText<int> {
  static constexpr const char* kType = "integer";
  static std::string print(int v) { return std::to_string(v); }
  static Result<int> parse(std::string_view text);
};
template <> struct OptionText<std::int64_t> {
  static constexpr const char* kType = "integer";
  static std::string print(std::int64_t v) { return std::to_string(v); }
  static Result<std::int64_t> parse(std::string_view text) { return parse_integer(text); }
};
template <> struct OptionText<double> {
  static constexpr const char* kType = "number";
  static std::string print(double v) { return to_text(v, 6); }
  static Result<double> parse(std::string_view text) { return parse_number(text); }
};
template <> struct OptionText<std::string> {
  static constexpr const char* kType = "string";
  static std::string print(const std::string& v) { return v; }
  static Result<std::string> parse(std::string_view text) { return std::string(text); }
};
template <> struct OptionText<std::vector<std::string>> {
  static constexpr const char* kType = "list";
  static std::string print(const std::vector<std::string>& v);
  static Result<std::vector<std::string>> parse(std::string_view text);  // comma separated
};
#define TENBIN_UNIT_OPTION(Type, type_name, parser)                           \
  template <> struct OptionText<Type> {                                       \
    static constexpr const char* kType = type_name;                           \
    static std::string print(Type v) { return to_text(v); }                   \
    static Result<Type> parse(std::string_view text) { return parser(text); } \
  };
TENBIN_UNIT_OPTION(Duration, "duration", parse_duration)
TENBIN_UNIT_OPTION(Energy, "energy", parse_energy)
TENBIN_UNIT_OPTION(Power, "power", parse_power)
TENBIN_UNIT_OPTION(Bytes, "size", parse_bytes)
TENBIN_UNIT_OPTION(Money, "money", parse_money)
TENBIN_UNIT_OPTION(Carbon, "carbon", parse_carbon)
TENBIN_UNIT_OPTION(Ratio, "share", parse_ratio)
#undef TENBIN_UNIT_OPTION

}  // namespace tenbin
