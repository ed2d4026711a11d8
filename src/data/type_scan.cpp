// SPDX-License-Identifier: Apache-2.0
#include "data/type_scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/limits.h"

namespace tenbin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kMissingTime = std::numeric_limits<std::int64_t>::min();
// Missing-value texts of number columns only: in a column of words they may be words.
constexpr std::array<std::string_view, 8> kNumberTokens = {"-",    "--",   ".",    "none",
                                                           "None", "#N/A", "<NA>", "NIL"};
constexpr std::size_t kCategoryBytes = 64;  // longer repeated values are rather text
constexpr double kJunkShare = 0.01;
constexpr std::size_t kJunkTexts = 3;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool blank(std::string_view text) { return std::all_of(text.begin(), text.end(), is_space); }

std::optional<double> boolean_of(std::string_view text) {
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "T"}) {
    if (text == yes) return 1.0;
  }
  for (const std::string_view no : {"false", "False", "FALSE", "f", "F"}) {
    if (text == no) return 0.0;
  }
  return std::nullopt;
}

bool listed(const std::vector<std::string>& names, std::string_view text) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

std::string quoted_list(const std::map<std::string, std::int64_t>& counts) {
  std::string out;
  for (const auto& [text, count] : counts) {
    out += (out.empty() ? "'" : ", '") + text + "' x " + std::to_string(count);
  }
  return out;
}

}  // namespace

TypeScan::TypeScan(std::string name, const std::vector<std::string>& missing)
    : name_(std::move(name)), missing_(missing) {}

bool TypeScan::is_missing_text(const std::string& text) const { return listed(missing_, text); }

void TypeScan::add(std::string_view text) {
  ++rows_;
  if (text.data() == nullptr || blank(text)) {
    ++empty_;
    return;
  }
  longest_ = std::max(longest_, text.size());
  if (counting_) {
    const auto known = counts_.find(text);
    if (known != counts_.end()) {
      ++known->second;
      return;  // judged once, when finish() goes through the distinct texts
    }
    if (counts_.size() < limits::kClasses) {
      counts_.emplace(std::string(text), 1);
      order_.emplace_back(text);
      return;
    }
    counting_ = false;
    for (const std::string& seen : order_) {
      judge(seen, counts_.at(seen));
    }
  }
  judge(std::string(text), 1);
}

void TypeScan::judge(const std::string& text, std::int64_t rows) {
  if (is_missing_text(text)) {
    tokens_[text] += rows;
    return;
  }
  present_ += rows;
  if (text.find(' ') != text.npos) spaced_rows_ += rows;
  if (const auto number = parse_cell_number(text)) {
    number_rows_ += rows;
    if (std::isinf(*number)) infinite_rows_ += rows;
    if (*number == std::nearbyint(*number) && !std::isinf(*number)) integer_rows_ += rows;
    return;
  }
  if (boolean_of(text)) boolean_rows_ += rows;
  for (const TimeStyle style : {TimeStyle::kIso, TimeStyle::kDayFirst, TimeStyle::kMonthFirst}) {
    if (parse_time(text, style)) time_rows_[static_cast<int>(style)] += rows;
  }
  if (junk_.size() < 64 || junk_.contains(text)) junk_[text] += rows;
}

ColumnPlan TypeScan::number_plan(std::int64_t junk_rows) {
  ColumnPlan plan;
  plan.type = ColumnType::kNumber;
  plan.integral = integer_rows_ == number_rows_;
  plan.why = std::string(plan.integral ? "whole numbers" : "numbers");
  plan.missing = missing_;
  for (const std::string_view token : kNumberTokens) plan.missing.emplace_back(token);
  if (!tokens_.empty()) {
    plan.why += "; missing where it says " + quoted_list(tokens_);
    plan.notes.push_back("read as numbers; these texts count as missing: " + quoted_list(tokens_));
  }
  if (junk_rows > 0) {
    plan.junk_is_missing = true;
    plan.why += "; texts that are no numbers count as missing: " + quoted_list(junk_);
    plan.notes.push_back("numbers apart from " + quoted_list(junk_) + ", which count as missing");
  }
  if (infinite_rows_ > 0) {
    plan.notes.push_back(std::to_string(infinite_rows_) + " infinite values");
  }
  return plan;
}

ColumnPlan TypeScan::string_plan() {
  ColumnPlan plan;
  plan.missing = missing_;
  const auto distinct = static_cast<std::int64_t>(counts_.size() - tokens_.size());
  const bool repeated = counting_ && (distinct <= 20 || distinct * 2 < present_);
  const bool sentences = longest_ > kCategoryBytes && spaced_rows_ * 2 > present_;
  plan.type = repeated && !sentences ? ColumnType::kCategory : ColumnType::kText;
  if (!tokens_.empty()) plan.notes.push_back("counts as missing: " + quoted_list(tokens_));
  if (plan.type == ColumnType::kCategory) {
    for (const std::string& text : order_) {
      if (!is_missing_text(text)) plan.dictionary.push_back(text);
    }
    plan.why =
        std::to_string(distinct) + " different values in " + std::to_string(present_) + " rows";
    return plan;
  }
  if (!counting_) {
    plan.why = "more than " + std::to_string(limits::kClasses) + " different texts";
  } else if (distinct == present_) {
    plan.why = "every text is different";
    if (spaced_rows_ == 0 && longest_ <= kCategoryBytes) {
      plan.notes.push_back("every value is different and short: perhaps an identifier");
    }
  } else {
    plan.why = sentences ? "long texts with spaces" : "texts that seldom repeat";
  }
  return plan;
}

ColumnPlan TypeScan::finish() {
  if (counting_) {
    for (const std::string& text : order_) judge(text, counts_.at(text));
  }
  if (number_rows_ > 0) {
    for (const std::string_view token : kNumberTokens) {
      const auto it = junk_.find(std::string(token));
      if (it == junk_.end()) continue;
      tokens_.insert(*it);
      present_ -= it->second;
      junk_.erase(it);
    }
  }
  const std::int64_t others = present_ - number_rows_;
  ColumnPlan plan;
  if (present_ == 0) {
    plan.type = ColumnType::kNumber;
    plan.missing = missing_;
    plan.junk_is_missing = true;
    plan.why = "no value present";
    plan.notes.push_back("every value is missing");
  } else if (number_rows_ > 0 && (others == 0 || (static_cast<double>(others) <=
                                                      kJunkShare * static_cast<double>(present_) &&
                                                  junk_.size() <= kJunkTexts))) {
    plan = number_plan(others);
  } else if (boolean_rows_ == present_) {
    plan.type = ColumnType::kBoolean;
    plan.missing = missing_;
    plan.why = "true and false";
  } else if (time_rows_[0] == present_ || time_rows_[1] == present_ || time_rows_[2] == present_) {
    plan.type = ColumnType::kTime;
    plan.missing = missing_;
    plan.time_style = time_rows_[0] == present_   ? TimeStyle::kIso
                      : time_rows_[2] == present_ ? TimeStyle::kMonthFirst
                                                  : TimeStyle::kDayFirst;
    plan.why = "dates";
    if (time_rows_[0] != present_ && time_rows_[1] == time_rows_[2]) {
      plan.notes.push_back("dates read as month/day/year; day/month/year would fit as well");
    }
  } else {
    plan = string_plan();
  }
  plan.name = name_;
  return plan;
}

ColumnBuilder::ColumnBuilder(ColumnPlan plan) : plan_(std::move(plan)) {
  for (std::size_t i = 0; i < plan_.dictionary.size(); ++i) {
    codes_.emplace(plan_.dictionary[i], static_cast<std::int32_t>(i));
  }
}

void ColumnBuilder::reserve(std::size_t rows) {
  switch (plan_.type) {
    case ColumnType::kNumber:
    case ColumnType::kBoolean: column_.numbers.reserve(rows); break;
    case ColumnType::kCategory: column_.codes.reserve(rows); break;
    case ColumnType::kText: column_.texts.reserve(rows); break;
    case ColumnType::kTime: column_.times.reserve(rows); break;
    case ColumnType::kImage: break;
  }
}

bool ColumnBuilder::is_missing(std::string_view text) const {
  return text.data() == nullptr || blank(text) || listed(plan_.missing, text);
}

std::int32_t ColumnBuilder::code_of(std::string_view text) {
  const auto it = codes_.find(text);
  if (it != codes_.end()) return it->second;
  const auto code = static_cast<std::int32_t>(plan_.dictionary.size());
  plan_.dictionary.emplace_back(text);
  codes_.emplace(std::string(text), code);
  return code;
}

std::optional<std::string> ColumnBuilder::add_text(std::string_view text) {
  const bool known = plan_.type == ColumnType::kCategory && text.data() != nullptr &&
                     codes_.find(text) != codes_.end();
  const bool missing = !known && is_missing(text);
  switch (plan_.type) {
    case ColumnType::kNumber: {
      if (missing) {
        column_.numbers.push_back(kNaN);
        return std::nullopt;
      }
      const auto value = parse_cell_number(text);
      if (!value && !plan_.junk_is_missing) return std::string(text);
      column_.numbers.push_back(value.value_or(kNaN));
      return std::nullopt;
    }
    case ColumnType::kBoolean: {
      std::optional<double> value = missing ? kNaN : boolean_of(text);
      if (!value && (text == "0" || text == "1")) value = text == "1" ? 1.0 : 0.0;
      if (!value) return std::string(text);
      column_.numbers.push_back(*value);
      return std::nullopt;
    }
    case ColumnType::kCategory:
      column_.codes.push_back(missing ? -1 : code_of(text));
      return std::nullopt;
    case ColumnType::kText:
      column_.texts.emplace_back(missing ? std::string_view() : text);
      return std::nullopt;
    case ColumnType::kTime: {
      const auto value = missing ? kMissingTime : parse_time(text, plan_.time_style);
      if (!value) return std::string(text);
      column_.times.push_back(*value);
      return std::nullopt;
    }
    case ColumnType::kImage: return std::string(text);
  }
  return std::nullopt;
}

void ColumnBuilder::add_number(double value) { column_.numbers.push_back(value); }

std::optional<std::string> ColumnBuilder::add(const RawCells& cells, std::size_t row) {
  if (plan_.raw == RawKind::kText) return add_text(cells.texts[row]);
  const bool wants_number = plan_.type == ColumnType::kNumber || plan_.type == ColumnType::kBoolean;
  if (plan_.raw == RawKind::kTime) {
    const std::int64_t value = cells.times[row];
    if (plan_.type == ColumnType::kTime) {
      column_.times.push_back(value);
      return std::nullopt;
    }
    if (value == kMissingTime) return add_text({});
    return add_text(time_text(value));
  }
  const double value = cells.numbers[row];
  if (wants_number) {
    const bool bad =
        plan_.type == ColumnType::kBoolean && !std::isnan(value) && value != 0 && value != 1;
    if (bad) return number_text(value);
    column_.numbers.push_back(value);
    return std::nullopt;
  }
  if (std::isnan(value)) return add_text({});
  if (plan_.raw == RawKind::kBoolean) return add_text(value != 0 ? "true" : "false");
  return add_text(number_text(value));
}

Column ColumnBuilder::take() {
  Column out = std::move(column_);
  column_ = Column();
  out.name = plan_.name;
  out.type = plan_.type;
  out.integral = plan_.integral;
  out.why = plan_.why;
  if (plan_.type == ColumnType::kCategory) out.dictionary = plan_.dictionary;
  return out;
}

Column infer_string_type(std::string name, const std::vector<std::string>& texts,
                         const std::vector<std::string>& missing, std::vector<std::string>* notes) {
  TypeScan scan(std::move(name), missing);
  for (const std::string& text : texts) scan.add(text);
  ColumnBuilder builder(scan.finish());
  builder.reserve(texts.size());
  // The scan saw every text, so none can be refused.
  for (const std::string& text : texts) (void)builder.add_text(text);
  if (notes != nullptr) {
    for (const std::string& note : builder.plan().notes) {
      notes->push_back("column '" + builder.plan().name + "': " + note);
    }
  }
  return builder.take();
}

}  // namespace tenbin
