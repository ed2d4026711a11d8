// SPDX-License-Identifier: Apache-2.0
// The way of a table from target to features: decisions that only show together.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "data/clean.h"
#include "data/profile/profile.h"
#include "data/split.h"
#include "data/streams/streams.h"
#include "data/table.h"
#include "data/target.h"
#include "data/transforms/features.h"

namespace tenbin {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();

Column numbers(const char* name, std::vector<double> values, bool integral = false) {
  Column column;
  column.name = name;
  column.numbers = std::move(values);
  column.integral = integral;
  return column;
}

Column category(const char* name, std::vector<std::int32_t> codes,
                std::vector<std::string> dictionary) {
  Column column;
  column.name = name;
  column.type = ColumnType::kCategory;
  column.codes = std::move(codes);
  column.dictionary = std::move(dictionary);
  return column;
}

Table table_of(std::vector<Column> columns) {
  Table table;
  table.rows = columns[0].rows();
  table.columns = std::move(columns);
  return table;
}

std::vector<double> counting(int rows, int modulus) {
  std::vector<double> out;
  for (int i = 0; i < rows; ++i) out.push_back(i % modulus);
  return out;
}

TEST(Target, DecidesTheTask) {
  struct Row {
    const char* why;
    std::vector<double> values;
    TaskHint hint;
    Task task;
  };
  const Row rows[] = {
      {"two whole numbers", counting(10, 2), TaskHint::kAuto, Task::kBinary},
      {"few whole numbers that repeat", counting(100, 5), TaskHint::kAuto, Task::kMulticlass},
      {"whole numbers that hardly repeat", counting(30, 15), TaskHint::kAuto, Task::kRegression},
      {"more than 20 values", counting(1000, 21), TaskHint::kAuto, Task::kRegression},
      {"fractions", {0.5, 1.5, 0.5, 1.5}, TaskHint::kAuto, Task::kRegression},
      {"told otherwise", counting(100, 5), TaskHint::kRegression, Task::kRegression},
      {"told classes", counting(1000, 21), TaskHint::kClassification, Task::kMulticlass},
  };
  for (const Row& row : rows) {
    const auto target = prepare_target(table_of({numbers("y", row.values)}), "y", row.hint);
    ASSERT_TRUE(target.ok()) << row.why;
    EXPECT_EQ(target->task, row.task) << row.why;
    EXPECT_FALSE(target->why.empty()) << row.why;
  }
}

TEST(Target, RefusesWhatCannotBeLearned) {
  struct Row {
    const char* why;
    Column column;
    ErrorCode code;
  };
  std::vector<double> counter(40);
  std::iota(counter.begin(), counter.end(), 7.0);
  const Row rows[] = {
      {"one class", numbers("y", {1, 1, 1}), ErrorCode::kUnusableTarget},
      {"all missing", numbers("y", {kNaN, kNaN}), ErrorCode::kUnusableTarget},
      {"a row counter", numbers("y", counter), ErrorCode::kUnusableTarget},
      {"one text", category("y", {0, 0, -1}, {"a"}), ErrorCode::kUnusableTarget},
      {"unique texts", category("y", {0, 1, 2}, {"a", "b", "c"}), ErrorCode::kUnusableTarget},
      {"another name", numbers("yy", {0, 1}), ErrorCode::kUnknownColumn},
  };
  for (const Row& row : rows) {
    const auto target = prepare_target(table_of({row.column}), "y");
    ASSERT_FALSE(target.ok()) << row.why;
    EXPECT_EQ(target.error().code(), row.code) << row.why;
  }
}

TEST(Target, ClassesAreSortedAndMissingRowsLeftOut) {
  const auto text = prepare_target(table_of({category("y", {1, 0, -1, 1}, {"b", "a"})}), "y");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->class_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(text->labels, (std::vector<std::int64_t>{0, 1, -1, 0}));
  EXPECT_EQ(text->rows, (std::vector<std::int64_t>{0, 1, 3}));
  EXPECT_EQ(text->missing(), 1);
  const auto number = prepare_target(table_of({numbers("y", {10, 2, 10, kNaN})}), "y");
  ASSERT_TRUE(number.ok());
  EXPECT_EQ(number->class_names, (std::vector<std::string>{"2", "10"})) << "numbers ascend";
}

void expect_partition(const Split& split, const Target& target) {
  std::vector<std::int64_t> all;
  for (const auto* part : {&split.train, &split.valid, &split.test}) {
    EXPECT_FALSE(part->empty());
    all.insert(all.end(), part->begin(), part->end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, target.rows);
}

TEST(Split, StratifiedKeepsTinyClassesInEveryPart) {
  std::vector<double> y(1000, 0);
  for (const std::size_t i : {3u, 500u, 900u}) y[i] = 1;
  const Table table = table_of({numbers("y", y)});
  const Target target = *prepare_target(table, "y");
  const auto split = split_rows(table, target, {});
  ASSERT_TRUE(split.ok());
  expect_partition(*split, target);
  for (const auto* part : {&split->train, &split->valid, &split->test}) {
    EXPECT_EQ(std::count_if(part->begin(), part->end(),
                            [&](std::int64_t row) {
                              return target.labels[static_cast<std::size_t>(row)] == 1;
                            }),
              1);
  }
  EXPECT_EQ(split->test, split_rows(table, target, {})->test) << "same seed, same split";
  SplitOptions other;
  other.seed = 2;
  EXPECT_NE(split->test, split_rows(table, target, other)->test);
}

TEST(Split, TooFewRowsOfAClass) {
  const Table table = table_of({numbers("y", {0, 0, 0, 0, 0, 0, 0, 0, 1, 1})});
  const auto split = split_rows(table, *prepare_target(table, "y"), {});
  ASSERT_FALSE(split.ok());
  EXPECT_EQ(split.error().code(), ErrorCode::kTooFewRows);
}

TEST(Split, GroupsStayTogetherTimeIsLatestGivenIsHonoured) {
  const Table table = table_of({numbers("y", counting(200, 2)), numbers("g", counting(200, 17)),
                                numbers("t", counting(200, 200))});
  const Target target = *prepare_target(table, "y");
  SplitOptions grouped;
  grouped.group_column = "g";
  const auto by_group = split_rows(table, target, grouped);
  ASSERT_TRUE(by_group.ok());
  expect_partition(*by_group, target);
  std::set<std::int64_t> trained, tested;
  for (const std::int64_t row : by_group->train) trained.insert(row % 17);
  for (const std::int64_t row : by_group->test) tested.insert(row % 17);
  for (const std::int64_t group : tested) EXPECT_EQ(trained.count(group), 0u);
  SplitOptions timed;
  timed.time_column = "t";
  const auto by_time = split_rows(table, target, timed);
  ASSERT_TRUE(by_time.ok());
  expect_partition(*by_time, target);
  EXPECT_LT(by_time->train.back(), by_time->valid.front());
  EXPECT_LT(by_time->valid.back(), by_time->test.front());
  std::vector<std::uint8_t> flags(200, 0);
  flags[5] = flags[9] = 1;
  const auto given = split_rows(table, target, {}, flags);
  ASSERT_TRUE(given.ok());
  expect_partition(*given, target);
  EXPECT_EQ(given->test, (std::vector<std::int64_t>{5, 9}));
}

TEST(Cleaning, DropsWithReasonAndNeverTouchesTheTest) {
  const std::size_t n = 400;
  std::vector<double> x, y, id;
  std::vector<std::int32_t> copy;
  for (std::size_t i = 0; i < n; ++i) {
    x.push_back(static_cast<double>(i * 37 % 401) * 0.25);
    y.push_back(i % 2 == 0 ? 0 : 1);
    copy.push_back(i % 2 == 0 ? 1 : 0);
    id.push_back(static_cast<double>(i));
  }
  x[3] = std::numeric_limits<double>::infinity();
  const Table table = table_of({numbers("x", x), category("copy", copy, {"no", "yes"}),
                                numbers("flat", std::vector<double>(n, 4)),
                                numbers("empty", std::vector<double>(n, kNaN)),
                                numbers("id", id, true), numbers("y", y)});
  const Target target = *prepare_target(table, "y");
  const Split split = *split_rows(table, target, {});
  const DataProfile found = *profile(table, target, &split);
  EXPECT_TRUE(found.find("copy")->leaks);
  EXPECT_EQ(found.findings.front().kind, "leak") << "the most serious comes first";
  const CleaningPlan plan = *plan_cleaning(table, target, found, split);
  EXPECT_EQ(plan.kept, std::vector<std::string>{"x"});
  for (const CleaningStep& step : plan.steps) EXPECT_FALSE(step.why.empty());
  CleanOptions keep;
  keep.keep_leaks = true;
  EXPECT_EQ(plan_cleaning(table, target, found, split, keep)->kept,
            (std::vector<std::string>{"x", "copy"}));
}

TEST(Cleaning, RepeatedRowsLeaveTrainingAlone) {
  std::vector<double> x, y;
  for (int i = 0; i < 200; ++i) {
    x.push_back((i % 180) * 0.37);
    y.push_back(i % 180 < 90 ? 0 : 1);
  }
  std::vector<double> z = x;
  std::reverse(z.begin(), z.begin() + 180);
  for (std::size_t i = 180; i < 200; ++i) z[i] = z[i - 180];
  const Table table = table_of({numbers("x", x), numbers("z", z), numbers("y", y)});
  const Target target = *prepare_target(table, "y");
  const Split split = *split_rows(table, target, {});
  const DataProfile found = *profile(table, target, &split);
  EXPECT_EQ(found.duplicate_rows, 20);
  const CleaningPlan plan = *plan_cleaning(table, target, found, split);
  EXPECT_LT(plan.train.size(), split.train.size());
  std::set<double> trained;
  for (const std::int64_t row : plan.train) {
    EXPECT_TRUE(trained.insert(x[static_cast<std::size_t>(row)]).second) << "no repeats are left";
  }
  for (const std::int64_t row : split.test) {
    EXPECT_EQ(trained.count(x[static_cast<std::size_t>(row)]), 0u);
  }
}

TEST(Features, OneFragmentOfAllColumns) {
  const Table table =
      table_of({category("c", {0, 1, 0, 1}, {"a", "b"}), numbers("n", {1, 2, kNaN, 4}),
                numbers("none", {kNaN, kNaN, kNaN, 1}), numbers("m", {4, 3, 2, 1})});
  const std::vector<std::int64_t> train = {0, 1, 2};
  const auto plan = fit_features(table, {"c", "n", "none", "m"}, train);
  ASSERT_TRUE(plan.ok());
  std::vector<std::string> inputs;
  for (const ValueInfo& input : plan->fragment.inputs) inputs.push_back(input.name);
  EXPECT_EQ(inputs, (std::vector<std::string>{"c", "n", "m"})) << "the order of the table";
  EXPECT_EQ(plan->width(), 5) << "n, m, a flag for n, and two values of c";
  EXPECT_EQ(plan->feature_names.size(), 5u);
  EXPECT_EQ(plan->unused.size(), 1u);
  EXPECT_EQ(plan->min_opset, 17);
  std::set<std::string> known(inputs.begin(), inputs.end());
  for (const auto& [name, value] : plan->fragment.constants) known.insert(name);
  for (const OpCall& call : plan->fragment.calls) {
    for (const std::string& input : call.inputs) EXPECT_EQ(known.count(input), 1u) << input;
    for (const std::string& out : call.outputs) EXPECT_TRUE(known.insert(out).second) << out;
  }
  EXPECT_EQ(known.count(plan->output), 1u);
  const auto tensors = column_tensors(table, plan->fragment.inputs, 1, 3);
  ASSERT_TRUE(tensors.ok());
  EXPECT_EQ((*tensors)[0].data<std::string>()[0], "b");
  EXPECT_TRUE(std::isnan((*tensors)[1].data<float>()[1]));
  EXPECT_EQ((*tensors)[2].shape(), (Shape{2, 1}));
}

TEST(Features, CategoriesAreCodedAsAsked) {
  const Table table = table_of({category("c", {0, 1, 2, 1}, {"a", "b", "d"})});
  const std::vector<std::int64_t> train = {0, 1, 2, 3};
  const struct {
    const char* why;
    const char* text;
    const char* transform;
    std::int64_t width;
  } rows[] = {{"few values get a feature each", "auto", "one_hot", 3},
              {"the same, asked for", "one-hot", "one_hot", 3},
              {"one number for each value", "ordinal", "ordinal", 1},
              {"buckets, and one for what is unseen", "hash", "hash", 65}};
  for (const auto& row : rows) {
    FeatureOptions options;
    const auto code = OptionText<CategoryCode>::parse(row.text);
    ASSERT_TRUE(code.ok()) << row.why;
    EXPECT_EQ(OptionText<CategoryCode>::print(*code), row.text);
    options.categories = *code;
    const auto plan = fit_features(table, {"c"}, train, options);
    ASSERT_TRUE(plan.ok()) << row.why;
    EXPECT_EQ(plan->steps[0].transform, row.transform) << row.why;
    EXPECT_EQ(plan->width(), row.width) << row.why;
  }
  EXPECT_FALSE(OptionText<CategoryCode>::parse("oridnal").ok());
}

TEST(Profile, OrderOfTimeIsNoNewsOnceRowsAreSplitByIt) {
  Column day;
  day.name = "day";
  day.type = ColumnType::kTime;
  for (std::int64_t i = 0; i < 20; ++i) day.times.push_back(i * 1'000'000);
  const Table table = table_of({day, numbers("y", std::vector<double>(20, 1))});
  const auto told = [&](SplitMethod method) {
    Split split;
    split.method = method;
    const auto profiled = profile(table, Target{}, &split);
    return profiled.ok() &&
           std::any_of(profiled->findings.begin(), profiled->findings.end(),
                       [](const Finding& finding) { return finding.kind == "time order"; });
  };
  EXPECT_TRUE(told(SplitMethod::kRandom));
  EXPECT_FALSE(told(SplitMethod::kTime));
}

TEST(Features, MissingColumnsAreNamedTogether) {
  const ValueInfo inputs[] = {{"age", ElementType::kFloat32, {-1, 1}, true},
                              {"sex", ElementType::kString, {-1, 1}, true}};
  const auto tensors = column_tensors(table_of({numbers("Age", {1})}), inputs, 0, 1);
  ASSERT_FALSE(tensors.ok());
  EXPECT_EQ(tensors.error().code(), ErrorCode::kInputMismatch);
  EXPECT_NE(tensors.error().message().find("'age'"), std::string::npos);
  EXPECT_NE(tensors.error().message().find("'sex'"), std::string::npos);
}

TEST(ReferenceStats, DescribeTrainingRows) {
  const Table table = table_of({numbers("x", counting(100, 100)), numbers("y", counting(100, 2))});
  const Target target = *prepare_target(table, "y");
  std::vector<std::int64_t> rows(50);
  std::iota(rows.begin(), rows.end(), 0);
  const Json stats = reference_stats(table, target, {"x"}, rows);
  EXPECT_EQ(stats["rows"].as_integer(), 50);
  const Json& x = stats["columns"].items()[0];
  EXPECT_EQ(x["edges"].items().front().as_number(), 0);
  EXPECT_EQ(x["edges"].items().back().as_number(), 49) << "other rows are not looked at";
  double sum = 0;
  for (const Json& share : x["shares"].items()) sum += share.as_number();
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_EQ(stats["target"]["values"].items().size(), 2u);
}

TEST(Profile, ManyColumnsOfOneKindAreOneLine) {
  std::vector<Column> columns;
  for (const char* name : {"a", "b", "c"}) {
    std::vector<double> values = counting(100, 7);
    values[5] = 1e6;
    columns.push_back(numbers(name, values));
  }
  columns.push_back(numbers("same", std::vector<double>(100, 3.0)));
  columns.push_back(numbers("still", std::vector<double>(100, 4.0)));
  columns.push_back(numbers("y", counting(100, 2)));
  const Table table = table_of(columns);
  const Target target = *prepare_target(table, "y");
  const DataProfile found = *profile(table, target);
  const auto lines = found.lines();
  const auto with = [&](const char* text) {
    std::vector<std::string> out;
    for (const auto& line : lines) {
      if (line.find(text) != std::string::npos) out.push_back(line);
    }
    return out;
  };
  ASSERT_EQ(with("quartile ranges").size(), 1u) << "one line however many columns";
  EXPECT_NE(with("quartile ranges")[0].find("3 columns have values beyond 3 quartile ranges "
                                            "(a: 1, b: 1, c: 1)"),
            std::string::npos)
      << with("quartile ranges")[0];
  ASSERT_EQ(with("same value in every row").size(), 1u);
  EXPECT_NE(with("same value in every row")[0].find("(same, still)"), std::string::npos);
  const Split split = *split_rows(table, target, {});
  const auto steps = plan_cleaning(table, target, found, split)->lines();
  ASSERT_FALSE(steps.empty());
  EXPECT_NE(steps[0].find("drop column same, still"), std::string::npos) << steps[0];
}

}  // namespace
}  // namespace tenbin
