// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"

namespace tenbin {

struct Table;
struct Target;

enum class SplitMethod { kAuto, kStratified, kRandom, kGrouped, kTime };
const char* split_method_name(SplitMethod method);
template <> struct OptionText<SplitMethod> {
  static constexpr const char* kType = "method";
  static std::string print(SplitMethod method) { return split_method_name(method); }
  static Result<SplitMethod> parse(std::string_view text);
};

struct SplitOptions {
  SplitMethod method = SplitMethod::kAuto;
  std::string group_column;
  std::string time_column;
  Ratio valid_share{0};
  Ratio test_share{0};
  std::int64_t seed = 1;

  template <class Fields> static void describe(Fields& f) {
    f("method", &SplitOptions::method,
      "How rows are divided: auto, stratified (same class shares in each part), random, grouped "
      "(rows of a group stay together), time (the latest rows are the test).");
    f("group_column", &SplitOptions::group_column, "Column that names the group of a row.");
    f("time_column", &SplitOptions::time_column, "Column by which rows are ordered in time.");
    f("valid_share", &SplitOptions::valid_share, "Share for validation [0: by size, 0..80%].");
    f("test_share", &SplitOptions::test_share, "Share for the test [0: by size, 0..80%].");
    f("seed", &SplitOptions::seed, "Same seed, same data: same split.");
  }
};

// Which rows of the table are for what: disjoint, each ascending, each non-empty.
struct Split {
  SplitMethod method = SplitMethod::kRandom;  // the one used, never kAuto
  bool given_test = false;                    // the data named its test rows
  std::string why;                            // for people
  std::vector<std::int64_t> train, valid, test;
};

// Divides the rows that have a target. Pure: depends on the arguments alone. Default shares are
// 70/15/15 to 20,000 rows; above that validation and test get 3,000 rows or 10 %, whichever is
// more, and at most 50,000. `given_test` (empty, or one flag a row of the table) fixes the test
// rows; validation is then taken from the others by the method.
// auto: grouped or time if its column is named, stratified for classes, else random.
// Errors: kTooFewRows (a class, the groups or the instants cannot be in all three parts),
// kUnknownColumn, kBadValue (shares that leave nothing, method without its column).
Result<Split> split_rows(const Table& table, const Target& target, const SplitOptions& options,
                         std::span<const std::uint8_t> given_test = {});

}  // namespace tenbin
