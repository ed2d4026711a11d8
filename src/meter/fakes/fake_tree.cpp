// SPDX-License-Identifier: Apache-2.0
#include "meter/fakes/fake_tree.h"

#include <algorithm>
#include <cstring>

namespace tenbin {
namespace {

class FakeFile : public ReadableFile {
 public:
  FakeFile(FakeTree& tree, std::string path) : tree_(tree), path_(std::move(path)) {}
  Result<std::int64_t> size() override { return 4096; }  // as sysfs says
  Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> into) override {
    return tree_.read(path_, offset, into);
  }

 private:
  FakeTree& tree_;
  std::string path_;
};

}  // namespace

std::string FakeTree::zone(const std::string& folder, const std::string& name,
                           std::int64_t energy_uj, std::int64_t range_uj) {
  const std::string at = "/sys/class/powercap/" + folder;
  set_text(at + "/name", name + "\n");
  set_text(at + "/enabled", "1\n");
  set(at + "/energy_uj", energy_uj);
  if (range_uj >= 0) set(at + "/max_energy_range_uj", range_uj);
  return at + "/energy_uj";
}

Result<FileInfo> FakeTree::info(const std::string& path) {
  if (!exists(path)) return Error(ErrorCode::kUnreadableData, "no such file", path);
  FileInfo info;
  info.size = 4096;
  return info;
}

Result<std::vector<std::string>> FakeTree::list(const std::string& folder) {
  std::set<std::string> names;
  const std::string prefix = folder + "/";
  for (const auto& [path, text] : texts_) {
    if (!path.starts_with(prefix)) continue;
    names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
  }
  if (names.empty()) return Error(ErrorCode::kUnreadableData, "no such folder", folder);
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::unique_ptr<ReadableFile>> FakeTree::open(const std::string& path) {
  if (!exists(path)) return Error(ErrorCode::kUnreadableData, "no such file", path);
  return std::unique_ptr<ReadableFile>(std::make_unique<FakeFile>(*this, path));
}

Result<std::size_t> FakeTree::read(const std::string& path, std::int64_t offset,
                                   std::span<std::byte> into) {
  const auto found = texts_.find(path);
  if (found == texts_.end() || failing_.count(path) != 0) {
    return Error(ErrorCode::kIo, "reading failed", path);
  }
  const auto from = std::min(static_cast<std::size_t>(offset), found->second.size());
  const std::size_t n = std::min(into.size(), found->second.size() - from);
  std::memcpy(into.data(), found->second.data() + from, n);
  return n;
}

}  // namespace tenbin
