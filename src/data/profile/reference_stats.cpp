// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "data/profile/column_profile.h"
#include "data/profile/profile.h"
#include "data/target.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostRows = 100'000;  // deciles of more are the same to the third digit
constexpr int kBins = 10;                   // of equal share where values allow it
constexpr std::size_t kValues = 50;         // categories told apart; the rest are `other_share`

// Ascending, different edges at the deciles, and the share of values in each bin [lower, upper).
void add_bins(Json& out, const std::vector<double>& sorted) {
  std::vector<double> edges, shares;
  if (!sorted.empty()) {
    for (int b = 0; b <= kBins; ++b) {
      const double edge = quantile(sorted, static_cast<double>(b) / kBins);
      if (edges.empty() || edge > edges.back()) edges.push_back(edge);
    }
    for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
      const bool last = b + 2 == edges.size();
      const auto low = std::lower_bound(sorted.begin(), sorted.end(), edges[b]);
      const auto high =
          last ? sorted.end() : std::lower_bound(sorted.begin(), sorted.end(), edges[b + 1]);
      shares.push_back(static_cast<double>(high - low) / static_cast<double>(sorted.size()));
    }
  }
  out.set("edges", Json::array_of(edges));
  out.set("shares", Json::array_of(shares));
}

void add_numbers(Json& out, const Column& column, const std::vector<std::int64_t>& rows) {
  const std::vector<double> sorted = sorted_values(column, &rows);
  double sum = 0, squares = 0;
  for (const double v : sorted) sum += v;
  const double n = std::max(1.0, static_cast<double>(sorted.size()));
  for (const double v : sorted) squares += (v - sum / n) * (v - sum / n);
  out.set("mean", sum / n);
  out.set("deviation", std::sqrt(squares / n));
  add_bins(out, sorted);
}

void add_values(Json& out, const Column& column, const std::vector<std::int64_t>& rows) {
  std::map<std::string, std::int64_t> counts;
  std::int64_t present = 0;
  for (const std::int64_t row : rows) {
    if (column.missing(row)) continue;
    ++counts[column.text_at(row)];
    ++present;
  }
  std::vector<std::pair<std::int64_t, std::string>> order;
  order.reserve(counts.size());
  for (const auto& [value, count] : counts) order.emplace_back(-count, value);
  std::sort(order.begin(), order.end());
  Json values = Json::array(), shares = Json::array();
  std::int64_t shown = 0;
  for (std::size_t i = 0; i < std::min(kValues, order.size()); ++i) {
    values.push(order[i].second);
    shares.push(static_cast<double>(-order[i].first) / static_cast<double>(present));
    shown -= order[i].first;
  }
  out.set("values", std::move(values));
  out.set("shares", std::move(shares));
  out.set("other_share",
          present == 0 ? 0.0 : static_cast<double>(present - shown) / static_cast<double>(present));
}

Json stats_of(const Column& column, const std::vector<std::int64_t>& rows, bool as_classes) {
  std::int64_t missing = 0;
  for (const std::int64_t row : rows) missing += column.missing(row) ? 1 : 0;
  Json out = Json::object(
      {{"name", column.name},
       {"type", column_type_name(column.type)},
       {"missing_share",
        rows.empty() ? 0.0 : static_cast<double>(missing) / static_cast<double>(rows.size())}});
  const bool amount = column.type == ColumnType::kNumber || column.type == ColumnType::kTime;
  if (amount && !as_classes) {
    add_numbers(out, column, rows);
  } else if (column.type == ColumnType::kText && !as_classes) {
    std::vector<double> lengths;
    for (const std::int64_t row : rows) {
      const std::size_t size = column.texts[static_cast<std::size_t>(row)].size();
      if (size > 0) lengths.push_back(static_cast<double>(size));
    }
    std::sort(lengths.begin(), lengths.end());
    add_bins(out, lengths);
  } else if (column.type != ColumnType::kImage) {
    add_values(out, column, rows);
  }
  return out;
}

std::vector<std::int64_t> evenly(const std::vector<std::int64_t>& rows) {
  const std::size_t stride = (rows.size() + kMostRows - 1) / kMostRows;
  if (stride <= 1) return rows;
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < rows.size(); i += stride) out.push_back(rows[i]);
  return out;
}

}  // namespace

Json reference_stats(const Table& table, const Target& target,
                     const std::vector<std::string>& columns,
                     const std::vector<std::int64_t>& all_rows) {
  const std::vector<std::int64_t> rows = evenly(all_rows);
  Json list = Json::array();
  for (const std::string& name : columns) {
    const Column* column = table.find(name);
    if (column != nullptr) list.push(stats_of(*column, rows, false));
  }
  Json out = Json::object({{"version", 1},
                           {"rows", static_cast<std::int64_t>(rows.size())},
                           {"columns", std::move(list)}});
  const Column* column = table.find(target.name);
  if (column != nullptr) out.set("target", stats_of(*column, rows, target.classifies()));
  return out;
}

}  // namespace tenbin
