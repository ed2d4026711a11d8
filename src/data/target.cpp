// SPDX-License-Identifier: Apache-2.0
#include "data/target.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <unordered_map>

#include "base/limits.h"
#include "base/nearest_name.h"
#include "data/table.h"
#include "data/time_text.h"

namespace tenbin {
namespace {

constexpr std::int64_t kFewClasses = 20;      // whole numbers with more values are amounts
constexpr std::int64_t kRowsPerClass = 4;     // on average, for numbers to be classes
constexpr std::int64_t kRowsOfACounter = 20;  // fewer rows do not show a counter

Error unusable(const std::string& name, const std::string& found, const std::string& hint) {
  return Error(ErrorCode::kUnusableTarget, "target '" + name + "' " + found, {}, hint);
}

std::string count_text(std::int64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

// A class's value while it is being counted: where it was first seen and how often.
struct Classes {
  std::vector<std::string> names;
  std::vector<std::int64_t> labels;  // per row of the table
};

// Ascending numbers become classes 0, 1, ...
Classes classes_of_numbers(const Column& column) {
  std::map<double, std::int64_t> order;
  for (const double v : column.numbers) {
    if (std::isfinite(v)) order.emplace(v, 0);
  }
  Classes out;
  for (auto& [value, label] : order) {
    label = static_cast<std::int64_t>(out.names.size());
    if (column.type == ColumnType::kBoolean) {
      out.names.emplace_back(value != 0 ? "true" : "false");
    } else {
      out.names.push_back(number_text(value));
    }
  }
  out.labels.reserve(column.numbers.size());
  for (const double v : column.numbers) {
    out.labels.push_back(std::isfinite(v) ? order.at(v) : -1);
  }
  return out;
}

Classes classes_of_texts(const Column& column) {
  const std::int64_t rows = column.rows();
  std::map<std::string_view, std::int64_t> order;
  const bool coded = column.type == ColumnType::kCategory;
  auto text = [&](std::int64_t row) -> std::string_view {
    const auto i = static_cast<std::size_t>(row);
    return coded ? column.dictionary[static_cast<std::size_t>(column.codes[i])] : column.texts[i];
  };
  for (std::int64_t row = 0; row < rows; ++row) {
    if (!column.missing(row)) order.emplace(text(row), 0);
  }
  Classes out;
  for (auto& [value, label] : order) {
    label = static_cast<std::int64_t>(out.names.size());
    out.names.emplace_back(value);
  }
  out.labels.reserve(static_cast<std::size_t>(rows));
  for (std::int64_t row = 0; row < rows; ++row) {
    out.labels.push_back(column.missing(row) ? -1 : order.find(text(row))->second);
  }
  return out;
}

// What decides between classes and amounts.
struct NumberFacts {
  std::int64_t present = 0;
  std::int64_t infinite = 0;
  std::int64_t distinct = 0;  // counted up to limits::kClasses + 1
  bool whole = true;
  bool counts_rows = false;  // v, v + 1, v + 2, ...
};

NumberFacts facts_of(const Column& column) {
  NumberFacts facts;
  std::unordered_map<double, char> seen;
  facts.counts_rows = true;
  double last = 0;
  for (const double v : column.numbers) {
    if (std::isinf(v)) ++facts.infinite;
    if (!std::isfinite(v)) continue;
    if (facts.present > 0 && v != last + 1) facts.counts_rows = false;
    last = v;
    ++facts.present;
    if (v != std::floor(v)) facts.whole = false;
    if (seen.size() <= limits::kClasses) seen.emplace(v, 0);
  }
  facts.distinct = static_cast<std::int64_t>(seen.size());
  return facts;
}

Status set_classes(Target& target, Classes classes) {
  const std::int64_t count = static_cast<std::int64_t>(classes.names.size());
  target.labels = std::move(classes.labels);
  target.class_names = std::move(classes.names);
  target.class_counts.assign(static_cast<std::size_t>(count), 0);
  for (std::size_t row = 0; row < target.labels.size(); ++row) {
    if (target.labels[row] < 0) continue;
    ++target.class_counts[static_cast<std::size_t>(target.labels[row])];
    target.rows.push_back(static_cast<std::int64_t>(row));
  }
  const auto present = static_cast<std::int64_t>(target.rows.size());
  if (count == 1) {
    return unusable(target.name, "has one value only, '" + target.class_names[0] + "'",
                    "choose a column that differs between rows");
  }
  if (count == present && present > 2) {
    return unusable(target.name, "is unique in each of its " + std::to_string(present) + " rows",
                    "it looks like an id or free text; choose a column whose values repeat");
  }
  if (count > static_cast<std::int64_t>(limits::kClasses)) {
    return unusable(target.name,
                    "has " + std::to_string(count) + " classes: expected at most " +
                        std::to_string(limits::kClasses),
                    "group its values, or choose another column");
  }
  for (const std::string& name : target.class_names) {
    if (name.size() > limits::kLabelBytes) {
      return unusable(target.name, "has a class name of " + std::to_string(name.size()) + " bytes",
                      "shorten class names to " + std::to_string(limits::kLabelBytes) + " bytes");
    }
  }
  target.task = count == 2 ? Task::kBinary : Task::kMulticlass;
  return {};
}

Status set_values(Target& target, const Column& column, const NumberFacts& facts, TaskHint hint) {
  if (facts.distinct == 1) {
    return unusable(target.name, "has one value only in all rows",
                    "choose a column that differs between rows");
  }
  if (hint == TaskHint::kAuto && facts.counts_rows && facts.present >= kRowsOfACounter) {
    return unusable(target.name, "counts the rows one by one",
                    "it looks like a row number; tell the task 'regression' if it is meant");
  }
  target.task = Task::kRegression;
  target.values.reserve(column.numbers.size());
  for (std::size_t row = 0; row < column.numbers.size(); ++row) {
    const auto v = static_cast<float>(column.numbers[row]);
    const bool usable = std::isfinite(v);
    target.values.push_back(usable ? v : std::numeric_limits<float>::quiet_NaN());
    if (usable) target.rows.push_back(static_cast<std::int64_t>(row));
  }
  return {};
}

Status decide_numbers(Target& target, const Column& column, TaskHint hint) {
  const NumberFacts facts = facts_of(column);
  const bool boolean = column.type == ColumnType::kBoolean;
  if (facts.infinite > 0) {
    target.notes.push_back(
        count_text(facts.infinite, "infinite target is", "infinite targets are") +
        " taken as missing");
  }
  const std::string values = facts.distinct > static_cast<std::int64_t>(limits::kClasses)
                                 ? "more than " + std::to_string(limits::kClasses) + " values"
                                 : count_text(facts.distinct, "value", "values");
  bool classes = boolean || (facts.whole && facts.distinct <= 2) ||
                 (facts.whole && facts.distinct <= kFewClasses &&
                  facts.present >= kRowsPerClass * facts.distinct);
  if (hint == TaskHint::kAuto) {
    target.why = boolean   ? "it is true or false: classes"
                 : classes ? "it holds " + values + ", all whole numbers that repeat: classes"
                 : facts.whole
                     ? "it holds " + values + " of whole numbers, too many for classes: an amount"
                     : "it holds " + values + " that are not whole numbers: an amount";
  } else {
    classes = hint == TaskHint::kClassification;
    target.why = std::string("told to be ") + (classes ? "classes" : "an amount");
  }
  if (!classes) return set_values(target, column, facts, hint);
  if (facts.distinct > static_cast<std::int64_t>(limits::kClasses)) {
    return unusable(
        target.name,
        "has " + values + ": expected at most " + std::to_string(limits::kClasses) + " classes",
        "learn it as a regression");
  }
  return set_classes(target, classes_of_numbers(column));
}

Status decide_texts(Target& target, const Column& column, TaskHint hint) {
  if (hint == TaskHint::kRegression) {
    return unusable(target.name, "holds text: expected numbers for a regression",
                    "leave the task to be found, or choose a numeric column");
  }
  Classes classes = classes_of_texts(column);
  target.why = "it holds " +
               count_text(static_cast<std::int64_t>(classes.names.size()), "text", "texts") +
               " that repeat: classes";
  return set_classes(target, std::move(classes));
}

Error unknown_column(const Table& table, const std::string& name) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  const std::vector<std::string> near = nearest_names(name, names);
  std::string hint;
  if (!near.empty()) hint = "did you mean '" + near.front() + "'?";
  return Error(ErrorCode::kUnknownColumn, "no column '" + name + "': " + one_of(names), {}, hint);
}

}  // namespace

const char* task_name(Task task) {
  switch (task) {
    case Task::kBinary: return "binary classification";
    case Task::kMulticlass: return "multiclass classification";
    case Task::kRegression: return "regression";
  }
  return "unknown";
}

std::string OptionText<TaskHint>::print(TaskHint hint) {
  switch (hint) {
    case TaskHint::kAuto: return "auto";
    case TaskHint::kClassification: return "classification";
    case TaskHint::kRegression: return "regression";
  }
  return "auto";
}

Result<TaskHint> OptionText<TaskHint>::parse(std::string_view text) {
  for (const TaskHint hint : {TaskHint::kAuto, TaskHint::kClassification, TaskHint::kRegression}) {
    if (print(hint) == text) return hint;
  }
  return Error(ErrorCode::kBadValue, "unknown task '" + std::string(text) +
                                         "': expected one of auto, classification, regression");
}

std::int64_t Target::missing() const {
  const std::size_t all = classifies() ? labels.size() : values.size();
  return static_cast<std::int64_t>(all - rows.size());
}

Result<Target> prepare_target(const Table& table, const std::string& name, TaskHint hint) {
  const Column* column = table.find(name);
  if (column == nullptr) return unknown_column(table, name);
  Target target;
  target.name = name;
  if (column->type == ColumnType::kImage || column->type == ColumnType::kTime) {
    return unusable(name, std::string("holds ") + column_type_name(column->type) + "s",
                    "choose a column of numbers, categories or booleans");
  }
  std::int64_t present = 0;
  for (std::int64_t row = 0; row < column->rows(); ++row) present += column->missing(row) ? 0 : 1;
  if (present == 0) {
    return unusable(name, "is missing in all " + std::to_string(column->rows()) + " rows",
                    "choose a column that has values");
  }
  const bool numeric = column->type == ColumnType::kNumber || column->type == ColumnType::kBoolean;
  if (numeric) {
    TENBIN_CHECK(decide_numbers(target, *column, hint));
  } else {
    TENBIN_CHECK(decide_texts(target, *column, hint));
  }
  if (target.rows.empty()) return unusable(name, "has no finite value", "clean the column");
  if (target.missing() > 0) {
    target.notes.push_back(count_text(target.missing(), "row has", "rows have") +
                           " no target and cannot be learned from or scored: left out");
  }
  return target;
}

}  // namespace tenbin
