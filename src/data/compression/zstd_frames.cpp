// SPDX-License-Identifier: Apache-2.0
#include "data/compression/zstd_frames.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/limits.h"

namespace tenbin {
namespace {
constexpr std::size_t kPiece = 1 << 16;
constexpr int kWindowBits = 27;  // memory a stranger's file may ask for: 128 MB

struct Free {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};
}  // namespace

bool is_zstd(std::string_view bytes) { return bytes.starts_with("\x28\xb5\x2f\xfd"); }

Result<std::string> expand_zstd(std::string_view bytes, std::int64_t most, bool cut_ok) {
  const std::unique_ptr<ZSTD_DStream, Free> stream(ZSTD_createDStream());
  if (!stream) return Error(ErrorCode::kBug, "Zstandard did not start");
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kWindowBits);
  const auto budget = static_cast<std::size_t>(std::min(
      most, static_cast<std::int64_t>(bytes.size()) * limits::kDecompressionRatio + 4'096));
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  std::size_t wanted = 1;  // 0: between frames
  while (wanted != 0 || in.pos < in.size) {
    const std::size_t at = out.size();
    if (at >= budget) {
      if (cut_ok) return out;
      return Error(ErrorCode::kTooLarge,
                   "decompresses to more than " + std::to_string(budget) + " bytes");
    }
    out.resize(std::min(at + kPiece, budget));
    ZSTD_outBuffer room{out.data() + at, out.size() - at, 0};
    const std::size_t before = in.pos;
    wanted = ZSTD_decompressStream(stream.get(), &room, &in);
    out.resize(at + room.pos);
    if (ZSTD_isError(wanted) != 0) {
      return Error(ErrorCode::kMalformedData, std::string("compressed data is damaged after ") +
                                                  std::to_string(out.size()) +
                                                  " bytes: " + ZSTD_getErrorName(wanted));
    }
    if (wanted != 0 && room.pos == 0 && in.pos == before) {
      if (cut_ok) return out;
      return Error(ErrorCode::kMalformedData,
                   "compressed data ends early, after " + std::to_string(out.size()) + " bytes");
    }
  }
  return out;
}

}  // namespace tenbin
