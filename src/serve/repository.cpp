// SPDX-License-Identifier: Apache-2.0
#include "serve/repository.h"

#include <algorithm>

#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostModels = 1'000;

// "fashion" of "demo/fashion/", "." of nothing.
std::string last_part(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return std::string(file_name(path));
}

std::string stem_of(const std::string& path) {
  const std::string name(file_name(path));
  return name.substr(0, name.rfind('.'));
}

bool is_number(const std::string& name) {
  return !name.empty() && name.size() < 18 && name.find_first_not_of("0123456789") == name.npos;
}

struct Inside {
  std::vector<std::string> models;   // paths of *.onnx, model.onnx first
  std::vector<std::string> folders;  // names
};

Result<Inside> look_into(const std::string& folder, FileSystem& files) {
  TENBIN_TRY(const std::vector<std::string> names, files.list(folder));
  Inside inside;
  for (const std::string& name : names) {
    if (name.empty() || name.front() == '.') continue;
    const std::string path = join_path(folder, name);
    const auto info = files.info(path);
    if (!info.ok()) continue;  // gone meanwhile
    if (info->is_folder) {
      inside.folders.push_back(name);
    } else if (extension_of(name) == ".onnx") {
      inside.models.push_back(path);
    }
  }
  const auto main_one = [](const std::string& path) { return file_name(path) == "model.onnx"; };
  std::stable_partition(inside.models.begin(), inside.models.end(), main_one);
  return inside;
}

Error too_many(const std::string& path) {
  return Error(ErrorCode::kTooLarge, "more than " + std::to_string(kMostModels) + " models", path,
               "serve a folder of fewer, or name the models");
}

// A folder of a model: files in it, or folders of versions.
Status add_model(const std::string& name, const std::string& folder, FileSystem& files,
                 std::vector<ModelSource>& out) {
  TENBIN_TRY(const Inside inside, look_into(folder, files));
  if (!inside.models.empty()) {
    out.push_back({name, "", inside.models});
    return {};
  }
  for (const std::string& version : inside.folders) {
    if (!is_number(version)) continue;
    TENBIN_TRY(const Inside files_of, look_into(join_path(folder, version), files));
    if (!files_of.models.empty()) out.push_back({name, version, files_of.models});
  }
  return {};
}

}  // namespace

Result<std::vector<ModelSource>> models_at(const std::string& path, FileSystem& files) {
  TENBIN_TRY(const FileInfo info, files.info(path));
  std::vector<ModelSource> out;
  if (!info.is_folder) {
    std::string name = stem_of(path);
    const std::string above = last_part(folder_of(path));
    if (name == "model" && above != "." && above != "/" && above != "..") name = above;
    out.push_back({name, "", {path}});
    return out;
  }
  TENBIN_CHECK(add_model(last_part(path), path, files, out));
  if (!out.empty()) return out;
  TENBIN_TRY(const Inside inside, look_into(path, files));
  for (const std::string& name : inside.folders) {
    TENBIN_CHECK(add_model(name, join_path(path, name), files, out));
    if (out.size() > kMostModels) return too_many(path);
  }
  if (!out.empty()) return out;
  return Error(ErrorCode::kBadModel,
               "no model in this folder, expected *.onnx, MODEL/*.onnx or "
               "MODEL/NUMBER/*.onnx",
               path, "tenbin zoo and tenbin fit write models");
}

}  // namespace tenbin
