// SPDX-License-Identifier: Apache-2.0
#include "data/compression/expander.h"

#include <zlib.h>
#include <zstd.h>

namespace tenbin {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr int kWindowBits = 27;  // memory a stranger's file may ask for: 128 MB

bool is_gzip(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}
bool is_zstd(std::string_view bytes) { return bytes.starts_with("\x28\xb5\x2f\xfd"); }

class Gzip final : public Expander {
 public:
  Gzip() { inflateInit2(&stream_, kGzipOnly); }
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  bool complete() const override { return ended_; }
  bool step(std::string_view& in, std::string& out) override {
    out.clear();
    if (ended_ && !in.empty()) {  // another member, or padding that nobody reads
      if (in.front() != '\x1f') {
        in = {};
        return true;
      }
      inflateReset(&stream_);
      ended_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    out.resize(kExpanded);
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

class Zstandard final : public Expander {
 public:
  Zstandard() : stream_(ZSTD_createDStream()) {
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kWindowBits);
  }
  bool complete() const override { return wanted_ == 0; }
  bool step(std::string_view& in, std::string& out) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    out.resize(kExpanded);
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

}  // namespace

std::unique_ptr<Expander> expander_for(std::string_view head) {
  if (is_gzip(head)) return std::make_unique<Gzip>();
  if (is_zstd(head)) return std::make_unique<Zstandard>();
  return nullptr;
}

}  // namespace tenbin
