// SPDX-License-Identifier: Apache-2.0
#include "app/fit/keyed_file.h"

#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::size_t kDigest = 64;  // hexadecimal SHA-256
constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;

}  // namespace

std::optional<std::string> read_keyed(FileSystem& files, const std::string& path,
                                      std::string_view magic, std::string_view key) {
  if (!files.exists(path)) return std::nullopt;
  const auto stored = files.read_text(path, kMostBytes);
  if (!stored.ok() || stored->size() < magic.size() + 2 * kDigest) return std::nullopt;
  std::string_view rest = *stored;
  const auto take = [&](std::size_t size) {
    const std::string_view part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
  };
  if (take(magic.size()) != magic || take(kDigest) != sha256_hex(key)) return std::nullopt;
  const std::string_view digest = take(kDigest);  // before the rest is looked at
  if (digest != sha256_hex(rest)) return std::nullopt;
  return std::string(rest);
}

Status write_keyed(FileSystem& files, const std::string& path, std::string_view magic,
                   std::string_view key, std::string_view body) {
  std::string all(magic);
  all.append(sha256_hex(key)).append(sha256_hex(body)).append(body);
  return files.write_durable(path, all);
}

}  // namespace tenbin
