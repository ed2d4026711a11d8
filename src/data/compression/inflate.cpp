// SPDX-License-Identifier: Apache-2.0
#include "data/compression/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "base/limits.h"

namespace tenbin {
namespace {
constexpr std::size_t kPiece = 1 << 16;
constexpr int kGzipOnly = 16 + MAX_WBITS;

struct End {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};
}  // namespace

bool is_gzip(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

Result<std::string> inflate_gzip(std::string_view bytes, std::int64_t most, bool cut_ok) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return Error(ErrorCode::kBug, "zlib did not start");
  const std::unique_ptr<z_stream, End> guard(&stream);
  const auto budget = static_cast<std::size_t>(std::min(
      most, static_cast<std::int64_t>(bytes.size()) * limits::kDecompressionRatio + 4'096));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    const std::size_t at = out.size();
    if (at >= budget) {
      if (cut_ok) return out;
      return Error(ErrorCode::kTooLarge,
                   "decompresses to more than " + std::to_string(budget) + " bytes");
    }
    out.resize(std::min(at + kPiece, budget));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + at);
    stream.avail_out = static_cast<uInt>(out.size() - at);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (state == Z_STREAM_END && stream.avail_in > 0 &&
        is_gzip({reinterpret_cast<const char*>(stream.next_in), stream.avail_in})) {
      inflateReset(&stream);
      state = Z_OK;
    } else if (state == Z_BUF_ERROR ||
               (state == Z_OK && stream.avail_in == 0 && out.size() == at)) {
      if (cut_ok) return out;
      return Error(ErrorCode::kMalformedData,
                   "compressed data ends early, after " + std::to_string(out.size()) + " bytes");
    } else if (state != Z_OK && state != Z_STREAM_END) {
      return Error(ErrorCode::kMalformedData,
                   "compressed data is damaged after " + std::to_string(out.size()) + " bytes");
    }
  }
  return out;
}

}  // namespace tenbin
