// SPDX-License-Identifier: Apache-2.0
#include "data/formats/class_folders.h"

#include <algorithm>

#include "base/limits.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

bool one_of_names(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
bool names_training(std::string_view name) { return one_of_names(name, {"train", "training"}); }
bool names_test(std::string_view name) {
  return one_of_names(name, {"test", "testing", "val", "valid", "validation"});
}

// The class of a folder: the first of "class=pattern" that takes it in, else its own name.
Result<std::string> class_of(const std::string& group, const ReadOptions& options,
                             const std::string& path) {
  if (options.classes.empty()) return group;
  for (const std::string& rule : options.classes) {
    const auto equals = rule.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error(ErrorCode::kBadValue, "class '" + rule + "' is not of the form name=pattern",
                   "--classes");
    }
    if (matches_pattern(std::string_view(rule).substr(equals + 1), group)) {
      return rule.substr(0, equals);
    }
  }
  return Error(ErrorCode::kUnusableTarget, "no class takes in the folder '" + group + "'", path,
               "add other=* as the last class");
}

struct Walk {
  FileSystem& files;
  const ReadOptions& options;
  const std::function<bool(const std::string&)>& wanted;
  ClassFolders out;
  std::size_t ignored = 0;

  Status folder_of_class(const std::string& path, const std::string& group, bool test) {
    TENBIN_TRY(const auto names, files.list(path));
    TENBIN_TRY(const std::string label, class_of(group, options, path));
    std::int32_t code = -1;
    for (const std::string& name : names) {
      if (!wanted(extension_of(name))) {
        ++ignored;
        continue;
      }
      if (code < 0) code = code_of(label);
      out.files.push_back({join_path(path, name), name, group, code, test});
    }
    return {};
  }

  std::int32_t code_of(const std::string& label) {
    auto& classes = out.classes;
    auto found = std::find(classes.begin(), classes.end(), label);
    if (found == classes.end()) found = classes.insert(classes.end(), label);
    return static_cast<std::int32_t>(found - classes.begin());
  }

  // All classes below `path`.
  Status classes_of(const std::string& path, bool test) {
    TENBIN_TRY(const auto names, files.list(path));
    for (const std::string& name : names) {
      const std::string below = join_path(path, name);
      TENBIN_TRY(const FileInfo info, files.info(below));
      if (!info.is_folder || name.starts_with(".")) {
        ++ignored;
        continue;
      }
      TENBIN_CHECK(folder_of_class(below, name, test));
      if (out.classes.size() > limits::kClasses) {
        return Error(ErrorCode::kTooLarge,
                     "more than " + std::to_string(limits::kClasses) + " classes", path);
      }
    }
    return {};
  }
};

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<ClassFolders> list_class_folders(FileSystem& files, const FormatProbe& probe,
                                        const ReadOptions& options,
                                        const std::function<bool(const std::string&)>& wanted) {
  Walk walk{files, options, wanted, {}, 0};
  const auto& names = probe.entries;
  const auto training = std::find_if(names.begin(), names.end(), names_training);
  const auto test = std::find_if(names.begin(), names.end(), names_test);
  walk.out.split = training != names.end() && test != names.end();
  if (walk.out.split) {
    TENBIN_CHECK(walk.classes_of(join_path(probe.path, *training), false));
    TENBIN_CHECK(walk.classes_of(join_path(probe.path, *test), true));
    walk.out.notes.push_back("folders '" + *training + "' and '" + *test +
                             "' give the training and the test rows");
  } else {
    TENBIN_CHECK(walk.classes_of(probe.path, false));
  }
  if (walk.out.files.empty()) {
    return Error(ErrorCode::kEmptyData, "no file of this format in the sub-folders", probe.path,
                 "expected one folder for each class");
  }
  if (walk.ignored > 0) {
    walk.out.notes.push_back(std::to_string(walk.ignored) + " other files were ignored");
  }
  return std::move(walk.out);
}

void add_labels(const ClassFolders& folders, const std::vector<std::size_t>& kept,
                const std::string& name, Dataset& out) {
  Column labels;
  labels.name = name;
  labels.type = ColumnType::kCategory;
  labels.why = "names of the folders";
  labels.dictionary = folders.classes;
  for (const std::size_t i : kept) {
    labels.codes.push_back(folders.files[i].label);
    if (folders.split) out.given_test.push_back(folders.files[i].test ? 1 : 0);
  }
  out.table.columns.push_back(std::move(labels));
  out.notes.insert(out.notes.end(), folders.notes.begin(), folders.notes.end());
}

}  // namespace tenbin
