// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/options.h"
#include "base/result.h"
#include "base/stop_question.h"

namespace tenbin {

struct DataProfile;
struct Split;
struct Table;
struct Target;

struct CleanOptions {
  bool keep_leaks = false;
  bool keep_ids = false;
  bool keep_duplicates = false;
  std::vector<std::string> drop;
  StopQuestion may_go_on;  // asked for each column

  template <class Fields> static void describe(Fields& f) {
    f("keep_leaks", &CleanOptions::keep_leaks,
      "Learn from columns that equal the target or determine it.");
    f("keep_ids", &CleanOptions::keep_ids, "Learn from columns that look like row numbers or ids.");
    f("keep_duplicates", &CleanOptions::keep_duplicates,
      "Leave repeated rows in the training part.");
    f("drop", &CleanOptions::drop, "Columns to leave out.");
  }
};

// One thing done to the data, with its reason.
struct CleaningStep {
  std::string action;     // "drop column", "drop rows", "mark as missing"
  std::string column;     // empty: concerns rows
  std::int64_t rows = 0;  // rows or cells touched
  std::string why;
};

// What is done before features are fitted. Nothing is changed in the table: `kept` and `train`
// replace its columns and the training rows. Validation and test rows are never touched. Infinite
// cells need no hand: the fitted fragment takes them as missing, in training and serving alike.
struct CleaningPlan {
  std::vector<CleaningStep> steps;
  std::vector<std::string> kept;    // feature columns, in the table's order
  std::vector<std::int64_t> train;  // the training rows that remain, ascending

  std::vector<std::string> lines() const;  // a line an action and reason, for people
  Json to_json() const;                    // {"steps": [...], "kept": [...]}
};

// Pure. Drops columns that are constant, empty, ids or leaks; training rows that repeat another
// training row, and training rows that equal a validation or test row (images: same pixels). Rows
// that repeat by nature (fewer possible combinations of values than ten times the rows) stay.
// Errors: those of `may_go_on` alone.
Result<CleaningPlan> plan_cleaning(const Table& table, const Target& target,
                                   const DataProfile& profile, const Split& split,
                                   const CleanOptions& options = {});

}  // namespace tenbin
