// SPDX-License-Identifier: Apache-2.0
#include "data/typed_source.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace tenbin {
namespace {

class TypedRows : public DescribedSource {
 public:
  TypedRows(std::unique_ptr<RawRows> rows, std::vector<ColumnPlan> plans) : rows_(std::move(rows)) {
    for (std::size_t i = 0; i < plans.size(); ++i) {
      plans[i].raw = rows_->columns()[i].kind;
      for (const std::string& note : plans[i].notes) {
        notes_.push_back("column '" + plans[i].name + "': " + note);
      }
      builders_.emplace_back(std::move(plans[i]));
      schema_.columns.push_back(builders_.back().take());
    }
  }

  const Table& schema() const override { return schema_; }
  const std::vector<std::string>& notes() const override { return notes_; }

  Status rewind() override {
    TENBIN_CHECK(rows_->start(std::vector<bool>(builders_.size(), true)));
    at_ = filled_ = 0;
    passed_ = 0;
    return {};
  }

  Result<Table> next(std::int64_t most_rows) override {
    std::int64_t taken = 0;
    while (taken < most_rows) {
      if (at_ == filled_) {
        passed_ += filled_;
        at_ = filled_ = 0;
        TENBIN_TRY(filled_, rows_->next(cells_));
        if (filled_ == 0) break;
      }
      const std::int64_t count = std::min(most_rows - taken, filled_ - at_);
      TENBIN_CHECK(take_cells(count));
      at_ += count;
      taken += count;
    }
    Table out;
    out.rows = taken;
    for (ColumnBuilder& builder : builders_) out.columns.push_back(builder.take());
    return out;
  }

 private:
  Status take_cells(std::int64_t count) {
    for (std::size_t column = 0; column < builders_.size(); ++column) {
      ColumnBuilder& builder = builders_[column];
      for (std::int64_t row = at_; row < at_ + count; ++row) {
        const auto bad = builder.add(cells_[column], static_cast<std::size_t>(row));
        if (!bad) continue;
        return Error(ErrorCode::kInputMismatch,
                     "column '" + builder.plan().name + "' holds '" + *bad + "', expected a " +
                         column_type_name(builder.plan().type),
                     rows_->place(passed_ + row));
      }
    }
    return {};
  }

  std::unique_ptr<RawRows> rows_;
  std::vector<ColumnBuilder> builders_;
  std::vector<RawCells> cells_;
  std::int64_t at_ = 0, filled_ = 0;  // within the block at hand
  std::int64_t passed_ = 0;           // rows of the blocks before it
  Table schema_;
  std::vector<std::string> notes_;
};

class HeldTable : public DescribedSource {
 public:
  HeldTable(Table table, std::vector<std::string> notes)
      : table_(std::move(table)), schema_(table_.take({})), notes_(std::move(notes)) {}
  const Table& schema() const override { return schema_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  Status rewind() override {
    at_ = 0;
    return {};
  }
  Result<Table> next(std::int64_t most_rows) override {
    const std::int64_t count = std::min(most_rows, table_.rows - at_);
    std::vector<std::int64_t> rows(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
    std::iota(rows.begin(), rows.end(), at_);
    at_ += count;
    return table_.take(rows);
  }

 private:
  Table table_;
  Table schema_;
  std::vector<std::string> notes_;
  std::int64_t at_ = 0;
};

ColumnPlan native_plan(const RawColumn& column) {
  ColumnPlan plan;
  plan.name = column.name;
  plan.raw = column.kind;
  switch (column.kind) {
    case RawKind::kBoolean:
      plan.type = ColumnType::kBoolean;
      plan.why = "true and false";
      break;
    case RawKind::kTime:
      plan.type = ColumnType::kTime;
      plan.why = "dates as the file types them";
      break;
    default:
      plan.type = ColumnType::kNumber;
      plan.integral = column.kind == RawKind::kInteger;
      plan.why = "numbers as the file types them";
  }
  return plan;
}

}  // namespace

Result<std::unique_ptr<DescribedSource>> infer_types(std::unique_ptr<RawRows> rows,
                                                     const std::vector<std::string>& missing) {
  const std::vector<RawColumn>& columns = rows->columns();
  std::vector<bool> texts(columns.size());
  std::vector<TypeScan> scans;
  std::vector<std::size_t> scanned;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    texts[i] = columns[i].kind == RawKind::kText;
    if (!texts[i]) continue;
    scans.emplace_back(columns[i].name, missing);
    scanned.push_back(i);
  }
  if (!scans.empty()) {
    TENBIN_CHECK(rows->start(texts));
    std::vector<RawCells> cells;
    while (true) {
      TENBIN_TRY(const std::int64_t count, rows->next(cells));
      if (count == 0) break;
      for (std::size_t s = 0; s < scans.size(); ++s) {
        for (const std::string_view text : cells[scanned[s]].texts) scans[s].add(text);
      }
    }
  }
  std::vector<ColumnPlan> plans(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) plans[i] = native_plan(columns[i]);
  for (std::size_t s = 0; s < scans.size(); ++s) plans[scanned[s]] = scans[s].finish();
  return apply_types(std::move(rows), std::move(plans));
}

Result<std::unique_ptr<DescribedSource>> apply_types(std::unique_ptr<RawRows> rows,
                                                     std::vector<ColumnPlan> plans) {
  auto source = std::make_unique<TypedRows>(std::move(rows), std::move(plans));
  TENBIN_CHECK(source->rewind());
  return std::unique_ptr<DescribedSource>(std::move(source));
}

Result<Table> drain(TableSource& source) {
  return source.next(std::numeric_limits<std::int64_t>::max());
}

std::unique_ptr<DescribedSource> table_as_source(Table table, std::vector<std::string> notes) {
  return std::make_unique<HeldTable>(std::move(table), std::move(notes));
}

}  // namespace tenbin
