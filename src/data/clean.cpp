// SPDX-License-Identifier: Apache-2.0
#include "data/clean.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "base/units.h"
#include "data/profile/profile.h"
#include "data/profile/row_keys.h"
#include "data/split.h"
#include "data/table.h"
#include "data/target.h"

namespace tenbin {
namespace {

// Why a column is dropped; empty: it stays.
std::string reason_to_drop(const ColumnProfile& column, const CleanOptions& options) {
  const bool told =
      std::find(options.drop.begin(), options.drop.end(), column.name) != options.drop.end();
  if (told) return "told to leave it out";
  if (column.rows > 0 && column.missing == column.rows) return "no row has a value";
  if (column.constant) return "the same value in every row tells nothing";
  if (column.leaks && !options.keep_leaks) {
    return "it determines the target in every row: it would not be known when predicting "
           "(keep it with --keep-leaks)";
  }
  if (column.looks_like_id && !options.keep_ids) {
    return "it names or counts rows: what is learned from it does not carry over "
           "(keep it with --keep-ids)";
  }
  return {};
}

Status drop_rows(CleaningPlan& plan, const Table& table, const Target& target, const Split& split,
                 const StopQuestion& may_go_on) {
  TENBIN_TRY(const std::vector<RowKey> features, row_keys(table, target.name, may_go_on));
  KeySet scored(split.valid.size() + split.test.size());
  for (const auto* part : {&split.valid, &split.test}) {
    for (const std::int64_t row : *part) scored.insert(features[static_cast<std::size_t>(row)]);
  }
  TENBIN_TRY(const std::vector<RowKey> whole, row_keys(table, {}, may_go_on));
  KeySet seen(split.train.size());
  std::vector<std::int64_t> stay;
  std::int64_t shared = 0, repeated = 0;
  for (const std::int64_t row : split.train) {
    const auto i = static_cast<std::size_t>(row);
    if (scored.contains(features[i])) {
      ++shared;
    } else if (!seen.insert(whole[i])) {
      ++repeated;
    } else {
      stay.push_back(row);
    }
  }
  if (shared + repeated == 0) return {};
  if (stay.size() * 2 < split.train.size()) {
    plan.steps.push_back({"keep rows",
                          {},
                          shared + repeated,
                          "more than half of the training rows repeat others: dropping them would "
                          "change what is learned, so they stay; scores may be optimistic"});
    return {};
  }
  plan.train = std::move(stay);
  if (shared > 0) {
    plan.steps.push_back({"drop rows",
                          {},
                          shared,
                          "training rows with the features of a validation or test row: they "
                          "would give the answer away"});
  }
  if (repeated > 0) {
    plan.steps.push_back({"drop rows",
                          {},
                          repeated,
                          "training rows that repeat another exactly: they would count twice"});
  }
  return {};
}

}  // namespace

Result<CleaningPlan> plan_cleaning(const Table& table, const Target& target,
                                   const DataProfile& profile, const Split& split,
                                   const CleanOptions& options) {
  CleaningPlan plan;
  plan.train = split.train;
  for (const ColumnProfile& column : profile.columns) {
    const std::string why = reason_to_drop(column, options);
    if (why.empty()) {
      plan.kept.push_back(column.name);
    } else {
      plan.steps.push_back({"drop column", column.name, column.rows, why});
    }
    if (why.empty() && column.number && column.number->infinite > 0) {
      plan.steps.push_back({"mark as missing", column.name, column.number->infinite,
                            "infinite cells cannot be scaled or compared"});
    }
  }
  const double natural = 10.0 * static_cast<double>(table.rows);
  const bool by_nature = profile.possible_combinations < natural;
  if (!options.keep_duplicates && !by_nature) {
    TENBIN_CHECK(drop_rows(plan, table, target, split, options.may_go_on));
  }
  return plan;
}

std::vector<std::string> CleaningPlan::lines() const {
  std::vector<std::pair<const CleaningStep*, std::vector<std::string>>> groups;
  for (const CleaningStep& step : steps) {
    auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return !step.column.empty() && group.first->action == step.action &&
             group.first->why == step.why;
    });
    if (found == groups.end()) found = groups.insert(groups.end(), {&step, {}});
    if (!step.column.empty()) found->second.push_back(step.column);
  }
  std::vector<std::string> out;
  out.reserve(groups.size());
  for (const auto& [step, columns] : groups) {
    out.push_back(step->action + " " +
                  (columns.empty() ? std::to_string(step->rows) + " rows" : some_of(columns)) +
                  ": " + step->why);
  }
  return out;
}

Json CleaningPlan::to_json() const {
  Json list = Json::array();
  for (const CleaningStep& step : steps) {
    list.push(Json::object({{"action", step.action},
                            {"column", step.column},
                            {"rows", step.rows},
                            {"why", step.why}}));
  }
  return Json::object({{"steps", std::move(list)},
                       {"kept", Json::array_of(kept)},
                       {"train_rows", static_cast<std::int64_t>(train.size())}});
}

}  // namespace tenbin
