// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/raw_cells.h"
#include "data/table.h"
#include "data/time_text.h"

namespace tenbin {

// How the texts of a column become values.
struct ColumnPlan {
  std::string name;
  ColumnType type = ColumnType::kText;
  RawKind raw = RawKind::kText;
  bool integral = false;
  TimeStyle time_style = TimeStyle::kIso;
  std::vector<std::string> dictionary;  // kCategory: all values, in order of first appearance
  std::vector<std::string> missing;     // texts that are missing values in this column
  bool junk_is_missing = false;         // kNumber: any text that is no number is missing
  std::string why;                      // for people
  std::vector<std::string> notes;       // for people, without the column's name
};

// Looks at every text of a column once and says what it holds:
//   number    every text is a number, apart from missing-value texts (`missing`, and - -- . none
//             #N/A) and from at most 1 % of rows with at most three different other texts
//   time      every text is an instant in one style
//   boolean   true/false, t/f in any case (yes/no and 0/1 stay category and number)
//   category  repeated: at most 10,000 values, and fewer than half the rows (or at most 20), short
//   text      anything else
class TypeScan {
 public:
  TypeScan(std::string name, const std::vector<std::string>& missing);
  void add(std::string_view text);  // data() == nullptr: missing
  ColumnPlan finish();

 private:
  void judge(const std::string& text, std::int64_t rows);  // adds `rows` rows to the tallies
  bool is_missing_text(const std::string& text) const;
  ColumnPlan number_plan(std::int64_t junk_rows);
  ColumnPlan string_plan();

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::string name_;
  std::vector<std::string> missing_;
  std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> counts_;
  std::vector<std::string> order_;  // of first appearance
  bool counting_ = true;            // false once there are too many different texts
  std::int64_t rows_ = 0, empty_ = 0, present_ = 0;
  std::int64_t number_rows_ = 0, integer_rows_ = 0, infinite_rows_ = 0;
  std::int64_t time_rows_[3] = {0, 0, 0};
  std::int64_t boolean_rows_ = 0, spaced_rows_ = 0;
  std::size_t longest_ = 0;
  std::map<std::string, std::int64_t> tokens_;  // missing-value texts seen
  std::map<std::string, std::int64_t> junk_;    // first few texts that are neither
};

// Collects cells into a Column by a plan.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(ColumnPlan plan);
  // Nothing, or the offending text when it cannot be of the plan's type.
  std::optional<std::string> add(const RawCells& cells, std::size_t row);
  std::optional<std::string> add_text(std::string_view text);
  void add_number(double value);
  void reserve(std::size_t rows);
  // The column so far; starts an empty one with the same plan (and a dictionary that has grown).
  Column take();
  const ColumnPlan& plan() const { return plan_; }

 private:
  std::int32_t code_of(std::string_view text);
  bool is_missing(std::string_view text) const;

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  ColumnPlan plan_;
  Column column_;
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> codes_;
};

// The type of free texts that are already in memory, and the column they make.
Column infer_string_type(std::string name, const std::vector<std::string>& texts,
                         const std::vector<std::string>& missing,
                         std::vector<std::string>* notes = nullptr);

}  // namespace tenbin
