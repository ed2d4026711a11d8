// SPDX-License-Identifier: Apache-2.0
#include "data/compression/expand_stream.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <span>

#include "base/limits.h"
#include "data/compression/inflate.h"
#include "data/compression/zstd_frames.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::size_t kPiece = 1 << 18;
constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr int kWindowBits = 27;

// One way of decompressing: gets input in order, gives output in order.
class Expander {
 public:
  virtual ~Expander() = default;
  // Takes from the front of `in`, appends to `out`; false: damaged.
  virtual bool step(std::string_view& in, std::string& out) = 0;
  virtual bool complete() const = 0;  // between members or frames
};

class Gzip : public Expander {
 public:
  Gzip() { inflateInit2(&stream_, kGzipOnly); }
  ~Gzip() override { inflateEnd(&stream_); }
  bool complete() const override { return ended_; }
  bool step(std::string_view& in, std::string& out) override {
    if (ended_) {  // another member, or padding that nobody reads
      if (in.front() != '\x1f') {
        in = {};
        return true;
      }
      inflateReset(&stream_);
      ended_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    out.resize(kPiece);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int state = inflate(&stream_, Z_NO_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    in.remove_prefix(in.size() - stream_.avail_in);
    ended_ = state == Z_STREAM_END;
    return state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR;
  }

 private:
  z_stream stream_{};
  bool ended_ = false;
};

class Zstandard : public Expander {
 public:
  Zstandard() : stream_(ZSTD_createDStream()) {
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kWindowBits);
  }
  bool complete() const override { return wanted_ == 0; }
  bool step(std::string_view& in, std::string& out) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    out.resize(kPiece);
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    wanted_ = ZSTD_decompressStream(stream_.get(), &to, &from);
    out.resize(to.pos);
    in.remove_prefix(from.pos);
    return ZSTD_isError(wanted_) == 0;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  std::size_t wanted_ = 1;
};

Error damaged(const std::string& path, const char* what, std::int64_t after) {
  return Error(
      ErrorCode::kMalformedData,
      std::string("compressed data ") + what + " after " + std::to_string(after) + " bytes", path,
      "fetch or write the file again: rows behind that point are lost");
}

}  // namespace

Status expand_file(FileSystem& files, const std::string& path,
                   const std::function<Status(std::string_view)>& take) {
  TENBIN_TRY(auto file, files.open(path));
  std::unique_ptr<Expander> expander;
  std::string piece(kPiece, '\0'), out;
  std::int64_t read = 0, written = 0;
  while (true) {
    TENBIN_TRY(const std::size_t got,
               file->read_at(read, std::as_writable_bytes(std::span(piece))));
    std::string_view in = std::string_view(piece).substr(0, got);
    if (read == 0 && is_gzip(in)) expander = std::make_unique<Gzip>();
    if (read == 0 && is_zstd(in)) expander = std::make_unique<Zstandard>();
    read += static_cast<std::int64_t>(got);
    if (got == 0) break;
    if (expander == nullptr) {
      TENBIN_CHECK(take(in));
      continue;
    }
    bool more = true;  // the decoder may hold output that did not fit
    while (!in.empty() || more) {
      if (in.empty() && expander->complete()) break;
      if (!expander->step(in, out)) return damaged(path, "is damaged", written);
      written += static_cast<std::int64_t>(out.size());
      if (written > read * limits::kDecompressionRatio + 4'096) {
        return Error(ErrorCode::kTooLarge,
                     "decompresses to more than " + std::to_string(limits::kDecompressionRatio) +
                         " times its size",
                     path);
      }
      TENBIN_CHECK(take(out));
      more = out.size() == kPiece;
    }
  }
  if (expander != nullptr && !expander->complete()) return damaged(path, "ends early", written);
  return {};
}

}  // namespace tenbin
