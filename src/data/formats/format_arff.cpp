// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/limits.h"
#include "data/format.h"
#include "data/formats/table_file.h"
#include "data/type_scan.h"

namespace tenbin {
namespace {

struct ArffAttribute {
  std::string name;
  bool numeric = false, nominal = false;
  std::vector<std::string> values;  // nominal
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

void skip_blank(std::string_view& rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t' || rest.front() == '\r')) {
    rest.remove_prefix(1);
  }
}

// A word, or a text in quotes, up to one of `ends`.
std::string take_word(std::string_view& rest, std::string_view ends, bool& was_quoted) {
  skip_blank(rest);
  std::string out;
  was_quoted = !rest.empty() && (rest.front() == '\'' || rest.front() == '"');
  if (was_quoted) {
    const char mark = rest.front();
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != mark) {
      if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
      out += rest.front();
      rest.remove_prefix(1);
    }
    if (!rest.empty()) rest.remove_prefix(1);
    skip_blank(rest);
    return out;
  }
  while (!rest.empty() && ends.find(rest.front()) == std::string_view::npos) {
    out += rest.front();
    rest.remove_prefix(1);
  }
  while (!out.empty() && std::isspace(static_cast<unsigned char>(out.back()))) out.pop_back();
  return out;
}

class ArffReader {
 public:
  ArffReader(const FormatProbe& probe, const ReadOptions& options)
      : path_(probe.path), options_(options) {}
  Result<Table> read(std::string_view text, const std::vector<std::string>& missing);

 private:
  Error bad(const std::string& what) const {
    return Error(ErrorCode::kMalformedData, what, path_ + ":" + std::to_string(line_));
  }
  Status header_line(std::string_view line);
  Status data_line(std::string_view line);
  Status put(std::size_t column, std::string_view text, bool quoted);

  std::string path_;
  const ReadOptions& options_;
  std::int64_t line_ = 0;
  std::vector<ArffAttribute> attributes_;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> texts_;  // of string attributes
  bool in_data_ = false;
};

Status ArffReader::header_line(std::string_view line) {
  const std::string word = lower(line.substr(0, line.find_first_of(" \t\r")));
  if (word == "@relation") return {};
  if (word == "@data") {
    if (attributes_.empty()) return bad("@data before any @attribute");
    in_data_ = true;
    return {};
  }
  if (word != "@attribute") return bad("found '" + word + "', expected @attribute or @data");
  line.remove_prefix(word.size());
  bool quoted = false;
  ArffAttribute a;
  a.name = take_word(line, " \t{", quoted);
  skip_blank(line);
  if (!line.empty() && line.front() == '{') {
    a.nominal = true;
    line.remove_prefix(1);
    while (!line.empty() && line.front() != '}') {
      a.values.push_back(take_word(line, ",}", quoted));
      if (!line.empty() && line.front() == ',') line.remove_prefix(1);
      skip_blank(line);
    }
    if (line.empty()) return bad("list of values of '" + a.name + "' is not closed");
  } else {
    const std::string type = lower(take_word(line, " \t", quoted));
    a.numeric = type == "numeric" || type == "real" || type == "integer";
    if (!a.numeric && type != "string" && type != "date") {
      return bad("attribute type '" + type + "', expected numeric, string, date or {values}");
    }
  }
  if (attributes_.size() >= limits::kColumns) {
    return Error(ErrorCode::kTooLarge, "more than " + std::to_string(limits::kColumns) + " columns",
                 path_);
  }
  Column column;
  column.name = a.name;
  column.type = a.nominal ? ColumnType::kCategory : ColumnType::kNumber;
  column.why = a.nominal ? "nominal in the header" : "numeric in the header";
  column.dictionary = a.values;
  columns_.push_back(std::move(column));
  texts_.emplace_back();
  attributes_.push_back(std::move(a));
  return {};
}

Status ArffReader::put(std::size_t i, std::string_view text, bool quoted) {
  Column& column = columns_[i];
  const bool missing = text == "?" && !quoted;
  if (attributes_[i].nominal) {
    const auto& values = attributes_[i].values;
    const auto found = std::find(values.begin(), values.end(), text);
    if (!missing && found == values.end()) {
      return bad("'" + std::string(text) + "' is no value of '" + column.name + "'");
    }
    column.codes.push_back(missing ? -1 : static_cast<std::int32_t>(found - values.begin()));
  } else if (attributes_[i].numeric) {
    double value = std::numeric_limits<double>::quiet_NaN();
    const char* last = text.data() + text.size();
    if (!missing) {
      const auto [end, failure] = std::from_chars(text.data(), last, value);
      if (failure != std::errc{} || end != last) {
        return bad("'" + std::string(text) + "' in numeric column '" + column.name + "'");
      }
    }
    column.numbers.push_back(value);
  } else {
    texts_[i].emplace_back(missing ? std::string_view() : text);
  }
  return {};
}

Status ArffReader::data_line(std::string_view line) {
  if (line.front() == '{') return bad("sparse rows are not read; write all values of the row");
  bool quoted = false;
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    if (i > 0) {
      if (line.empty() || line.front() != ',') {
        return bad("row has " + std::to_string(i) + " values, expected " +
                   std::to_string(attributes_.size()));
      }
      line.remove_prefix(1);
    }
    const std::string word = take_word(line, ",", quoted);
    TENBIN_CHECK(put(i, word, quoted));
  }
  if (!line.empty()) {
    return bad("row has more than " + std::to_string(attributes_.size()) + " values");
  }
  return {};
}

Result<Table> ArffReader::read(std::string_view text, const std::vector<std::string>& missing) {
  Table out;
  const auto all = static_cast<std::int64_t>(text.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (++line_ % kLinesAtOnce == 0) {
      const auto left = static_cast<std::int64_t>(text.size());
      TENBIN_CHECK(options_.between({"reading rows", "bytes", all - left, all}));
    }
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) {
      line.remove_suffix(1);
    }
    skip_blank(line);
    if (line.empty() || line.front() == '%') continue;
    out.rows += in_data_ ? 1 : 0;
    TENBIN_CHECK(in_data_ ? data_line(line) : header_line(line));
  }
  if (!in_data_) return bad("file ends without @data");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (!attributes_[i].nominal && !attributes_[i].numeric) {
      column = infer_string_type(attributes_[i].name, texts_[i], missing);
    } else if (attributes_[i].numeric) {
      column.integral = std::all_of(column.numbers.begin(), column.numbers.end(),
                                    [](double x) { return std::isnan(x) || x == std::floor(x); });
    }
  }
  out.columns = std::move(columns_);
  return out;
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  Dataset out;
  out.format = "arff";
  TENBIN_TRY(const std::string text, read_text_file(files, probe, options.may_go_on, out));
  TENBIN_TRY(out.table, ArffReader(probe, options).read(text, options.missing));
  if (out.table.rows == 0) return Error(ErrorCode::kEmptyData, "table has no rows", probe.path);
  return out;
}

bool matches(const FormatProbe& probe) {
  if (probe.is_folder) return false;
  return probe.extension == ".arff" || lower(probe.head.substr(0, 400)).find("@relation") < 400;
}

}  // namespace

const FormatEntry& format_arff() {
  static const FormatEntry entry{
      "arff", {".arff"}, "Weka's attribute-relation files.", matches, read};
  return entry;
}

}  // namespace tenbin
