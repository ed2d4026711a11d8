// SPDX-License-Identifier: Apache-2.0
// LIBSVM text: "LABEL INDEX:VALUE INDEX:VALUE ...", a row a line, indices ascending, absent ones 0.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/limits.h"
#include "data/format.h"
#include "data/formats/table_file.h"
#include "data/time_text.h"

namespace tenbin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Cell {
  std::int64_t row = 0, index = 0;
  double value = 0;
};

// The next word of a line; empty at its end or before a comment.
std::string_view take_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos || line[begin] == '#') return line = {};
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, value);
  if (failure != std::errc{} || end != last) return std::nullopt;
  return value;
}

// Whether a line reads as one row.
bool looks_right(std::string_view line) {
  if (!parse_cell_number(take_word(line))) return false;
  bool any = false;
  for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) return false;
    if (word.substr(0, colon) != "qid" && !whole(word.substr(0, colon))) return false;
    any = true;
  }
  return any;
}

class LibsvmReader {
 public:
  LibsvmReader(std::string path, const ReadOptions& options)
      : path_(std::move(path)), options_(options) {}
  // Rows that must have columns f<index>: new rows may happen to end earlier.
  void expect(const std::vector<std::string>& columns) {
    for (const std::string& name : columns) {
      const auto index = name.starts_with("f") ? whole(std::string_view(name).substr(1))
                                               : std::optional<std::int64_t>();
      if (!index || *index < 0 || *index > static_cast<std::int64_t>(limits::kColumns)) continue;
      highest_ = std::max(highest_, *index);
      from_zero_ = from_zero_ || *index == 0;
    }
  }
  Status read(std::string_view text);
  Result<Table> table(const ReadOptions& options) const;

 private:
  Error bad(const std::string& what) const {
    return Error(ErrorCode::kMalformedData, what, path_ + ":" + std::to_string(line_),
                 "expected LABEL INDEX:VALUE ..., indices ascending");
  }
  Status read_line(std::string_view line);
  Status read_cell(std::string_view word, std::int64_t& last);

  std::string path_;
  const ReadOptions& options_;
  std::int64_t line_ = 0;
  std::int64_t highest_ = 0;
  bool from_zero_ = false;
  std::vector<double> labels_;
  std::vector<double> groups_;  // qid of each row; empty if none has one
  std::vector<Cell> cells_;
};

Status LibsvmReader::read_cell(std::string_view word, std::int64_t& last) {
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos) return bad("found '" + std::string(word) + "'");
  const auto value = parse_cell_number(word.substr(colon + 1));
  if (!value) return bad("'" + std::string(word) + "' holds no number");
  const std::int64_t row = static_cast<std::int64_t>(labels_.size()) - 1;
  if (word.starts_with("qid:")) {
    groups_.resize(labels_.size(), kNaN);
    groups_.back() = *value;
    return {};
  }
  const auto index = whole(word.substr(0, colon));
  if (!index || *index < 0) return bad("'" + std::string(word) + "' has no index");
  if (*index <= last) return bad("index " + std::to_string(*index) + " follows another as high");
  if (*index > static_cast<std::int64_t>(limits::kColumns)) {
    return Error(ErrorCode::kTooLarge,
                 "column index " + std::to_string(*index) + ", expected at most " +
                     std::to_string(limits::kColumns),
                 path_ + ":" + std::to_string(line_));
  }
  last = *index;
  from_zero_ = from_zero_ || last == 0;
  highest_ = std::max(highest_, last);
  cells_.push_back({row, last, *value});
  return {};
}

Status LibsvmReader::read_line(std::string_view line) {
  const std::string_view first = take_word(line);
  if (first.empty()) return {};
  if (first.find(',') != std::string_view::npos) {
    return bad("several labels in one row: '" + std::string(first) + "'");
  }
  const auto label = parse_cell_number(first);
  if (!label) return bad("label '" + std::string(first) + "' is no number");
  labels_.push_back(*label);
  std::int64_t last = -1;
  for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
    TENBIN_CHECK(read_cell(word, last));
  }
  return {};
}

Status LibsvmReader::read(std::string_view text) {
  const auto all = static_cast<std::int64_t>(text.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (++line_ % kLinesAtOnce == 0) {
      const auto left = static_cast<std::int64_t>(text.size());
      TENBIN_CHECK(options_.between({"reading rows", "bytes", all - left, all}));
    }
    TENBIN_CHECK(read_line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

Column number_column(std::string name, std::vector<double> values, const char* why) {
  Column column;
  column.name = std::move(name);
  column.integral = std::all_of(values.begin(), values.end(), [](double x) {
    return std::isnan(x) || (std::isfinite(x) && x == std::floor(x));
  });
  column.numbers = std::move(values);
  column.why = why;
  return column;
}

Result<Table> LibsvmReader::table(const ReadOptions& options) const {
  Table out;
  out.rows = static_cast<std::int64_t>(labels_.size());
  const std::int64_t first = from_zero_ ? 0 : 1;
  const std::int64_t width = highest_ - first + 1;
  if (width * out.rows > options.memory_limit.count / static_cast<std::int64_t>(sizeof(double))) {
    return Error(ErrorCode::kTooLarge,
                 std::to_string(out.rows) + " rows of " + std::to_string(width) +
                     " columns do not fit into --memory-limit " + to_text(options.memory_limit),
                 path_);
  }
  std::vector<std::vector<double>> columns(static_cast<std::size_t>(width));
  for (auto& column : columns) column.assign(labels_.size(), 0.0);
  for (const Cell& cell : cells_) {
    columns[static_cast<std::size_t>(cell.index - first)][static_cast<std::size_t>(cell.row)] =
        cell.value;
  }
  for (std::int64_t i = 0; i < width; ++i) {
    out.columns.push_back(number_column("f" + std::to_string(i + first),
                                        std::move(columns[static_cast<std::size_t>(i)]),
                                        "values of a LIBSVM index"));
  }
  if (!groups_.empty()) {
    std::vector<double> groups = groups_;
    groups.resize(labels_.size(), kNaN);
    out.columns.push_back(number_column("qid", std::move(groups), "query of a LIBSVM row"));
  }
  out.columns.push_back(number_column(options.label_name, labels_, "labels of the LIBSVM rows"));
  return out;
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  Dataset out;
  out.format = "libsvm";
  TENBIN_TRY(const std::string text, read_text_file(files, probe, options.may_go_on, out));
  LibsvmReader reader(probe.path, options);
  reader.expect(options.expected);
  TENBIN_CHECK(reader.read(text));
  TENBIN_TRY(out.table, reader.table(options));
  if (out.table.rows == 0) return Error(ErrorCode::kEmptyData, "table has no rows", probe.path);
  out.notes.push_back("LIBSVM names no columns: they are '" + out.table.columns.front().name +
                      "' and so on, and '" + options.label_name + "'; absent values are 0");
  return out;
}

bool matches(const FormatProbe& probe) {
  if (probe.is_folder) return false;
  for (const std::string_view known : {".libsvm", ".svm", ".svmlight"}) {
    if (probe.extension == known) return true;
  }
  // The first two lines, so that no text that happens to begin with a number is taken for it.
  const std::string_view head = probe.head;
  const std::size_t end = std::min(head.find('\n'), head.size());
  if (!looks_right(head.substr(0, end))) return false;
  const std::string_view rest = head.substr(std::min(end + 1, head.size()));
  const std::size_t second = rest.find('\n');
  return rest.empty() || second == std::string_view::npos || looks_right(rest.substr(0, second));
}

}  // namespace

const FormatEntry& format_libsvm() {
  static const FormatEntry entry{"libsvm",
                                 {".libsvm", ".svm", ".svmlight"},
                                 "Sparse rows of numbers as LIBSVM writes them, also gzip.",
                                 matches,
                                 read};
  return entry;
}

}  // namespace tenbin
