// SPDX-License-Identifier: Apache-2.0
// Delimited text, JSON lines and Parquet, all through DuckDB.
#include <algorithm>
#include <charconv>
#include <set>

#include "base/limits.h"
#include "data/compression/expand.h"
#include "data/duckdb/duckdb_rows.h"
#include "data/format.h"
#include "data/formats/table_file.h"
#include "data/text_check.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

// Fields of one line, quotes respected.
std::vector<std::string> fields_of(std::string_view line, char mark) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < line.size() && line[i + 1] == '"';
      if (doubled)
        out.back() += line[++i];
      else
        quoted = !quoted;
    } else if (c == mark && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

// The mark that divides the first line into most fields.
char delimiter_of(std::string_view head) {
  const std::string_view first = head.substr(0, head.find('\n'));
  char best = ',';
  std::size_t most = 1;
  for (const char mark : {',', '\t', ';', '|'}) {
    const std::size_t count = fields_of(first, mark).size();
    if (count > most) {
      most = count;
      best = mark;
    }
  }
  return best;
}

// How blanks divide the first lines, if no mark does: into the same number of fields, at least two.
struct BlankFields {
  std::size_t fields = 0;  // 0: they do not
  bool runs = false;       // more than one blank in a row, or at the begin of a line
};
BlankFields blank_fields(std::string_view head) {
  constexpr int kLines = 20, kLeast = 3;
  BlankFields out;
  int lines = 0;
  for (; lines < kLines && head.find('\n') != std::string_view::npos; ++lines) {
    std::string_view line = head.substr(0, head.find('\n'));
    head.remove_prefix(line.size() + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::size_t fields = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool begins = line[i] != ' ' && (i == 0 || line[i - 1] == ' ');
      fields += begins ? 1 : 0;
      out.runs = out.runs || (line[i] == ' ' && (i == 0 || line[i - 1] == ' '));
    }
    if (out.fields == 0) out.fields = fields;
    if (fields != out.fields || fields < 2) return {};
  }
  return lines >= kLeast ? out : BlankFields{};
}

std::string_view line_of(std::string_view text, int number) {
  for (; number > 0; --number) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

bool whole(const std::string& text, std::int64_t& value) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size();
}

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size();
}

// A first line of "rows,features,class names..." instead of column names, as scikit-learn's files;
// with no class names the column names may follow in the second line.
struct CountHeader {
  bool found = false;
  bool names_follow = false;
  std::int64_t features = 0;
  std::vector<std::string> classes;
};
CountHeader count_header(std::string_view head) {
  CountHeader out;
  const auto first = fields_of(line_of(head, 0), ',');
  const auto second = fields_of(line_of(head, 1), ',');
  std::int64_t rows = 0;
  if (first.size() < 3 || !whole(first[0], rows) || !whole(first[1], out.features)) return out;
  out.found = static_cast<std::int64_t>(second.size()) == out.features + 1;
  out.classes.assign(first.begin() + 2, first.end());
  const auto empty = [](const std::string& text) { return text.empty(); };
  out.names_follow = out.found && std::all_of(first.begin() + 2, first.end(), empty) &&
                     std::none_of(second.begin(), second.end(), empty) &&
                     std::none_of(second.begin(), second.end(), is_number);
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

// Blanks divide what no mark divides.
BlankFields blank_table(const FormatProbe& probe) {
  const std::string_view first = line_of(probe.head, 0);
  if (fields_of(first, delimiter_of(first)).size() > 1) return {};
  return blank_fields(probe.head);
}

// By content, so that neither a name without an ending nor a wrong one matters.
// `plain`: DuckDB's word for none, which its readers do not share.
std::string compression_argument(const FormatProbe& probe, const char* plain) {
  return ", compression=" + quoted(probe.compression.empty() ? plain : probe.compression);
}

// Names and delimiter are settled here, so that a broken row is an error and not another guess.
Result<std::string> csv_select(const FormatProbe& probe, const std::string& label, bool latin1) {
  const CountHeader counts = count_header(probe.head);
  const char mark = counts.found                    ? ','
                    : blank_table(probe).fields > 0 ? ' '
                                                    : delimiter_of(probe.head);
  std::vector<std::string> names;
  if (counts.found && !counts.names_follow) {
    for (std::int64_t i = 1; i <= counts.features; ++i) names.push_back("f" + std::to_string(i));
    names.push_back(label);
  } else {
    std::string_view head = probe.head;
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    const std::string first(line_of(head, counts.names_follow ? 1 : 0));
    names = fields_of(latin1 ? latin1_to_utf8(first) : first, mark);
  }
  std::string columns;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = "c" + std::to_string(i + 1);
    if (!seen.insert(names[i]).second) {
      return Error(ErrorCode::kMalformedData,
                   "column '" + names[i] + "' stands in the header twice", probe.path + ":1",
                   "give each column a name of its own");
    }
    columns += (columns.empty() ? "" : ", ") + quoted(names[i]) + ": 'VARCHAR'";
  }
  return "SELECT * FROM read_csv($1, auto_detect=false, header=" +
         std::string(counts.names_follow ? "true, skip=1"
                     : counts.found      ? "false, skip=1"
                                         : "true") +
         ", delim=" + quoted(std::string(1, mark)) + (latin1 ? ", encoding='latin-1'" : "") +
         ", quote='\"', escape='\"', strict_mode=true, null_padding=false, max_line_size=" +
         std::to_string(limits::kCsvLineBytes) + compression_argument(probe, "none") +
         ", columns={" + columns + "})";
}

bool is_text_table(const FormatProbe& probe) {
  return probe.extension != ".json" && probe.extension != ".jsonl" &&
         probe.extension != ".ndjson" && !probe.head.starts_with("PAR1") &&
         probe.extension != ".parquet";
}

// What DuckDB would only find out slowly, or not say clearly.
Status check_head(const FormatProbe& probe) {
  const std::string_view first = line_of(probe.head, 0);
  const auto commas = static_cast<std::size_t>(std::count(first.begin(), first.end(), ','));
  const auto tabs = static_cast<std::size_t>(std::count(first.begin(), first.end(), '\t'));
  if (std::max(commas, tabs) >= limits::kColumns) {
    const bool whole = first.size() < probe.head.size();
    return Error(ErrorCode::kTooLarge,
                 (whole ? "" : "more than ") + std::to_string(std::max(commas, tabs) + 1) +
                     " columns, expected at most " + std::to_string(limits::kColumns),
                 probe.path, "choose the columns that matter, or store rows sparsely (LIBSVM)");
  }
  for (const std::string_view mark : {"\xff\xfe", "\xfe\xff"}) {
    if (!probe.head.starts_with(mark)) continue;
    return Error(ErrorCode::kMalformedData, "text is UTF-16, expected UTF-8", probe.path + ":1",
                 "iconv -f UTF-16 -t UTF-8 OLD > NEW");
  }
  if (const BlankFields blanks = blank_table(probe); blanks.fields > 0 && blanks.runs) {
    return Error(ErrorCode::kMalformedData,
                 "columns are divided by runs of blanks (" + std::to_string(blanks.fields) +
                     " fields a line), expected one comma, tab, ';', '|' or blank between them",
                 probe.path + ":1", "sed -E 's/^ +| +$//g; s/ +/,/g' OLD > NEW");
  }
  if (probe.head.find('\0') != std::string::npos) {
    return Error(ErrorCode::kMalformedData, "text holds a NUL byte, expected UTF-8 text",
                 probe.path, "is it text at all, and UTF-8?");
  }
  return {};
}

// Goes through the whole text once, decompressed: it is UTF-8, or else Latin-1 throughout; true for
// the latter. A cut archive is an error here: DuckDB would read what there is. `lines`: how many.
Result<bool> is_latin1(FileSystem& files, const FormatProbe& probe, const ReadOptions& options,
                       std::int64_t& lines) {
  TextCheck check;
  TENBIN_TRY(const FileInfo info, files.info(probe.path));
  ReadProgress now{"checking the text", "bytes", 0, probe.compression.empty() ? info.size : 0};
  TENBIN_CHECK(expand_file(files, probe.path, [&](std::string_view text) -> Status {
    check.add(text);
    now.done += static_cast<std::int64_t>(text.size());
    return options.between(now);
  }));
  check.finish();
  lines = check.lines;
  const std::string line = probe.path + ":";
  if (check.nul_line > 0) {
    return Error(ErrorCode::kMalformedData, "text holds a NUL byte, expected UTF-8 text",
                 line + std::to_string(check.nul_line), "is it text at all, and UTF-8?");
  }
  if (check.bad_line == 0) return false;
  if (check.maybe_latin1 && !check.has_utf8) return true;
  return Error(ErrorCode::kMalformedData,
               std::string("bytes that are not UTF-8") +
                   (check.has_utf8 ? " in a text that is UTF-8 elsewhere" : ""),
               line + std::to_string(check.bad_line),
               "bring the whole file to UTF-8, e.g. iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW");
}

struct TableRequest {
  DuckRequest duckdb;
  bool latin1 = false;
  std::int64_t about_rows = 0;  // 0: not known
};

Result<TableRequest> request_for(FileSystem& files, const FormatProbe& probe,
                                 const ReadOptions& options) {
  TableRequest out;
  DuckRequest& request = out.duckdb;
  request.path = probe.path;
  if (is_text_table(probe)) {
    TENBIN_CHECK(check_head(probe));
    std::int64_t lines = 0;
    TENBIN_TRY(out.latin1, is_latin1(files, probe, options, lines));
    TENBIN_TRY(request.select, csv_select(probe, options.label_name, out.latin1));
    const int heading = count_header(probe.head).names_follow ? 2 : 1;
    request.skipped_lines = options.query.empty() ? heading : 0;
    // The last line has an end, as a rule; quoted texts may hold several.
    if (options.query.empty()) out.about_rows = std::max<std::int64_t>(0, lines - 1 - heading);
  } else {
    request.select =
        std::string("SELECT * FROM ") +
        (probe.head.starts_with("PAR1")
             ? "read_parquet($1)"
             : "read_json_auto($1" + compression_argument(probe, "uncompressed") + ")");
  }
  if (!options.query.empty()) {
    request.select = "WITH data AS (" + request.select + ") SELECT * FROM (" +
                     inner_query(options.query) + "\n)";
  }
  return out;
}

Result<std::unique_ptr<RawRows>> rows(FileSystem& files, const FormatProbe& probe,
                                      const ReadOptions& options) {
  TENBIN_TRY(const TableRequest request, request_for(files, probe, options));
  TENBIN_TRY(auto rows, duckdb_rows(request.duckdb, options));
  return with_pauses(std::move(rows), options, {1, request.about_rows});
}

// Digits of the last column become the class names that the first line gave.
void name_classes(const CountHeader& counts, const std::string& label, Dataset& out) {
  if (!counts.found) return;
  if (counts.names_follow) {
    out.notes.push_back("first line is a count; the column names stand in the second");
    return;
  }
  out.notes.push_back("first line is a count and class names, not a header: columns are f1 to f" +
                      std::to_string(counts.features) + " and '" + label + "'");
  Column& last = out.table.columns.back();
  Column named;
  named.name = last.name;
  named.type = ColumnType::kCategory;
  named.dictionary = counts.classes;
  named.why = "class names of the first line";
  for (std::int64_t row = 0; row < out.table.rows; ++row) {
    std::int64_t code = -1;
    const bool known = whole(last.text_at(row), code) && code >= 0 &&
                       code < static_cast<std::int64_t>(counts.classes.size());
    if (!known) return;
    named.codes.push_back(static_cast<std::int32_t>(code));
  }
  last = std::move(named);
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  TENBIN_TRY(const TableRequest request, request_for(files, probe, options));
  TENBIN_TRY(auto raw, duckdb_rows(request.duckdb, options));
  const std::string format = probe.extension.empty() ? "csv" : probe.extension.substr(1);
  TENBIN_TRY(Dataset out,
             read_all(files, probe, std::move(raw), options, format, request.about_rows));
  if (request.latin1) out.notes.push_back("text is not UTF-8 and was read as Latin-1");
  if (const auto blanks = is_text_table(probe) ? blank_table(probe) : BlankFields{};
      blanks.fields > 0) {
    out.notes.push_back("no comma, tab, ';' or '|' in the first line: its " +
                        std::to_string(blanks.fields) + " columns are those that blanks divide");
  }
  if (is_text_table(probe) && options.query.empty()) {
    name_classes(count_header(probe.head), options.label_name, out);
  }
  return out;
}

bool matches(const FormatProbe& probe) {
  if (probe.is_folder) return false;
  if (probe.head.starts_with("PAR1")) return true;
  static constexpr std::string_view kKnown[] = {".csv",   ".tsv",    ".txt",    ".json",
                                                ".jsonl", ".ndjson", ".parquet"};
  return std::find(std::begin(kKnown), std::end(kKnown), probe.extension) != std::end(kKnown);
}

}  // namespace

const FormatEntry& format_table() {
  static const FormatEntry entry{
      "table",
      {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"},
      "CSV and TSV (also .gz, .zst), JSON lines and Parquet, read by DuckDB.",
      matches,
      read,
      rows};
  return entry;
}

}  // namespace tenbin
