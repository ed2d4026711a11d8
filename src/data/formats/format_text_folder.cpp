// SPDX-License-Identifier: Apache-2.0
// One document a file, one folder a class: plain text, or a JSON object whose fields are columns.
#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/limits.h"
#include "data/format.h"
#include "data/formats/class_folders.h"
#include "data/text_check.h"
#include "data/time_text.h"
#include "data/type_scan.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kDocumentBytes = static_cast<std::int64_t>(limits::kCsvLineBytes);

bool wanted(const std::string& extension) { return extension == ".json" || extension == ".txt"; }

// The documents as texts by field; a field that a document lacks is "".
struct Documents {
  std::vector<std::string> fields;  // in order of first appearance
  std::vector<std::vector<std::string>> texts;
  std::vector<std::string> nested;  // fields that hold lists or objects
  std::int64_t latin1 = 0;          // files that were not UTF-8

  std::vector<std::string>& column(const std::string& field, std::size_t row) {
    auto found = std::find(fields.begin(), fields.end(), field);
    if (found == fields.end()) {
      found = fields.insert(fields.end(), field);
      texts.emplace_back();
    }
    auto& out = texts[static_cast<std::size_t>(found - fields.begin())];
    out.resize(row + 1);
    return out;
  }
};

std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_number()) return number_text(value.as_number());
  return {};
}

Status add_json(const ClassedFile& file, const std::string& text, std::size_t row, Documents& out) {
  const auto parsed = Json::parse(text);
  if (!parsed.ok()) {
    return Error(ErrorCode::kMalformedData, parsed.error().message(),
                 file.path + (parsed.error().where().empty() ? "" : ": ") + parsed.error().where());
  }
  if (!parsed->is_object()) {
    return Error(ErrorCode::kMalformedData, "JSON document is not an object of fields", file.path);
  }
  for (const auto& [field, value] : parsed->members()) {
    if (value.is_array() || value.is_object()) {
      if (std::find(out.nested.begin(), out.nested.end(), field) == out.nested.end()) {
        out.nested.push_back(field);
      }
      continue;
    }
    out.column(field, row)[row] = scalar_text(value);
    if (out.fields.size() > limits::kColumns) {
      return Error(ErrorCode::kTooLarge,
                   "more than " + std::to_string(limits::kColumns) + " fields", file.path);
    }
  }
  return {};
}

Status add_document(FileSystem& files, const ClassedFile& file, std::size_t row, Digest& digest,
                    Documents& documents, Dataset& out) {
  TENBIN_TRY(std::string text, files.read_text(file.path, kDocumentBytes));
  digest.add(text);
  out.bytes += static_cast<std::int64_t>(text.size());
  TextCheck check;
  check.add(text);
  check.finish();
  if (check.nul_line > 0) {
    return Error(ErrorCode::kMalformedData, "text holds a NUL byte",
                 file.path + ":" + std::to_string(check.nul_line));
  }
  if (check.bad_line > 0) {
    text = latin1_to_utf8(text);
    ++documents.latin1;
  }
  if (extension_of(file.name) == ".json") return add_json(file, text, row, documents);
  documents.column("text", row)[row] = std::move(text);
  return {};
}

// Whether a field only repeats where its document lies, and so would give the class away.
std::string repeats(const std::vector<std::string>& texts, const ClassFolders& folders) {
  bool group = true, name = true;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const ClassedFile& file = folders.files[row];
    group = group && texts[row] == file.group;
    name = name && !texts[row].empty() && file.name.starts_with(texts[row]);
  }
  return group ? "the folder's name" : name ? "the file's name" : "";
}

std::string left_out(const std::string& field, const std::string& why) {
  return "field '" + field + "' " + why + ": left out";
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  Dataset out;
  out.format = "text_folder";
  TENBIN_TRY(const ClassFolders folders, list_class_folders(files, probe, options, wanted));
  Documents documents;
  Digest digest;
  const auto count = static_cast<std::int64_t>(folders.files.size());
  for (std::size_t row = 0; row < folders.files.size(); ++row) {
    const auto done = static_cast<std::int64_t>(row);
    TENBIN_CHECK(options.between({"reading texts", "files", done, count}));
    TENBIN_CHECK(add_document(files, folders.files[row], row, digest, documents, out));
  }
  const std::size_t rows = folders.files.size();
  out.table.rows = static_cast<std::int64_t>(rows);
  for (std::size_t i = 0; i < documents.fields.size(); ++i) {
    documents.texts[i].resize(rows);
    TENBIN_CHECK(options.may_go_on());
    const std::string& field = documents.fields[i];
    if (const std::string what = repeats(documents.texts[i], folders); !what.empty()) {
      out.notes.push_back(left_out(field, "only repeats " + what));
      continue;
    }
    if (field == options.label_name) {
      out.notes.push_back("field '" + field +
                          "' is left out: the folders give the column of "
                          "that name (--label-name changes it)");
      continue;
    }
    out.table.columns.push_back(
        infer_string_type(field, documents.texts[i], options.missing, &out.notes));
    std::vector<std::string>().swap(documents.texts[i]);
  }
  for (const std::string& field : documents.nested) {
    out.notes.push_back(left_out(field, "holds lists or objects"));
  }
  if (documents.latin1 > 0) {
    out.notes.push_back(std::to_string(documents.latin1) +
                        " documents are not UTF-8 and were read as Latin-1");
  }
  std::vector<std::size_t> all(rows);
  for (std::size_t i = 0; i < rows; ++i) all[i] = i;
  add_labels(folders, all, options.label_name, out);
  out.digest = digest.hex();
  return out;
}

bool matches(const FormatProbe& probe) {
  return probe.is_folder && (probe.inner.contains(".json") || probe.inner.contains(".txt")) &&
         std::none_of(probe.inner.begin(), probe.inner.end(), [](const auto& known) {
           return known.first == ".jpg" || known.first == ".jpeg" || known.first == ".png" ||
                  known.first == ".webp";
         });
}

}  // namespace

const FormatEntry& format_text_folder() {
  static const FormatEntry entry{
      "text_folder",
      {},
      "Folder of .txt or .json documents, one sub-folder for each class.",
      matches,
      read};
  return entry;
}

}  // namespace tenbin
