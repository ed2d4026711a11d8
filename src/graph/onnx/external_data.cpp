// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/external_data.h"

#include <algorithm>
#include <vector>

#include "base/limits.h"

namespace tenbin {
namespace {

Status read_all(ReadableFile& file, std::int64_t offset, std::span<std::byte> into) {
  TENBIN_TRY(const std::size_t got, file.read_at(offset, into));
  if (got != into.size()) {
    return Error(ErrorCode::kBadModel, "external data ended after " + std::to_string(got) +
                                           " bytes, expected " + std::to_string(into.size()));
  }
  return {};
}

// Bytes [begin, end) are short zero padding.
Status check_gap(ReadableFile& file, std::int64_t begin, std::int64_t end) {
  if (end <= begin) return {};
  const auto size = static_cast<std::size_t>(end - begin);
  const std::string what = "bytes " + std::to_string(begin) + " to " + std::to_string(end) +
                           " of external data belong to no tensor";
  if (size >= limits::kExternalGapBytes) return Error(ErrorCode::kBadModel, what);
  std::vector<std::byte> bytes(size);
  TENBIN_CHECK(read_all(file, begin, bytes));
  if (std::any_of(bytes.begin(), bytes.end(), [](std::byte b) { return b != std::byte{0}; })) {
    return Error(ErrorCode::kBadModel, what + " and are not zero");
  }
  return {};
}

}  // namespace

Result<ExternalData::File*> ExternalData::open(const std::string& location) {
  const auto known = open_.find(location);
  if (known != open_.end()) return &known->second;
  if (location.empty()) {
    return Error(ErrorCode::kBadModel, "external data without a location");
  }
  File file;
  TENBIN_TRY(file.file, files_.open_beneath(folder_, location));
  TENBIN_TRY(file.size, file.file->size());
  return &open_.emplace(location, std::move(file)).first->second;
}

Status ExternalData::claim(const std::string& location, std::int64_t offset, std::int64_t length) {
  TENBIN_TRY(File* const file, open(location));
  std::int64_t end = 0;
  if (offset < 0 || length < 0 || __builtin_add_overflow(offset, length, &end) ||
      end > file->size) {
    return Error(ErrorCode::kBadModel,
                 "external data at " + std::to_string(offset) + " of " + std::to_string(length) +
                     " bytes, expected it to end by " + std::to_string(file->size),
                 location);
  }
  if (length == 0) return {};
  const auto next = file->taken.lower_bound(offset);
  const bool meets_next = next != file->taken.end() && next->first < end;
  const bool meets_last = next != file->taken.begin() && std::prev(next)->second > offset;
  if (meets_next || meets_last) {
    return Error(ErrorCode::kBadModel,
                 "external data at " + std::to_string(offset) + " belongs to two tensors",
                 location);
  }
  file->taken.emplace(offset, end);
  return {};
}

Status ExternalData::read(const std::string& location, std::int64_t offset,
                          std::span<std::byte> into) {
  if (into.empty()) return {};
  TENBIN_TRY(File* const file, open(location));
  return read_all(*file->file, offset, into);
}

Status ExternalData::check_gaps() {
  for (auto& [location, file] : open_) {
    std::int64_t covered = 0;
    for (const auto& [begin, end] : file.taken) {
      const Status gap = check_gap(*file.file, covered, begin);
      if (!gap.ok()) return Error(gap.error()).at(location);
      covered = end;
    }
    const Status tail = check_gap(*file.file, covered, file.size);
    if (!tail.ok()) return Error(tail.error()).at(location);
  }
  return {};
}

}  // namespace tenbin
