// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/fragment_builder.h"
#include "data/transforms/transform.h"

namespace tenbin {
namespace {

FittedTransform fit(std::span<const Column* const> columns, const FitScope& scope,
                    const FeatureOptions& options) {
  FittedTransform out;
  FragmentBuilder build(scope.prefix);
  std::vector<std::string> raw;
  for (const Column* column : columns) {
    raw.push_back(build.input(column->name, ElementType::kFloat32, {-1, 1}));
    out.feature_names.push_back(column->name);
  }
  std::string y = build.concat(raw);
  if (options.learner == Learner::kNet) {
    const std::string gap = build.call("IsNaN", {y});
    const std::string half = build.constant("half", Tensor::scalar<float>(0.5f));
    const std::string full = build.call("Where", {gap, half, y});
    const std::string centred = build.call("Sub", {full, half});
    y = build.call("Mul", {centred, build.constant("two", Tensor::scalar<float>(2.0f))});
    out.what = "false to -1, true to 1, missing to 0";
  } else {
    // A fragment's output is a value of its own, also when one column passes through.
    y = build.call("Identity", {y});
    out.what = "0 and 1; missing cells are left to the trees";
  }
  out.feature_shape = {static_cast<std::int64_t>(columns.size())};
  out.fragment = build.done(y);
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions&, std::string& why) {
  if (column.column->type != ColumnType::kBoolean) return 0;
  why = "true or false";
  return 10;
}

}  // namespace

const TransformEntry& transform_boolean() {
  static const TransformEntry entry{"boolean", "False, missing and true as -1, 0 and 1.", suits,
                                    fit};
  return entry;
}

}  // namespace tenbin
