// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/read.h"
#include "data/table.h"

namespace tenbin {

class RawRows;

// What a path looks like before it is read.
struct FormatProbe {
  std::string path;
  bool is_folder = false;
  std::string extension;             // lower case, without a trailing .gz or .zst
  std::string compression;           // "gzip", "zstd", or empty, by content
  std::string head;                  // first bytes of a file, decompressed if gzip or Zstandard
  std::vector<std::string> entries;  // names in a folder
  // Folder: how many files its sub-folders (two levels deep) hold by extension, lower case.
  std::map<std::string, int> inner;
};

// The file of one data format in data/formats/.
struct FormatEntry {
  std::string_view name;
  std::vector<std::string_view> extensions;   // told when the content does not tell
  std::string_view doc;                       // one line
  bool (*matches)(const FormatProbe& probe);  // by content
  Result<Dataset> (*read)(FileSystem& files, const FormatProbe& probe, const ReadOptions& options);
  // Rows of text cells, for formats whose types are inferred; null for the others.
  Result<std::unique_ptr<RawRows>> (*rows)(FileSystem& files, const FormatProbe& probe,
                                           const ReadOptions& options) = nullptr;
  bool needs_path = false;  // cannot come over a stream: the library that reads it opens it by name
};

// All formats of data/formats/ (written by the build).
std::span<const FormatEntry* const> format_catalogue();

// Looks at a path. Error kUnreadableData, kEmptyData.
Result<FormatProbe> probe_path(FileSystem& files, const std::string& path);

}  // namespace tenbin
