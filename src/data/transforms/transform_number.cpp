// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "data/transforms/fragment_builder.h"
#include "data/transforms/transform.h"

namespace tenbin {
namespace {

// What is learned from the training rows of one column. In float, as the fragment computes.
struct Learned {
  float fill = 0;  // for missing cells: the median
  float center = 0, scale = 1;
  bool gaps = false;  // cells are missing in training: tell the learner which
};

float at_share(std::vector<float>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  const double place = share * last;
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(low);
  return static_cast<float>(sorted[low] * (1 - part) + sorted[high] * part);
}

float inverse(double spread) { return spread > 1e-30 ? static_cast<float>(1 / spread) : 1.0f; }

Learned learn(const Column& column, const FitScope& scope, bool robust) {
  std::vector<float> present;
  present.reserve(scope.rows.size());
  for (const std::int64_t row : scope.rows) {
    const auto v = static_cast<float>(column.numbers[static_cast<std::size_t>(row)]);
    if (std::isfinite(v)) present.push_back(v);
  }
  Learned out;
  out.gaps = present.size() < scope.rows.size();
  if (present.empty()) return out;
  std::sort(present.begin(), present.end());
  out.fill = at_share(present, 0.5);
  if (robust) {
    // 1.349 quartile distances are one deviation of a normal distribution.
    out.center = out.fill;
    out.scale = inverse((at_share(present, 0.75) - at_share(present, 0.25)) / 1.349);
    return out;
  }
  double sum = 0, squares = 0;
  const auto rows = static_cast<double>(scope.rows.size());
  const auto gaps = rows - static_cast<double>(present.size());
  for (const float v : present) sum += v;
  const double mean = (sum + gaps * out.fill) / rows;  // of the filled column
  for (const float v : present) squares += (v - mean) * (v - mean);
  squares += gaps * (out.fill - mean) * (out.fill - mean);
  out.center = static_cast<float>(mean);
  out.scale = inverse(std::sqrt(squares / rows));
  return out;
}

FittedTransform fit(std::span<const Column* const> columns, const FitScope& scope,
                    const FeatureOptions& options) {
  FittedTransform out;
  FragmentBuilder build(scope.prefix);
  std::vector<std::string> raw;
  for (const Column* column : columns) {
    raw.push_back(build.input(column->name, ElementType::kFloat32, {-1, 1}));
    out.feature_names.push_back(column->name);
  }
  const std::string x = build.concat(raw);
  // x - x is 0 for a number and NaN for NaN and infinity alike: both count as missing.
  const std::string zero_or_nan = build.call("Sub", {x, x});
  std::string y;
  if (options.learner == Learner::kTrees) {
    y = build.call("Add", {x, zero_or_nan});
    out.what = "kept as they are; missing and infinite cells are left to the trees";
  } else {
    std::vector<float> fill, center, scale;
    std::vector<std::int64_t> with_gaps;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Learned learned = learn(*columns[c], scope, options.robust_scale);
      fill.push_back(learned.fill);
      center.push_back(learned.center);
      scale.push_back(learned.scale);
      if (learned.gaps) with_gaps.push_back(static_cast<std::int64_t>(c));
    }
    const std::string gap = build.call("IsNaN", {zero_or_nan});
    const std::string full = build.call("Where", {gap, build.constant("fill", row_of(fill)), x});
    const std::string centred = build.call("Sub", {full, build.constant("center", row_of(center))});
    y = build.call("Mul", {centred, build.constant("scale", row_of(scale))});
    out.what = std::string("missing filled with the median, scaled by ") +
               (options.robust_scale ? "median and quartiles" : "mean and deviation");
    if (!with_gaps.empty()) {
      const std::string flags =
          build.call("Cast", {gap}, {{"to", static_cast<std::int64_t>(ElementType::kFloat32)}});
      const auto n = static_cast<std::int64_t>(with_gaps.size());
      const std::string which = build.constant(
          "gaps", Tensor::of<std::int64_t>({n}, std::span<const std::int64_t>(with_gaps)));
      y = build.concat({y, build.call("Gather", {flags, which}, {{"axis", std::int64_t{1}}})});
      for (const std::int64_t c : with_gaps) {
        out.feature_names.push_back(columns[static_cast<std::size_t>(c)]->name + " is missing");
      }
      out.what += ", " + std::to_string(n) + " flags for columns with gaps";
    }
  }
  out.feature_shape = {static_cast<std::int64_t>(out.feature_names.size())};
  out.fragment = build.done(y);
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions&, std::string& why) {
  if (column.column->type != ColumnType::kNumber) return 0;
  why = "numbers";
  return 10;
}

}  // namespace

const TransformEntry& transform_number() {
  static const TransformEntry entry{
      "number", "Fills gaps with the median, flags them, centres and scales.", suits, fit};
  return entry;
}

}  // namespace tenbin
