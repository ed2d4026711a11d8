// SPDX-License-Identifier: Apache-2.0
#include "platform/file_system.h"

#include <algorithm>
#include <cctype>

namespace tenbin {
namespace {

Status write_and_sync(FileSystem& files, const std::string& path,
                      std::span<const std::byte> bytes) {
  TENBIN_TRY(auto file, files.create(path));
  TENBIN_CHECK(file->append(bytes));
  return file->sync();
}

}  // namespace

Result<std::string> FileSystem::read_text(const std::string& path, std::int64_t most) {
  TENBIN_TRY(auto file, open(path));
  TENBIN_TRY(const std::int64_t size, file->size());
  if (size > most) {
    return Error(
        ErrorCode::kTooLarge,
        "file of " + std::to_string(size) + " bytes, expected at most " + std::to_string(most),
        path);
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  TENBIN_TRY(const std::size_t got, file->read_at(0, std::as_writable_bytes(std::span(text))));
  text.resize(got);
  return text;
}

Status FileSystem::write_durable(const std::string& path, std::span<const std::byte> bytes) {
  const std::string temporary = path + ".part";
  TENBIN_CHECK(remove(temporary));  // what a killed run left, or a link somebody planted
  if (auto written = write_and_sync(*this, temporary, bytes); !written.ok()) {
    (void)remove(temporary).ok();  // the error of the write is the one to tell
    return written;
  }
  if (auto renamed = rename(temporary, path); !renamed.ok()) {
    (void)remove(temporary).ok();
    return renamed;
  }
  return sync_folder(folder_of(path));
}

Status FileSystem::write_durable(const std::string& path, std::string_view text) {
  return write_durable(path, std::as_bytes(std::span(text)));
}

std::string join_path(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  std::string path(folder);
  if (path.back() != '/') path += '/';
  return path + std::string(name);
}

std::string_view file_name(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string extension_of(std::string_view path) {
  const std::string_view name = file_name(path);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string out(name.substr(dot));
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace tenbin
