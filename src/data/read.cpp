// SPDX-License-Identifier: Apache-2.0
#include "data/read.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "data/compression/expand.h"
#include "data/format.h"
#include "data/images/decode.h"
#include "data/typed_source.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::size_t kHeadBytes = 256 << 10;

Result<const FormatEntry*> find_format(const FormatProbe& probe, const ReadOptions& options) {
  std::vector<std::string> names;
  for (const FormatEntry* entry : format_catalogue()) {
    names.emplace_back(entry->name);
    const auto& extensions = entry->extensions;
    const bool asked =
        entry->name == options.format ||
        std::find(extensions.begin(), extensions.end(), "." + options.format) != extensions.end();
    if (!options.format.empty() ? asked : entry->matches(probe)) return entry;
  }
  const std::string what = options.format.empty() ? "content and name do not tell the format"
                                                  : "format '" + options.format + "' is not known";
  return Error(ErrorCode::kUnknownFormat, what + ", " + one_of(names), probe.path,
               "name it with --format");
}

// What the sub-folders hold, so that formats can tell a folder of images from one of texts.
Status count_inner(FileSystem& files, const std::string& folder, int depth, FormatProbe& probe) {
  constexpr std::size_t kMostFolders = 64;
  TENBIN_TRY(const auto names, files.list(folder));
  std::size_t folders = 0;
  for (const std::string& name : names) {
    const std::string path = join_path(folder, name);
    const std::string extension = extension_of(name);
    if (depth > 0 && !extension.empty()) {
      ++probe.inner[extension];
      continue;
    }
    if (depth == 2 || !extension.empty() || folders == kMostFolders) continue;
    TENBIN_TRY(const FileInfo info, files.info(path));
    if (!info.is_folder) continue;
    ++folders;
    TENBIN_CHECK(count_inner(files, path, depth + 1, probe));
  }
  return {};
}

ColumnPlan plan_of(const ExpectedColumn& column) {
  ColumnPlan plan;
  plan.name = column.name;
  plan.type = column.type;
  plan.dictionary = column.dictionary;
  plan.junk_is_missing = false;
  return plan;
}

// Columns of formats that type themselves: brought to the expected type through their texts.
Status bring_to_type(const ExpectedColumn& want, const std::string& path, Column& column) {
  if (column.type == want.type && (want.type != ColumnType::kCategory || want.dictionary.empty())) {
    return {};
  }
  if (column.type == ColumnType::kImage || want.type == ColumnType::kImage) {
    return Error(ErrorCode::kInputMismatch,
                 "column '" + want.name + "' holds a " + column_type_name(column.type) +
                     ", expected a " + column_type_name(want.type),
                 path);
  }
  ColumnBuilder builder(plan_of(want));
  for (std::int64_t row = 0; row < column.rows(); ++row) {
    const std::string text = column.text_at(row);
    const auto bad = builder.add_text(column.missing(row) ? std::string_view() : text);
    if (!bad) continue;
    return Error(ErrorCode::kInputMismatch,
                 "column '" + want.name + "' holds '" + *bad + "', expected a " +
                     column_type_name(want.type),
                 path + ", row " + std::to_string(row + 1));
  }
  column = builder.take();
  return {};
}

// The expected columns in their order, then the others.
Status order_columns(const std::vector<ExpectedColumn>& expected, const std::string& path,
                     Dataset& data) {
  std::vector<std::string> spare, missing;  // spare: no expected column takes it
  for (const Column& column : data.table.columns) {
    const bool taken =
        std::any_of(expected.begin(), expected.end(),
                    [&](const ExpectedColumn& want) { return want.name == column.name; });
    if (!taken) spare.push_back(column.name);
  }
  std::vector<Column> ordered;
  for (const ExpectedColumn& want : expected) {
    auto found = std::find_if(data.table.columns.begin(), data.table.columns.end(),
                              [&](const Column& c) { return c.name == want.name; });
    if (found == data.table.columns.end()) {
      const auto near = nearest_names(want.name, spare, 1);
      missing.push_back("'" + want.name + "'" +
                        (near.empty() ? "" : " (is it '" + near.front() + "'?)"));
      continue;
    }
    ordered.push_back(std::move(*found));
    data.table.columns.erase(found);
  }
  if (!missing.empty()) {
    return Error(ErrorCode::kInputMismatch,
                 std::to_string(missing.size()) +
                     (missing.size() == 1 ? " column is missing: " : " columns are missing: ") +
                     some_of(missing, 20),
                 path, "the model needs every column it was trained with, in any order");
  }
  std::vector<std::string> unused;
  for (Column& extra : data.table.columns) {
    unused.push_back("'" + extra.name + "'");
    ordered.push_back(std::move(extra));
  }
  if (!unused.empty()) {
    data.notes.push_back(std::to_string(unused.size()) +
                         (unused.size() == 1 ? " column is" : " columns are") +
                         " not used by the model: " + some_of(unused));
  }
  data.table.columns = std::move(ordered);
  return {};
}

// Values of categories that training never saw: kept, and told.
void note_unseen(const std::vector<ExpectedColumn>& expected, Dataset& data) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const ExpectedColumn& want = expected[i];
    if (want.type != ColumnType::kCategory || want.dictionary.empty()) continue;
    const Column& column = data.table.columns[i];
    const auto known = static_cast<std::int32_t>(want.dictionary.size());
    const auto unseen = std::count_if(column.codes.begin(), column.codes.end(),
                                      [&](std::int32_t code) { return code >= known; });
    if (unseen == 0) continue;
    std::vector<std::string> values(column.dictionary.begin() + known, column.dictionary.end());
    data.notes.push_back("column '" + want.name + "': " + std::to_string(unseen) +
                         (unseen == 1 ? " row holds a value" : " rows hold values") +
                         " that training never saw: " + some_of(values));
  }
}

// Formats that do not resize images themselves give them as they are stored.
void bring_to_size(Column& column, const ReadOptions& options, std::vector<std::string>& notes) {
  if (column.type != ColumnType::kImage || column.images.count() == 0) return;
  const Shape held = column.images.shape();
  const auto wanted = [](int asked, std::int64_t own) {
    return asked > 0 ? asked : static_cast<int>(own);
  };
  const int height = wanted(options.image_height, held[1]);
  const int width = wanted(options.image_width, held[2]);
  const int channels = wanted(options.image_channels, held[3]);
  const Shape shape = {held[0], height, width, channels};
  if (shape == held) return;
  column.images = resize_images(column.images, height, width, channels);
  notes.push_back("images brought from " + to_text(Shape(held.begin() + 1, held.end())) + " to " +
                  to_text(Shape(shape.begin() + 1, shape.end())));
}

}  // namespace

Result<FormatProbe> probe_path(FileSystem& files, const std::string& path) {
  FormatProbe probe;
  probe.path = path;
  TENBIN_TRY(const FileInfo info, files.info(path));
  probe.is_folder = info.is_folder;
  if (info.is_folder) {
    TENBIN_TRY(probe.entries, files.list(path));
    if (probe.entries.empty()) return Error(ErrorCode::kEmptyData, "folder is empty", path);
    TENBIN_CHECK(count_inner(files, path, 0, probe));
    return probe;
  }
  if (info.size == 0) return Error(ErrorCode::kEmptyData, "file is empty", path);
  TENBIN_TRY(auto file, files.open(path));
  probe.head.resize(std::min(kHeadBytes, static_cast<std::size_t>(info.size)));
  TENBIN_TRY(const std::size_t got,
             file->read_at(0, std::as_writable_bytes(std::span(probe.head))));
  probe.head.resize(got);
  std::string name = path;
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  probe.extension = extension_of(name);
  probe.compression = compression_of(probe.head);
  if (!probe.compression.empty()) {
    TENBIN_TRY(probe.head, expand_bytes(probe.head, {kHeadBytes, true, {}}));
  }
  return probe;
}

Result<std::string> format_by_content(FileSystem& files, const std::string& path) {
  TENBIN_TRY(FormatProbe probe, probe_path(files, path));
  probe.extension.clear();
  if (probe.head.starts_with("PAR1")) return std::string("parquet");
  const std::size_t first = probe.head.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (probe.head[first] == '{' || probe.head[first] == '[')) {
    return std::string("jsonl");
  }
  for (const FormatEntry* entry : format_catalogue()) {
    if (!entry->matches(probe)) continue;
    if (!entry->needs_path) return std::string(entry->name);
    return Error(ErrorCode::kUnknownFormat,
                 "found a " + std::string(entry->name) +
                     " database without a name, expected its path or rows of text",
                 path, "write it to a file and give that file");
  }
  return std::string("csv");
}

// A format that was named decides before the name of the file.
Result<FormatProbe> probe_as_asked(FileSystem& files, const std::string& path,
                                   const ReadOptions& options) {
  TENBIN_TRY(FormatProbe probe, probe_path(files, path));
  if (!options.format.empty() && !probe.is_folder) probe.extension = "." + options.format;
  return probe;
}

Result<Dataset> read_dataset(FileSystem& files, const std::string& path,
                             const ReadOptions& options) {
  TENBIN_TRY(const FormatProbe probe, probe_as_asked(files, path, options));
  TENBIN_TRY(const FormatEntry* format, find_format(probe, options));
  auto data = format->read(files, probe, options);
  if (!data.ok()) return Error(data.error()).at(path);
  data->name = file_name(path);
  for (Column& column : data->table.columns) bring_to_size(column, options, data->notes);
  return data;
}

Result<std::unique_ptr<TableSource>> open_source(FileSystem& files, const std::string& path,
                                                 const ReadOptions& options) {
  TENBIN_TRY(const FormatProbe probe, probe_as_asked(files, path, options));
  TENBIN_TRY(const FormatEntry* format, find_format(probe, options));
  if (format->rows == nullptr) {
    TENBIN_TRY(Dataset data, read_dataset(files, path, options));
    return std::unique_ptr<TableSource>(
        table_as_source(std::move(data.table), std::move(data.notes)));
  }
  TENBIN_TRY(auto rows, format->rows(files, probe, options));
  TENBIN_TRY(auto source, infer_types(std::move(rows), options.missing));
  return std::unique_ptr<TableSource>(std::move(source));
}

std::vector<ExpectedColumn> expected_columns(const Table& table) {
  std::vector<ExpectedColumn> out;
  for (const Column& column : table.columns) {
    ExpectedColumn expected{column.name, column.type, column.dictionary, 0, 0, 0};
    if (column.type == ColumnType::kImage) {
      expected.height = column.images.shape()[1];
      expected.width = column.images.shape()[2];
      expected.channels = column.images.shape()[3];
    }
    out.push_back(std::move(expected));
  }
  return out;
}

Result<Dataset> read_rows_like(FileSystem& files, const std::string& path,
                               const std::vector<ExpectedColumn>& expected,
                               const ReadOptions& options) {
  TENBIN_TRY(const FormatProbe probe, probe_as_asked(files, path, options));
  TENBIN_TRY(const FormatEntry* format, find_format(probe, options));
  Dataset data;
  if (format->rows == nullptr) {
    ReadOptions like = options;
    for (const ExpectedColumn& want : expected) like.expected.push_back(want.name);
    for (const ExpectedColumn& want : expected) {
      if (want.type != ColumnType::kImage || want.height <= 0) continue;
      like.image_height = static_cast<int>(want.height);
      like.image_width = static_cast<int>(want.width);
      like.image_channels = static_cast<int>(want.channels);
    }
    TENBIN_TRY(data, read_dataset(files, path, like));
    TENBIN_CHECK(order_columns(expected, path, data));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      TENBIN_CHECK(bring_to_type(expected[i], path, data.table.columns[i]));
    }
    note_unseen(expected, data);
    return data;
  }
  TENBIN_TRY(auto rows, format->rows(files, probe, options));
  std::vector<ColumnPlan> plans;
  for (const RawColumn& raw : rows->columns()) {
    const auto found = std::find_if(expected.begin(), expected.end(),
                                    [&](const ExpectedColumn& e) { return e.name == raw.name; });
    ColumnPlan plan;
    plan.name = raw.name;
    if (raw.kind != RawKind::kText) plan.type = ColumnType::kNumber;
    if (raw.kind == RawKind::kTime) plan.type = ColumnType::kTime;
    if (found != expected.end()) plan = plan_of(*found);
    plan.missing = options.missing;
    plans.push_back(std::move(plan));
  }
  TENBIN_TRY(const auto source, apply_types(std::move(rows), std::move(plans)));
  TENBIN_TRY(data.table, drain(*source));
  data.notes = source->notes();
  data.name = file_name(path);
  if (data.table.rows == 0) return Error(ErrorCode::kEmptyData, "table has no rows", path);
  TENBIN_CHECK(order_columns(expected, path, data));
  note_unseen(expected, data);
  return data;
}

}  // namespace tenbin
