// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/transforms/fragment_builder.h"
#include "data/transforms/transform.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kDay = 86'400;

struct Learned {
  std::int64_t median = 0;
  double deviation = 1;  // [s]
  bool gaps = false, hours = false;
};

Learned learn(const Column& column, const FitScope& scope) {
  std::vector<std::int64_t> present;
  Learned out;
  for (const std::int64_t row : scope.rows) {
    const std::int64_t t = column.times[static_cast<std::size_t>(row)];
    if (t == kMissing) {
      out.gaps = true;
      continue;
    }
    present.push_back(t);
    if (t % kDay != 0) out.hours = true;
  }
  if (present.empty()) return out;
  const auto middle = present.begin() + static_cast<std::ptrdiff_t>(present.size() / 2);
  std::nth_element(present.begin(), middle, present.end());
  out.median = *middle;
  double squares = 0;
  for (const std::int64_t t : present) {
    const auto away = static_cast<double>(t - out.median);
    squares += away * away;
  }
  out.deviation = std::max(1.0, std::sqrt(squares / static_cast<double>(present.size())));
  return out;
}

// Calendar arithmetic on int64 values, as ONNX calls.
class Calendar {
 public:
  explicit Calendar(FragmentBuilder& build) : build_(build) {}

  std::string op(const char* name, const std::string& a, std::int64_t b) {
    return build_.call(name, {a, build_.constant("n", whole(b))});
  }
  std::string op(const char* name, const std::string& a, const std::string& b) {
    return build_.call(name, {a, b});
  }
  // Division towards minus infinity: Mod has the sign of the divisor.
  std::string floor_div(const std::string& a, std::int64_t b) {
    return op("Div", op("Sub", a, op("Mod", a, b)), b);
  }
  std::string real(const std::string& a) {
    return build_.call("Cast", {a}, {{"to", static_cast<std::int64_t>(ElementType::kFloat32)}});
  }

  // Year and month of days since 1970, by Hinnant's proleptic Gregorian algorithm
  // (http://howardhinnant.github.io/date_algorithms.html, civil_from_days): years of 365.2425 days
  // in eras of 400, counted from 1 March so that the leap day comes last.
  std::pair<std::string, std::string> year_month(const std::string& days) {
    const std::string z = op("Add", days, 719'468);
    const std::string era = floor_div(z, 146'097);
    const std::string doe = op("Mod", z, 146'097);
    std::string sum = op("Sub", doe, op("Div", doe, 1'460));
    sum = op("Add", sum, op("Div", doe, 36'524));
    sum = op("Sub", sum, op("Div", doe, 146'096));
    const std::string yoe = op("Div", sum, 365);
    std::string passed = op("Add", op("Mul", yoe, 365), op("Div", yoe, 4));
    passed = op("Sub", passed, op("Div", yoe, 100));
    const std::string doy = op("Sub", doe, passed);
    const std::string shifted = op("Div", op("Add", op("Mul", doy, 5), 2), 153);  // 0 is March
    const std::string month = op("Add", op("Mod", op("Add", shifted, 2), 12), 1);
    // January and February (10, 11) belong to the next year.
    std::string year = op("Add", yoe, op("Mul", era, 400));
    year = op("Add", year, op("Div", shifted, 10));
    return {year, month};
  }

 private:
  FragmentBuilder& build_;
};

struct Feature {
  std::string value, name;
};

// sin and cos of a cycle, so that its end meets its beginning.
void add_cycle(FragmentBuilder& build, const std::string& value, double period,
               const std::string& name, std::vector<Feature>& features) {
  const auto turn = static_cast<float>(2 * 3.14159265358979323846 / period);
  const std::string angle =
      build.call("Mul", {value, build.constant("turn", Tensor::scalar<float>(turn))});
  features.push_back({build.call("Sin", {angle}), name + " sin"});
  features.push_back({build.call("Cos", {angle}), name + " cos"});
}

void fit_one(FragmentBuilder& build, const Column& column, const Learned& learned, bool trees,
             std::vector<Feature>& features) {
  Calendar calendar(build);
  const std::string raw = build.input(column.name, ElementType::kInt64, {-1, 1});
  const std::string gap = calendar.op("Equal", raw, kMissing);
  const std::string t =
      build.call("Where", {gap, build.constant("median", whole(learned.median)), raw});
  const std::string days = calendar.floor_div(t, kDay);
  const auto [year, month] = calendar.year_month(days);
  const std::string weekday = calendar.op("Mod", calendar.op("Add", days, 3), 7);  // 0 is Monday
  const std::string hour =
      build.call("Div", {calendar.real(calendar.op("Mod", t, kDay)),
                         build.constant("hour", Tensor::scalar<float>(3600.0f))});
  // Differences are small where instants are not: float keeps them.
  const std::string since = calendar.real(calendar.op("Sub", t, learned.median));
  const std::string age = build.call(
      "Mul",
      {since, build.constant("per_deviation",
                             Tensor::scalar<float>(static_cast<float>(1 / learned.deviation)))});
  std::vector<Feature> own = {{age, column.name + " instant"}};
  if (trees) {
    own.push_back({calendar.real(year), column.name + " year"});
    own.push_back({calendar.real(month), column.name + " month"});
    own.push_back({calendar.real(weekday), column.name + " weekday"});
    if (learned.hours) own.push_back({hour, column.name + " hour"});
    const std::string nan =
        build.constant("nan", Tensor::scalar<float>(std::numeric_limits<float>::quiet_NaN()));
    for (Feature& feature : own) feature.value = build.call("Where", {gap, nan, feature.value});
  } else {
    const double years = learned.deviation / (365.2425 * static_cast<double>(kDay));
    const auto per_year = static_cast<float>(1 / std::max(1.0, years));
    const std::string from = calendar.real(calendar.op(
        "Sub", year,
        1970 + static_cast<std::int64_t>(static_cast<double>(learned.median) / 31556952.0)));
    own.push_back(
        {build.call("Mul", {from, build.constant("per_year", Tensor::scalar<float>(per_year))}),
         column.name + " year"});
    add_cycle(build, calendar.real(month), 12, column.name + " month", own);
    add_cycle(build, calendar.real(weekday), 7, column.name + " weekday", own);
    if (learned.hours) add_cycle(build, hour, 24, column.name + " hour", own);
    if (learned.gaps) own.push_back({calendar.real(gap), column.name + " is missing"});
  }
  features.insert(features.end(), own.begin(), own.end());
}

FittedTransform fit(std::span<const Column* const> columns, const FitScope& scope,
                    const FeatureOptions& options) {
  FittedTransform out;
  FragmentBuilder build(scope.prefix);
  std::vector<Feature> features;
  const bool trees = options.learner == Learner::kTrees;
  for (const Column* column : columns) {
    fit_one(build, *column, learn(*column, scope), trees, features);
  }
  std::vector<std::string> parts;
  for (Feature& feature : features) {
    parts.push_back(feature.value);
    out.feature_names.push_back(feature.name);
  }
  out.feature_shape = {static_cast<std::int64_t>(features.size())};
  out.what = trees ? "instant, year, month, weekday and hour as numbers"
                   : "instant and year scaled; month, weekday and hour as points on a circle";
  out.fragment = build.done(build.concat(parts));
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions&, std::string& why) {
  if (column.column->type != ColumnType::kTime) return 0;
  why = "instants";
  return 10;
}

}  // namespace

const TransformEntry& transform_time() {
  static const TransformEntry entry{"time", "Instants as calendar features.", suits, fit};
  return entry;
}

}  // namespace tenbin
