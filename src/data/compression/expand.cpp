// SPDX-License-Identifier: Apache-2.0
#include "data/compression/expand.h"

#include <algorithm>
#include <span>

#include "base/limits.h"
#include "data/compression/expander.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18;

// Input piece by piece, empty at the end, and what takes the output.
using NextPiece = std::function<Result<std::string_view>()>;
using TakePiece = std::function<Status(std::string_view)>;

Error damaged(const char* what, std::int64_t after) {
  return Error(
      ErrorCode::kMalformedData,
      std::string("compressed data ") + what + " after " + std::to_string(after) + " bytes", {},
      "fetch or write the file again: what is behind that point is lost");
}

// The one loop. False: the input ended inside a member or frame. `written`: bytes given so far.
Result<bool> expand(const NextPiece& next, const TakePiece& take, std::int64_t& written) {
  TENBIN_TRY(std::string_view in, next());
  const auto expander = expander_for(in);
  std::int64_t read = 0;
  std::string out;
  while (!in.empty()) {
    read += static_cast<std::int64_t>(in.size());
    bool more = expander != nullptr;  // the decoder may hold output that did not fit
    if (!more) TENBIN_CHECK(take(in));
    while (expander != nullptr && (!in.empty() || (more && !expander->complete()))) {
      if (!expander->step(in, out)) return damaged("is damaged", written);
      written += static_cast<std::int64_t>(out.size());
      if (written > read * limits::kDecompressionRatio + 4'096) {
        return Error(ErrorCode::kTooLarge, "decompresses to more than " +
                                               std::to_string(limits::kDecompressionRatio) +
                                               " times its size");
      }
      TENBIN_CHECK(take(out));
      more = out.size() == kExpanded;
    }
    TENBIN_TRY(in, next());
  }
  return expander == nullptr || expander->complete();
}

}  // namespace

std::string_view compression_of(std::string_view bytes) {
  if (expander_for(bytes) == nullptr) return {};
  return bytes.starts_with("\x1f\x8b") ? "gzip" : "zstd";
}

bool is_compressed(std::string_view bytes) { return !compression_of(bytes).empty(); }

Result<std::string> expand_bytes(std::string_view bytes, const ExpandOptions& options) {
  std::string out;
  std::int64_t written = 0;
  const auto most = static_cast<std::size_t>(options.most);
  const auto next = [&]() -> Result<std::string_view> {
    TENBIN_CHECK(options.may_go_on());
    if (out.size() >= most && options.cut_ok) return std::string_view();
    const std::string_view piece = bytes.substr(0, kPiece);
    bytes.remove_prefix(piece.size());
    return piece;
  };
  const auto take = [&](std::string_view piece) -> Status {
    if (out.size() + piece.size() > most && !options.cut_ok) {
      return Error(ErrorCode::kTooLarge,
                   "decompresses to more than " + std::to_string(most) + " bytes");
    }
    out.append(piece.substr(0, most - out.size()));
    return {};
  };
  TENBIN_TRY(const bool whole, expand(next, take, written));
  if (!whole && !options.cut_ok) return damaged("ends early,", written);
  return out;
}

Status expand_file(FileSystem& files, const std::string& path, const TakePiece& take) {
  TENBIN_TRY(auto file, files.open(path));
  std::string piece(kPiece, '\0');
  std::int64_t read = 0, written = 0;
  const auto next = [&]() -> Result<std::string_view> {
    TENBIN_TRY(const std::size_t got,
               file->read_at(read, std::as_writable_bytes(std::span(piece))));
    read += static_cast<std::int64_t>(got);
    return std::string_view(piece).substr(0, got);
  };
  const auto whole = expand(next, take, written);
  if (!whole.ok()) return Error(whole.error()).at(path);
  if (!*whole) return damaged("ends early,", written).at(path);
  return {};
}

}  // namespace tenbin
