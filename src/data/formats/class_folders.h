// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/format.h"
#include "data/table.h"

namespace tenbin {

// A file whose folder tells its class.
struct ClassedFile {
  std::string path;
  std::string name;   // of the file
  std::string group;  // name of its folder
  std::int32_t label = 0;
  bool test = false;  // below a folder named test, val or valid
};

// What lies below FOLDER/CLASS/FILE, or FOLDER/{train,test}/CLASS/FILE.
struct ClassFolders {
  std::vector<ClassedFile> files;  // by folder, then name
  std::vector<std::string> classes;
  std::vector<std::string> notes;
  bool split = false;  // train and test folders were found
};

// The files for which `wanted` says yes (of a lower-case extension). `options.classes` merges
// folders into classes. Errors kEmptyData, kUnusableTarget (a folder that no class takes in).
Result<ClassFolders> list_class_folders(FileSystem& files, const FormatProbe& probe,
                                        const ReadOptions& options,
                                        const std::function<bool(const std::string&)>& wanted);

// The class of each file as a column, and the rows that are given as test data.
void add_labels(const ClassFolders& folders, const std::vector<std::size_t>& kept,
                const std::string& name, Dataset& out);

// Whether `text` matches a pattern in which * stands for any run of characters.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace tenbin
