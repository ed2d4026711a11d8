// SPDX-License-Identifier: Apache-2.0
#include "data/profile/profile.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "base/units.h"
#include "data/profile/column_profile.h"
#include "data/profile/row_keys.h"
#include "data/split.h"
#include "data/target.h"

namespace tenbin {
namespace {

std::string percent(double share) { return to_text(100 * share, 3) + "%"; }
std::string of_rows(std::int64_t part, std::int64_t rows) {
  return std::to_string(part) + " of " + std::to_string(rows) + " rows (" +
         percent(static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(1, rows))) +
         ")";
}

// What is always said of a kind of finding.
struct Words {
  const char *kind, *shared, *why, *action;
};
constexpr Words kEmpty{"empty", "have no value in any row", "nothing can be learned from it",
                       "dropped"};
constexpr Words kConstant{"constant", "have the same value in every row", "it tells nothing",
                          "dropped"};
constexpr Words kLeak{"leak", "stand one for one for the target",
                      "it would not be known when predicting, and scores would be false",
                      "dropped (keep it with --keep-leaks)"};
constexpr Words kDetermines{"determines target", "give the target in every row",
                            "it may be known only after the fact",
                            "kept: leave it out with --drop if it is not known beforehand"};
constexpr Words kId{"id", "have another value in every row, like a number or name of the row",
                    "what is learned from it does not carry over",
                    "dropped (keep it with --keep-ids)"};
constexpr Words kMissing{"missing", "have missing values", "gaps may carry meaning",
                         "filled, and flagged where the learner needs it"};
constexpr Words kInfinite{"infinite", "have infinite cells", "they cannot be scaled or compared",
                          "taken as missing"};
constexpr Words kOutliers{"outliers", "have values beyond 3 quartile ranges",
                          "they pull means and scales",
                          "kept (scale by quartiles with --robust-scale)"};
constexpr Words kManyValues{"many values", "have many different values",
                            "one feature for each would be too many", "hashed or numbered"};

void look_at(const ColumnProfile& column, std::vector<Finding>& out) {
  auto tell = [&](Severity severity, const Words& words, std::string what,
                  std::string amount = {}) {
    out.push_back({severity, words.kind, column.name, std::move(what), words.why, words.action,
                   words.shared, std::move(amount)});
  };
  auto count = [&](Severity severity, const Words& words, std::int64_t amount, const char* of) {
    if (amount > 0) tell(severity, words, std::to_string(amount) + of, std::to_string(amount));
  };
  if (column.rows > 0 && column.missing == column.rows) {
    return tell(Severity::kWarning, kEmpty, "no row has a value");
  }
  if (column.constant) return tell(Severity::kInfo, kConstant, "the same value in every row");
  if (column.leaks) {
    tell(Severity::kSerious, kLeak, "its values stand one for one for the target");
  } else if (column.determines_target && *column.determines_target >= 1) {
    tell(Severity::kWarning, kDetermines, "the target follows from it in every row");
  }
  if (column.looks_like_id) {
    tell(Severity::kInfo, kId, "another value in every row, like a number or name of the row");
  }
  if (column.missing > 0) {
    tell(column.missing_share() > 0.5 ? Severity::kWarning : Severity::kInfo, kMissing,
         "missing in " + of_rows(column.missing, column.rows), percent(column.missing_share()));
  }
  if (column.number) {
    count(Severity::kWarning, kInfinite, column.number->infinite, " infinite cells");
    if (column.type == ColumnType::kNumber) {
      count(Severity::kInfo, kOutliers, column.number->outliers,
            " values beyond 3 quartile ranges");
    }
  }
  if (column.high_cardinality) {
    count(Severity::kInfo, kManyValues, column.distinct, " different values");
  }
}

Status look_at_rows(const Table& table, const Target& target, const Split* split,
                    const StopQuestion& may_go_on, DataProfile& out) {
  TENBIN_TRY(const std::vector<RowKey> whole, row_keys(table, {}, may_go_on));
  KeySet seen(static_cast<std::size_t>(table.rows));
  for (const RowKey& key : whole) out.duplicate_rows += seen.insert(key) ? 0 : 1;
  if (out.duplicate_rows > 0) {
    out.findings.push_back({Severity::kInfo,
                            "duplicates",
                            {},
                            of_rows(out.duplicate_rows, out.rows) + " repeat an earlier row",
                            "they count twice, and may stand in two parts of the data",
                            "dropped from training unless rows repeat by nature"});
  }
  if (split == nullptr) return {};
  TENBIN_TRY(const std::vector<RowKey> keys, row_keys(table, target.name, may_go_on));
  KeySet trained(split->train.size());
  for (const std::int64_t row : split->train) trained.insert(keys[static_cast<std::size_t>(row)]);
  std::int64_t shared = 0;
  for (const auto* part : {&split->valid, &split->test}) {
    for (const std::int64_t row : *part) {
      shared += trained.contains(keys[static_cast<std::size_t>(row)]) ? 1 : 0;
    }
  }
  out.shared_rows = shared;
  if (shared > 0) {
    out.findings.push_back(
        {Severity::kWarning,
         "shared rows",
         {},
         std::to_string(shared) + " validation or test rows equal a training row in all features",
         "a model that learns by heart would seem good",
         "dropped from training unless rows repeat by nature"});
  }
  return {};
}

void look_at_order(const Table& table, std::vector<Finding>& out) {
  for (const Column& column : table.columns) {
    if (column.type != ColumnType::kTime || column.times.size() < 10) continue;
    if (!std::is_sorted(column.times.begin(), column.times.end())) continue;
    out.push_back({Severity::kWarning, "time order", column.name, "rows are in the order of time",
                   "a random split would learn from the future",
                   "consider --method time --time-column with it", "are in the order of time"});
  }
}

Json number_json(const NumberSummary& number) {
  return Json::object({{"min", number.min},
                       {"mean", number.mean},
                       {"median", number.median},
                       {"max", number.max},
                       {"deviation", number.deviation},
                       {"quantiles", Json::array_of(number.quantiles)},
                       {"outliers", number.outliers},
                       {"infinite", number.infinite}});
}

Json column_json(const ColumnProfile& column) {
  Json out = Json::object({{"name", column.name},
                           {"type", column_type_name(column.type)},
                           {"rows", column.rows},
                           {"missing", column.missing},
                           {"distinct", column.distinct},
                           {"constant", column.constant},
                           {"looks_like_id", column.looks_like_id},
                           {"leaks", column.leaks}});
  if (column.number) out.set("number", number_json(*column.number));
  if (column.text) {
    out.set("text", Json::object({{"min_bytes", column.text->min_bytes},
                                  {"mean_bytes", column.text->mean_bytes},
                                  {"max_bytes", column.text->max_bytes},
                                  {"mean_words", column.text->mean_words}}));
  }
  Json top = Json::array();
  for (const auto& [value, rows] : column.top) {
    top.push(Json::object({{"value", value}, {"rows", rows}}));
  }
  out.set("top", std::move(top));
  return out;
}

}  // namespace

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kSerious: return "serious";
  }
  return "info";
}

Result<DataProfile> profile(const Table& table, const Target& target, const Split* split,
                            const StopQuestion& may_go_on) {
  DataProfile out;
  out.rows = table.rows;
  out.possible_combinations = 1;
  for (const Column& column : table.columns) {
    TENBIN_CHECK(may_go_on());
    const bool is_target = column.name == target.name;
    ColumnProfile made = profile_column(column, is_target ? nullptr : &target);
    // Images and texts never repeat by nature.
    const bool rich = column.type == ColumnType::kImage || column.type == ColumnType::kText;
    out.possible_combinations *= rich ? 1e18 : std::max(1.0, static_cast<double>(made.distinct));
    out.possible_combinations = std::min(out.possible_combinations, 1e300);
    if (is_target) {
      out.target = std::move(made);
      continue;
    }
    look_at(made, out.findings);
    out.columns.push_back(std::move(made));
  }
  if (target.classifies() && !target.class_counts.empty()) {
    const auto [least, most] =
        std::minmax_element(target.class_counts.begin(), target.class_counts.end());
    out.imbalance =
        static_cast<double>(*most) / static_cast<double>(std::max<std::int64_t>(1, *least));
    if (out.imbalance >= 4) {
      out.findings.push_back(
          {Severity::kWarning, "imbalance", target.name,
           "the largest class has " + to_text(out.imbalance, 3) + " times the rows of the smallest",
           "accuracy looks good when rare classes are ignored",
           "stratified split; look at scores by class"});
    }
  }
  TENBIN_CHECK(look_at_rows(table, target, split, may_go_on, out));
  if (split == nullptr || split->method != SplitMethod::kTime) look_at_order(table, out.findings);
  std::stable_sort(out.findings.begin(), out.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return out;
}

const ColumnProfile* DataProfile::find(const std::string& column) const {
  const auto it = std::find_if(columns.begin(), columns.end(),
                               [&](const ColumnProfile& c) { return c.name == column; });
  return it == columns.end() ? nullptr : &*it;
}

std::vector<std::string> DataProfile::lines() const {
  std::vector<std::vector<const Finding*>> groups;  // by severity and kind, in order of appearance
  for (const Finding& finding : findings) {
    const auto same = [&](const auto& group) {
      return !finding.shared.empty() && group.front()->severity == finding.severity &&
             group.front()->kind == finding.kind;
    };
    const auto found = std::find_if(groups.begin(), groups.end(), same);
    if (found != groups.end())
      found->push_back(&finding);
    else
      groups.push_back({&finding});
  }
  std::vector<std::string> out;
  for (const auto& group : groups) {
    const Finding& first = *group.front();
    std::string what = (first.column.empty() ? "" : "'" + first.column + "': ") + first.what;
    if (group.size() > 1) {
      std::vector<std::string> names;
      names.reserve(group.size());
      for (const Finding* f : group) {
        names.push_back(f->column + (f->amount.empty() ? "" : ": " + f->amount));
      }
      what =
          std::to_string(group.size()) + " columns " + first.shared + " (" + some_of(names) + ")";
    }
    out.push_back(std::string(severity_name(first.severity)) + ": " + what + "; " + first.why +
                  "; " + first.action);
  }
  return out;
}

Json DataProfile::to_json() const {
  Json list = Json::array(), found = Json::array();
  for (const ColumnProfile& column : columns) list.push(column_json(column));
  for (const Finding& finding : findings) {
    found.push(Json::object({{"severity", severity_name(finding.severity)},
                             {"kind", finding.kind},
                             {"column", finding.column},
                             {"what", finding.what},
                             {"why", finding.why},
                             {"action", finding.action}}));
  }
  Json out = Json::object({{"rows", rows},
                           {"duplicate_rows", duplicate_rows},
                           {"imbalance", imbalance},
                           {"target", column_json(target)},
                           {"columns", std::move(list)},
                           {"findings", std::move(found)}});
  if (shared_rows) out.set("shared_rows", *shared_rows);
  return out;
}

}  // namespace tenbin
