// SPDX-License-Identifier: Apache-2.0
#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/nearest_name.h"
#include "data/table.h"
#include "data/target.h"
#include "platform/random.h"

namespace tenbin {
namespace {

using Rows = std::vector<std::int64_t>;

constexpr std::int64_t kSmall = 20'000;     // rows up to which the shares are 70/15/15
constexpr std::int64_t kEnough = 50'000;    // rows that score any model well enough
constexpr std::uint64_t kStream = 0x5b117;  // of the seed: no other use shares its numbers

std::int64_t size_of(const Rows& rows) { return static_cast<std::int64_t>(rows.size()); }

Error too_few(const std::string& message) {
  return Error(ErrorCode::kTooFewRows, message, {},
               "add rows, merge small classes, or give test data of its own");
}

// Rows wanted in each part. The test is 0 when it is given.
struct Wanted {
  std::int64_t valid = 0, test = 0;
};

std::int64_t default_rows(std::int64_t rows) {
  if (rows <= kSmall) return std::llround(0.15 * static_cast<double>(rows));
  return std::min<std::int64_t>(kEnough, std::max<std::int64_t>(3'000, rows / 10));
}

Result<Wanted> wanted_rows(std::int64_t rows, const SplitOptions& options, bool given_test) {
  for (const double share : {options.valid_share.value, options.test_share.value}) {
    if (!(share >= 0 && share <= 0.8)) {
      return Error(ErrorCode::kBadValue, "share " + to_text(options.valid_share) + " or " +
                                             to_text(options.test_share) +
                                             " is out of range: expected 0 to 80%");
    }
  }
  if (options.valid_share.value + options.test_share.value >= 0.95) {
    return Error(ErrorCode::kBadValue, "validation and test shares leave less than 5% to train");
  }
  auto part = [&](Ratio share) {
    const auto n = static_cast<double>(rows);
    return std::max<std::int64_t>(
        1, share.value > 0 ? std::llround(share.value * n) : default_rows(rows));
  };
  Wanted wanted;
  wanted.valid = part(options.valid_share);
  wanted.test = given_test ? 0 : part(options.test_share);
  if (rows < wanted.valid + wanted.test + 1) {
    return too_few(std::to_string(rows) +
                   " rows with a target cannot be divided into training, "
                   "validation and test");
  }
  return wanted;
}

void shuffle(Rows& rows, std::uint64_t seed, std::uint64_t stream) {
  Random random(seed, stream);
  random.shuffle(rows);
}

// Takes shuffled rows: first test, then validation, the rest trains.
void deal(const Rows& rows, const Wanted& wanted, Split& split) {
  const auto test = rows.begin() + wanted.test;
  const auto valid = test + wanted.valid;
  split.test.insert(split.test.end(), rows.begin(), test);
  split.valid.insert(split.valid.end(), test, valid);
  split.train.insert(split.train.end(), valid, rows.end());
}

// Largest remainders: `total` rows over classes in proportion to `counts`, at least one each.
Rows proportion(const Rows& counts, std::int64_t total) {
  std::int64_t all = 0;
  for (const std::int64_t c : counts) all += c;
  Rows out(counts.size(), 0);
  std::vector<std::pair<double, std::size_t>> rest;
  std::int64_t given = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double exact =
        static_cast<double>(counts[k]) * static_cast<double>(total) / static_cast<double>(all);
    out[k] = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(exact)));
    given += out[k];
    rest.emplace_back(-(exact - static_cast<double>(out[k])), k);
  }
  std::sort(rest.begin(), rest.end());
  for (std::size_t i = 0; i < rest.size() && given < total; ++i, ++given) ++out[rest[i].second];
  return out;
}

Status stratified(const Rows& rows, const Target& target, const Wanted& wanted, std::uint64_t seed,
                  Split& split) {
  std::vector<Rows> of_class(target.class_names.size());
  for (const std::int64_t row : rows) {
    const std::int64_t label = target.labels[static_cast<std::size_t>(row)];
    of_class[static_cast<std::size_t>(label)].push_back(row);
  }
  const std::int64_t least = wanted.test > 0 ? 3 : 2;
  Rows counts;
  for (std::size_t k = 0; k < of_class.size(); ++k) {
    counts.push_back(size_of(of_class[k]));
    if (counts.back() < least) {
      return too_few("class '" + target.class_names[k] + "' has " + std::to_string(counts.back()) +
                     " rows outside given test data: expected at "
                     "least " +
                     std::to_string(least) + ", one for each part");
    }
  }
  const Rows valid = proportion(counts, wanted.valid);
  const Rows test = wanted.test > 0 ? proportion(counts, wanted.test) : Rows(counts.size(), 0);
  for (std::size_t k = 0; k < of_class.size(); ++k) {
    shuffle(of_class[k], seed, kStream + 1 + k);
    Wanted of_this{valid[k], test[k]};
    while (of_this.valid + of_this.test >= counts[k]) {  // a tiny class: one row must train
      --(of_this.valid > of_this.test ? of_this.valid : of_this.test);
    }
    deal(of_class[k], of_this, split);
  }
  return {};
}

// Whole groups, shuffled, until the test is full, then validation. At least one group for each.
Status grouped(const Rows& rows, const Column& column, const Wanted& wanted, std::uint64_t seed,
               Split& split) {
  std::map<std::string, std::size_t> index;
  std::vector<Rows> groups;
  for (const std::int64_t row : rows) {
    // A row without a group is a group of its own: nothing says that it belongs to others.
    const std::string name =
        column.missing(row) ? "\x01row " + std::to_string(row) : column.text_at(row);
    const auto [it, fresh] = index.emplace(name, groups.size());
    if (fresh) groups.emplace_back();
    groups[it->second].push_back(row);
  }
  const std::size_t parts = wanted.test > 0 ? 3 : 2;
  if (groups.size() < parts) {
    return too_few("column '" + column.name + "' has " + std::to_string(groups.size()) +
                   " groups: expected at least " + std::to_string(parts) + ", one for each part");
  }
  Rows order(groups.size());
  for (std::size_t g = 0; g < order.size(); ++g) order[g] = static_cast<std::int64_t>(g);
  shuffle(order, seed, kStream);
  std::size_t next = 0;
  auto fill = [&](Rows& part, std::int64_t want, std::size_t keep) {
    while (size_of(part) < want && order.size() - next > keep) {
      const Rows& group = groups[static_cast<std::size_t>(order[next])];
      // A group that overshoots more than it helps waits for the training part.
      const std::int64_t over = size_of(part) + size_of(group) - want;
      if (!part.empty() && over > want - size_of(part)) break;
      part.insert(part.end(), group.begin(), group.end());
      ++next;
    }
  };
  if (wanted.test > 0) fill(split.test, wanted.test, 2);
  fill(split.valid, wanted.valid, 1);
  for (; next < order.size(); ++next) {
    const Rows& group = groups[static_cast<std::size_t>(order[next])];
    split.train.insert(split.train.end(), group.begin(), group.end());
  }
  return {};
}

double instant(const Column& column, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  return column.type == ColumnType::kTime ? static_cast<double>(column.times[i])
                                          : column.numbers[i];
}

// Oldest rows train, then validation, the latest test. Rows of one instant stay together; rows
// without one train.
Status by_time(const Rows& rows, const Column& column, const Wanted& wanted, Split& split) {
  Rows dated;
  for (const std::int64_t row : rows) (column.missing(row) ? split.train : dated).push_back(row);
  std::stable_sort(dated.begin(), dated.end(), [&](std::int64_t a, std::int64_t b) {
    return instant(column, a) < instant(column, b);
  });
  // Moves a cut back to the first row of its instant.
  auto cut_before = [&](std::int64_t position) {
    while (position > 0 && position < size_of(dated) &&
           instant(column, dated[static_cast<std::size_t>(position - 1)]) ==
               instant(column, dated[static_cast<std::size_t>(position)])) {
      --position;
    }
    return std::max<std::int64_t>(0, position);
  };
  const std::int64_t test_at =
      wanted.test > 0 ? cut_before(size_of(dated) - wanted.test) : size_of(dated);
  const std::int64_t valid_at = cut_before(std::min(test_at, size_of(dated)) - wanted.valid);
  split.train.insert(split.train.end(), dated.begin(), dated.begin() + valid_at);
  split.valid.assign(dated.begin() + valid_at, dated.begin() + test_at);
  split.test.insert(split.test.end(), dated.begin() + test_at, dated.end());
  if (split.train.empty() || split.valid.empty() || (wanted.test > 0 && split.test.empty())) {
    return too_few("column '" + column.name + "' has too few different instants to divide by");
  }
  return {};
}

Result<const Column*> named_column(const Table& table, const std::string& name,
                                   SplitMethod method) {
  const bool time = method == SplitMethod::kTime;
  if (name.empty()) {
    return Error(ErrorCode::kBadValue, std::string("split method '") + split_method_name(method) +
                                           "' needs " + (time ? "time_column" : "group_column"));
  }
  const Column* column = table.find(name);
  if (column == nullptr) {
    std::vector<std::string> names;
    for (const Column& c : table.columns) names.push_back(c.name);
    return Error(ErrorCode::kUnknownColumn, "no column '" + name + "': " + one_of(names));
  }
  if (time && column->type != ColumnType::kTime && column->type != ColumnType::kNumber) {
    return Error(ErrorCode::kBadValue, "column '" + name + "' holds " +
                                           column_type_name(column->type) +
                                           ": expected times or numbers to order rows by");
  }
  return column;
}

SplitMethod chosen(const SplitOptions& options, const Target& target) {
  if (options.method != SplitMethod::kAuto) return options.method;
  if (!options.group_column.empty()) return SplitMethod::kGrouped;
  if (!options.time_column.empty()) return SplitMethod::kTime;
  return target.classifies() ? SplitMethod::kStratified : SplitMethod::kRandom;
}

std::string reason(const Split& split, const SplitOptions& options) {
  std::string why;
  switch (split.method) {
    case SplitMethod::kStratified:
      why = "stratified: each part has the same share of classes";
      break;
    case SplitMethod::kGrouped:
      why = "grouped: rows of one '" + options.group_column + "' stay together";
      break;
    case SplitMethod::kTime:
      why = "by time: the latest rows of '" + options.time_column + "' come last";
      break;
    default: why = "at random";
  }
  if (split.given_test) why += "; the test rows are those that the data names";
  return why + " (seed " + std::to_string(options.seed) + ")";
}

}  // namespace

const char* split_method_name(SplitMethod method) {
  switch (method) {
    case SplitMethod::kAuto: return "auto";
    case SplitMethod::kStratified: return "stratified";
    case SplitMethod::kRandom: return "random";
    case SplitMethod::kGrouped: return "grouped";
    case SplitMethod::kTime: return "time";
  }
  return "auto";
}

Result<SplitMethod> OptionText<SplitMethod>::parse(std::string_view text) {
  for (const SplitMethod method :
       {SplitMethod::kAuto, SplitMethod::kStratified, SplitMethod::kRandom, SplitMethod::kGrouped,
        SplitMethod::kTime}) {
    if (text == split_method_name(method)) return method;
  }
  return Error(ErrorCode::kBadValue,
               "unknown split method '" + std::string(text) +
                   "': expected one of auto, stratified, random, grouped, time");
}

Result<Split> split_rows(const Table& table, const Target& target, const SplitOptions& options,
                         std::span<const std::uint8_t> given_test) {
  Split split;
  split.method = chosen(options, target);
  Rows rows;
  for (const std::int64_t row : target.rows) {
    const auto i = static_cast<std::size_t>(row);
    const bool tests = i < given_test.size() && given_test[i] != 0;
    (tests ? split.test : rows).push_back(row);
  }
  split.given_test = !split.test.empty();
  TENBIN_TRY(const Wanted wanted, wanted_rows(size_of(rows), options, split.given_test));
  const auto seed = static_cast<std::uint64_t>(options.seed);
  switch (split.method) {
    case SplitMethod::kStratified:
      if (!target.classifies()) {
        return Error(ErrorCode::kBadValue, "split method 'stratified' needs classes: the target '" +
                                               target.name + "' is an amount");
      }
      TENBIN_CHECK(stratified(rows, target, wanted, seed, split));
      break;
    case SplitMethod::kGrouped: {
      TENBIN_TRY(const Column* column,
                 named_column(table, options.group_column, SplitMethod::kGrouped));
      TENBIN_CHECK(grouped(rows, *column, wanted, seed, split));
      break;
    }
    case SplitMethod::kTime: {
      TENBIN_TRY(const Column* column,
                 named_column(table, options.time_column, SplitMethod::kTime));
      TENBIN_CHECK(by_time(rows, *column, wanted, split));
      break;
    }
    default: shuffle(rows, seed, kStream); deal(rows, wanted, split);
  }
  for (Rows* part : {&split.train, &split.valid, &split.test}) {
    std::sort(part->begin(), part->end());
  }
  split.why = reason(split, options);
  return split;
}

}  // namespace tenbin
