// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/features.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/limits.h"
#include "base/nearest_name.h"
#include "data/streams/streams.h"

namespace tenbin {
namespace {

constexpr std::array<std::pair<std::string_view, CategoryCode>, 4> kCategoryCodes{
    {{"auto", CategoryCode::kAuto},
     {"one-hot", CategoryCode::kOneHot},
     {"ordinal", CategoryCode::kOrdinal},
     {"hash", CategoryCode::kHash}}};

ColumnSummary summary_of(const Column& column, std::span<const std::int64_t> rows) {
  ColumnSummary out;
  out.column = &column;
  out.rows = static_cast<std::int64_t>(rows.size());
  if (column.type == ColumnType::kImage) return out;
  std::vector<char> seen(column.type == ColumnType::kCategory ? column.dictionary.size() : 0, 0);
  for (const std::int64_t row : rows) {
    if (column.missing(row)) {
      ++out.missing;
    } else if (!seen.empty()) {
      seen[static_cast<std::size_t>(column.codes[static_cast<std::size_t>(row)])] = 1;
    }
  }
  out.distinct = std::count(seen.begin(), seen.end(), 1);
  return out;
}

// Columns that one transform won.
struct Group {
  const TransformEntry* entry = nullptr;
  std::vector<const Column*> columns;
  std::string why;
};

Result<std::vector<Group>> choose(const std::vector<const Column*>& columns,
                                  std::span<const std::int64_t> train,
                                  const FeatureOptions& options, FeaturePlan& plan) {
  std::vector<Group> groups;
  for (const TransformEntry* entry : transform_catalogue()) groups.push_back({entry, {}, {}});
  for (const Column* column : columns) {
    TENBIN_CHECK(options.may_go_on());
    const ColumnSummary summary = summary_of(*column, train);
    if (summary.missing == summary.rows) {
      plan.unused.push_back(column->name + ": no training row has a value");
      continue;
    }
    Group* best = nullptr;
    int best_fit = 0;
    std::string best_why;
    for (Group& group : groups) {
      std::string why;
      const int fit = group.entry->suits(summary, options, why);
      if (fit > best_fit) {
        best = &group;
        best_fit = fit;
        best_why = why;
      }
    }
    if (best == nullptr) {
      plan.unused.push_back(column->name + ": no transform for " + column_type_name(column->type));
      continue;
    }
    best->columns.push_back(column);
    best->why = best_why;
  }
  std::erase_if(groups, [](const Group& group) { return group.columns.empty(); });
  return groups;
}

// A beginning for made-up names that no column has.
std::string free_prefix(const Table& table) {
  std::string prefix = "prep";
  auto taken = [&] {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
      return column.name.rfind(prefix + "/", 0) == 0;
    });
  };
  while (taken()) prefix += "_";
  return prefix + "/";
}

void absorb(Fragment& into, Fragment from) {
  for (ValueInfo& input : from.inputs) into.inputs.push_back(std::move(input));
  for (OpCall& call : from.calls) into.calls.push_back(std::move(call));
  into.constants.merge(from.constants);
  into.outputs.insert(into.outputs.end(), from.outputs.begin(), from.outputs.end());
}

Result<std::vector<const Column*>> usable_columns(const Table& table,
                                                  const std::vector<std::string>& kept,
                                                  FeaturePlan& plan) {
  std::vector<const Column*> columns;
  std::unordered_set<std::string_view> wanted(kept.begin(), kept.end());
  for (const Column& column : table.columns) {
    if (wanted.erase(column.name) > 0) columns.push_back(&column);
  }
  for (const std::string& name : kept) {
    if (wanted.count(name) == 0) continue;
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(column.name);
    return Error(ErrorCode::kUnknownColumn, "no column '" + name + "': " + one_of(names));
  }
  const auto image = std::find_if(columns.begin(), columns.end(), [](const Column* column) {
    return column->type == ColumnType::kImage;
  });
  if (image == columns.end()) return columns;
  const Column* chosen = *image;
  for (const Column* column : columns) {
    if (column != chosen) plan.unused.push_back(column->name + ": beside images, not learned from");
  }
  return std::vector<const Column*>{chosen};
}

void add_group(FeaturePlan& plan, const Group& group, std::span<const std::int64_t> train,
               const std::string& prefix, const FeatureOptions& options) {
  const FitScope scope{train, prefix + std::string(group.entry->name) + "/"};
  FittedTransform fitted = group.entry->fit(group.columns, scope, options);
  FeatureStep step;
  step.transform = group.entry->name;
  for (const Column* column : group.columns) step.columns.push_back(column->name);
  step.width = count_of(fitted.feature_shape);
  step.what = std::move(fitted.what);
  step.why = group.why;
  plan.steps.push_back(std::move(step));
  plan.feature_shape = fitted.feature_shape;  // of images; tables add up below
  for (std::string& name : fitted.feature_names) plan.feature_names.push_back(std::move(name));
  for (const OpCall& call : fitted.fragment.calls) {
    if (call.op == "StringSplit") plan.min_opset = 20;
  }
  absorb(plan.fragment, std::move(fitted.fragment));
}

// Inputs in the order of the table, one output.
void finish(FeaturePlan& plan, const std::vector<const Column*>& columns,
            const std::string& prefix) {
  std::unordered_map<std::string_view, std::size_t> place;
  for (std::size_t c = 0; c < columns.size(); ++c) place.emplace(columns[c]->name, c);
  std::stable_sort(
      plan.fragment.inputs.begin(), plan.fragment.inputs.end(),
      [&](const ValueInfo& a, const ValueInfo& b) { return place.at(a.name) < place.at(b.name); });
  if (plan.fragment.outputs.size() > 1) {
    OpCall concat;
    concat.op = "Concat";
    concat.name = prefix + "features";
    concat.inputs = plan.fragment.outputs;
    concat.outputs = {concat.name};
    concat.attributes["axis"] = std::int64_t{1};
    plan.fragment.outputs = concat.outputs;
    plan.fragment.calls.push_back(std::move(concat));
    plan.feature_shape = {static_cast<std::int64_t>(plan.feature_names.size())};
  }
  plan.output = plan.fragment.outputs[0];
}

}  // namespace

std::string OptionText<CategoryCode>::print(CategoryCode code) {
  const auto it = std::find_if(kCategoryCodes.begin(), kCategoryCodes.end(),
                               [code](const auto& entry) { return entry.second == code; });
  return std::string(it->first);
}

Result<CategoryCode> OptionText<CategoryCode>::parse(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& [name, code] : kCategoryCodes) {
    if (text == name) return code;
    names.emplace_back(name);
  }
  return Error(ErrorCode::kBadValue,
               "unknown code of categories '" + std::string(text) + "': " + one_of(names));
}

std::vector<std::string> FeaturePlan::lines() const {
  std::vector<std::string> out;
  for (const FeatureStep& step : steps) {
    std::string line = step.transform + ": ";
    line += some_of(step.columns) + " (" + step.why + "): " + step.what + " -> " +
            std::to_string(step.width) + (step.width == 1 ? " feature" : " features");
    out.push_back(std::move(line));
  }
  for (const std::string& column : unused) out.push_back("not used: " + column);
  return out;
}

Json FeaturePlan::to_json() const {
  Json list = Json::array();
  for (const FeatureStep& step : steps) {
    list.push(Json::object({{"transform", step.transform},
                            {"columns", Json::array_of(step.columns)},
                            {"features", step.width},
                            {"what", step.what},
                            {"why", step.why}}));
  }
  return Json::object({{"steps", std::move(list)},
                       {"unused", Json::array_of(unused)},
                       {"feature_shape", Json::array_of(feature_shape)}});
}

Result<FeaturePlan> fit_features(const Table& table, const std::vector<std::string>& kept,
                                 std::span<const std::int64_t> train,
                                 const FeatureOptions& options) {
  if (train.empty()) return Error(ErrorCode::kEmptyData, "no training rows to fit features to");
  FeaturePlan plan;
  TENBIN_TRY(const std::vector<const Column*> columns, usable_columns(table, kept, plan));
  if (columns.size() > limits::kColumns) {
    return Error(ErrorCode::kTooLarge, std::to_string(columns.size()) +
                                           " feature columns: expected at most " +
                                           std::to_string(limits::kColumns));
  }
  const std::string prefix = free_prefix(table);
  TENBIN_TRY(const std::vector<Group> groups, choose(columns, train, options, plan));
  for (const Group& group : groups) {
    TENBIN_CHECK(options.may_go_on());
    add_group(plan, group, train, prefix, options);
  }
  if (plan.steps.empty()) {
    return Error(ErrorCode::kEmptyData, "no column is left to learn from", {},
                 "keep columns that cleaning dropped, or add data");
  }
  finish(plan, columns, prefix);
  return plan;
}

std::optional<PixelScale> pixel_scale(const FeaturePlan& plan) {
  if (plan.steps.size() != 1 || plan.steps[0].transform != "image") return std::nullopt;
  PixelScale out;
  for (const auto& [name, value] : plan.fragment.constants) {
    const std::span<const float> numbers = value.data<float>();
    std::vector<float>& into = name.ends_with("_mean") ? out.mean : out.scale;
    into.assign(numbers.begin(), numbers.end());
  }
  return out;
}

}  // namespace tenbin
