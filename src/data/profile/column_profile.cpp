// SPDX-License-Identifier: Apache-2.0
#include "data/profile/column_profile.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "data/profile/row_keys.h"
#include "data/target.h"
#include "data/transforms/words.h"

namespace tenbin {
namespace {

constexpr std::int64_t kManyValues = 50;
constexpr std::int64_t kEnoughRows = 10;  // fewer prove no leak and no id

// A distinct value: where it was first seen, how often, and what labels its rows have.
struct ValueCount {
  std::int64_t first = 0, rows = 0;
  std::int64_t labelled = 0;          // rows with a label
  std::int64_t most = 0, label = -1;  // the label that most of them have
  bool pure = true;                   // at most one label
};

struct KeyedRow {
  RowKey key;
  std::int64_t row = 0;
  auto operator<=>(const KeyedRow&) const = default;
};

// One value from its rows; `tally` is scratch: a count for each label, all 0.
ValueCount count_value(std::span<const KeyedRow> rows, const Target* target,
                       std::vector<std::int64_t>& tally) {
  ValueCount out;
  out.first = rows.front().row;
  out.rows = static_cast<std::int64_t>(rows.size());
  if (tally.empty()) return out;
  const auto label_of = [&](const KeyedRow& one) {
    return target->labels[static_cast<std::size_t>(one.row)];
  };
  for (const KeyedRow& one : rows) {
    const std::int64_t label = label_of(one);
    if (label < 0) continue;
    ++out.labelled;
    const std::int64_t count = ++tally[static_cast<std::size_t>(label)];
    if (count > out.most || (count == out.most && label < out.label)) {
      out.most = count;
      out.label = label;
    }
  }
  out.pure = out.most == out.labelled;
  for (const KeyedRow& one : rows) {
    if (label_of(one) >= 0) tally[static_cast<std::size_t>(label_of(one))] = 0;
  }
  return out;
}

std::vector<ValueCount> count_values(const Column& column, const Target* target) {
  std::vector<KeyedRow> rows;
  rows.reserve(static_cast<std::size_t>(column.rows()));
  for (std::int64_t row = 0; row < column.rows(); ++row) {
    if (!column.missing(row)) rows.push_back({cell_key(column, row), row});
  }
  std::sort(rows.begin(), rows.end());
  const bool label = target != nullptr && target->classifies();
  std::vector<std::int64_t> tally(label ? static_cast<std::size_t>(target->classes()) : 0, 0);
  std::vector<ValueCount> counts;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end].key == rows[begin].key) ++end;
    counts.push_back(count_value(std::span(rows).subspan(begin, end - begin), target, tally));
    begin = end;
  }
  return counts;
}

NumberSummary summarise(const Column& column) {
  NumberSummary out;
  for (const double v : column.numbers) out.infinite += std::isinf(v) ? 1 : 0;
  const std::vector<double> sorted = sorted_values(column, nullptr);
  if (sorted.empty()) return out;
  const auto n = static_cast<double>(sorted.size());
  out.min = sorted.front();
  out.max = sorted.back();
  double sum = 0, squares = 0;
  for (const double v : sorted) sum += v;
  out.mean = sum / n;
  for (const double v : sorted) squares += (v - out.mean) * (v - out.mean);
  out.deviation = std::sqrt(squares / n);
  for (const double share : {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99}) {
    out.quantiles.push_back(quantile(sorted, share));
  }
  out.median = out.quantiles[3];
  const double low = out.quantiles[2], high = out.quantiles[4], range = high - low;
  if (range > 0) {
    for (const double v : sorted) {
      out.outliers += v < low - 3 * range || v > high + 3 * range ? 1 : 0;
    }
  }
  return out;
}

TextSummary summarise_text(const Column& column) {
  TextSummary out;
  std::int64_t present = 0, bytes = 0, words = 0;
  for (const std::string& text : column.texts) {
    if (text.empty()) continue;
    const auto size = static_cast<std::int64_t>(text.size());
    out.min_bytes = present == 0 ? size : std::min(out.min_bytes, size);
    out.max_bytes = std::max(out.max_bytes, size);
    bytes += size;
    words += static_cast<std::int64_t>(words_of(text).size());
    ++present;
  }
  if (present == 0) return out;
  out.mean_bytes = static_cast<double>(bytes) / static_cast<double>(present);
  out.mean_words = static_cast<double>(words) / static_cast<double>(present);
  return out;
}

// |correlation| of a number with a regression target is 1: a copy, scaled.
bool copies_amount(const Column& column, const Target& target) {
  if (column.type != ColumnType::kNumber || target.classifies()) return false;
  double n = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (const std::int64_t row : target.rows) {
    const auto i = static_cast<std::size_t>(row);
    const double x = column.numbers[i], y = static_cast<double>(target.values[i]);
    if (!std::isfinite(x)) continue;
    ++n;
    const double dx = x - mx, dy = y - my;
    mx += dx / n;
    my += dy / n;
    xx += dx * (x - mx);
    yy += dy * (y - my);
    xy += dx * (y - my);
  }
  if (n < static_cast<double>(kEnoughRows) || n < 0.9 * static_cast<double>(target.rows.size())) {
    return false;
  }
  return xx > 0 && yy > 0 && xy * xy > (1 - 1e-10) * xx * yy;
}

void find_leak(const std::vector<ValueCount>& counts, const Column& column, const Target& target,
               ColumnProfile& out) {
  if (!target.classifies()) {
    out.leaks = copies_amount(column, target);
    if (out.leaks) out.determines_target = 1;
    return;
  }
  std::int64_t rows = 0, best = 0;
  std::vector<bool> owned(static_cast<std::size_t>(target.classes()), false);
  bool pure = true;
  for (const ValueCount& value : counts) {
    rows += value.labelled;
    best += value.most;
    pure = pure && value.pure;
    if (value.label >= 0) owned[static_cast<std::size_t>(value.label)] = true;
  }
  const auto distinct = static_cast<std::int64_t>(counts.size());
  if (rows < kEnoughRows || distinct * 2 > rows) return;  // unique values determine anything
  out.determines_target = static_cast<double>(best) / static_cast<double>(rows);
  const bool renamed = pure && distinct == target.classes() &&
                       std::count(owned.begin(), owned.end(), true) == distinct;
  out.leaks = renamed && rows * 10 >= static_cast<std::int64_t>(target.rows.size()) * 9;
}

bool counts_rows(const Column& column) {
  if (column.type != ColumnType::kNumber || !column.integral) return false;
  for (std::size_t i = 1; i < column.numbers.size(); ++i) {
    if (column.numbers[i] != column.numbers[i - 1] + 1) return false;
  }
  return true;
}

bool named_as_id(const std::string& name) {
  std::string lower;
  for (const char c : name) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  return lower == "id" || lower == "uuid" || lower == "guid" || lower.ends_with("_id") ||
         lower.ends_with(" id") || lower == "index" || lower == "row" || lower.empty();
}

}  // namespace

std::vector<double> sorted_values(const Column& column, const std::vector<std::int64_t>* rows) {
  std::vector<double> out;
  auto take = [&](std::int64_t row) {
    if (column.missing(row)) return;
    const auto i = static_cast<std::size_t>(row);
    const double v =
        column.type == ColumnType::kTime ? static_cast<double>(column.times[i]) : column.numbers[i];
    if (std::isfinite(v)) out.push_back(v);
  };
  if (rows != nullptr) {
    for (const std::int64_t row : *rows) take(row);
  } else {
    for (std::int64_t row = 0; row < column.rows(); ++row) take(row);
  }
  std::sort(out.begin(), out.end());
  return out;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - static_cast<double>(low));
}

ColumnProfile profile_column(const Column& column, const Target* target) {
  ColumnProfile out;
  out.name = column.name;
  out.type = column.type;
  out.integral = column.integral;
  out.rows = column.rows();
  if (column.type == ColumnType::kImage) return out;
  for (std::int64_t row = 0; row < out.rows; ++row) out.missing += column.missing(row) ? 1 : 0;
  const std::vector<ValueCount> counts = count_values(column, target);
  out.distinct = static_cast<std::int64_t>(counts.size());
  std::vector<std::pair<std::int64_t, std::int64_t>> order;  // -rows, first
  order.reserve(counts.size());
  for (const ValueCount& value : counts) order.emplace_back(-value.rows, value.first);
  const std::size_t shown = std::min<std::size_t>(5, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end());
  for (std::size_t i = 0; i < shown; ++i) {
    out.top.emplace_back(column.text_at(order[i].second).substr(0, 80), -order[i].first);
  }
  out.constant = out.missing == out.rows || (out.distinct == 1 && out.missing == 0);
  out.high_cardinality = column.type == ColumnType::kCategory && out.distinct > kManyValues;
  const std::int64_t present = out.rows - out.missing;
  const bool unique = present >= kEnoughRows && out.distinct == present && out.missing == 0;
  const bool codes = column.type == ColumnType::kCategory ||
                     (column.type == ColumnType::kNumber && column.integral);
  const bool one_word = column.type == ColumnType::kText && summarise_text(column).mean_words < 1.5;
  out.looks_like_id = unique && ((column.type == ColumnType::kCategory) || one_word ||
                                 counts_rows(column) || (codes && named_as_id(column.name)));
  if (column.type == ColumnType::kText) {
    out.text = summarise_text(column);
  } else if (column.type != ColumnType::kCategory) {
    out.number = summarise(column);
  }
  if (target != nullptr) find_leak(counts, column, *target, out);
  return out;
}

}  // namespace tenbin
