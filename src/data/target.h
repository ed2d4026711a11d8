// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"

namespace tenbin {

struct Table;

// What is learned.
enum class Task { kBinary, kMulticlass, kRegression };
const char* task_name(Task task);

// What the user says about it.
enum class TaskHint { kAuto, kClassification, kRegression };
template <> struct OptionText<TaskHint> {
  static constexpr const char* kType = "task";
  static std::string print(TaskHint hint);
  static Result<TaskHint> parse(std::string_view text);  // auto, classification, regression
};

// The column to be predicted, ready to learn. Row numbers are always those of the whole table:
// nothing is moved, rows without a target are left out of `rows`.
struct Target {
  std::string name;
  Task task = Task::kRegression;
  std::string why;                         // why this task
  std::vector<std::string> class_names;    // in order: text sorted bytewise, numbers ascending
  std::vector<std::int64_t> class_counts;  // per class, over `rows`
  std::vector<std::int64_t> labels;        // classification: per row of the table, -1 is missing
  std::vector<float> values;               // regression: per row of the table, NaN is missing
  std::vector<std::int64_t> rows;          // rows that have a target, ascending
  std::vector<std::string> notes;          // what was found and done, for people

  bool classifies() const { return task != Task::kRegression; }
  std::int64_t classes() const { return static_cast<std::int64_t>(class_names.size()); }
  std::int64_t missing() const;  // rows of the table without a target
};

// Finds the column and decides the task. Text, categories and booleans are classes; so are numbers
// of two whole values, or of at most 20 whole values each seen four times on average; other numbers
// are a regression. A hint overrides this.
// Errors: kUnknownColumn (nearest names and the list), kUnusableTarget (one value, all missing,
// unique in each row, too many classes, a type that cannot be learned).
Result<Target> prepare_target(const Table& table, const std::string& name,
                              TaskHint hint = TaskHint::kAuto);

}  // namespace tenbin
