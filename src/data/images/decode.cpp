// SPDX-License-Identifier: Apache-2.0
#include "data/images/decode.h"

#include <spng.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <memory>
#include <string>

#include "base/limits.h"

namespace tenbin {
namespace {

enum class Kind { kJpeg, kPng, kWebp, kOther };

Kind kind_of(std::string_view file) {
  if (file.starts_with("\xFF\xD8\xFF")) return Kind::kJpeg;
  if (file.starts_with("\x89PNG\r\n\x1A\n")) return Kind::kPng;
  if (file.size() > 12 && file.starts_with("RIFF") && file.substr(8, 4) == "WEBP") {
    return Kind::kWebp;
  }
  return Kind::kOther;
}

Error damaged(const std::string& what) {
  return Error(ErrorCode::kMalformedData, "image does not decode: " + what);
}
Error unknown_kind() { return damaged("neither JPEG, PNG nor WebP by its first bytes"); }

const unsigned char* bytes_of(std::string_view file) {
  return reinterpret_cast<const unsigned char*>(file.data());
}

Result<ImageSize> checked(std::int64_t height, std::int64_t width, bool grey) {
  if (height <= 0 || width <= 0) return damaged("no pixels");
  if (width > limits::kImagePixels / height) {
    return Error(ErrorCode::kTooLarge, "image of " + std::to_string(width) + " x " +
                                           std::to_string(height) + " pixels, expected at most " +
                                           std::to_string(limits::kImagePixels) + " in all");
  }
  return ImageSize{static_cast<int>(height), static_cast<int>(width), grey};
}

struct JpegEnd {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Jpeg = std::unique_ptr<void, JpegEnd>;

Result<ImageSize> jpeg_size(void* jpeg, std::string_view file) {
  int width = 0, height = 0, sampling = 0, space = 0;
  if (tjDecompressHeader3(jpeg, bytes_of(file), static_cast<unsigned long>(file.size()), &width,
                          &height, &sampling, &space) != 0) {
    return damaged(tjGetErrorStr2(jpeg));
  }
  if (space == TJCS_CMYK || space == TJCS_YCCK) return damaged("CMYK, expected RGB or grey");
  return checked(height, width, space == TJCS_GRAY);
}

Result<Image> decode_jpeg(std::string_view file, int channels) {
  const Jpeg jpeg(tjInitDecompress());
  if (jpeg == nullptr) return Error(ErrorCode::kBug, "JPEG decoder did not start");
  TENBIN_TRY(const ImageSize size, jpeg_size(jpeg.get(), file));
  Image out{size.height, size.width, channels, {}};
  out.pixels.resize(static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width) *
                    static_cast<std::size_t>(channels));
  if (tjDecompress2(jpeg.get(), bytes_of(file), static_cast<unsigned long>(file.size()),
                    out.pixels.data(), size.width, 0, size.height,
                    channels == 1 ? TJPF_GRAY : TJPF_RGB, TJFLAG_ACCURATEDCT) != 0) {
    return damaged(tjGetErrorStr2(jpeg.get()));
  }
  return out;
}

struct PngEnd {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Png = std::unique_ptr<spng_ctx, PngEnd>;

// Grey or coloured pixels over white, from RGBA.
Image from_rgba(const std::vector<std::uint8_t>& rgba, int height, int width, int channels) {
  Image out{height, width, channels, {}};
  const std::size_t count = rgba.size() / 4;
  out.pixels.resize(count * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned alpha = rgba[4 * i + 3];
    unsigned rgb[3];
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[c] = (rgba[4 * i + c] * alpha + 255u * (255u - alpha) + 127u) / 255u;
    }
    if (channels == 1) {
      const unsigned grey = (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000;
      out.pixels[i] = static_cast<std::uint8_t>(grey);
    } else {
      for (std::size_t c = 0; c < 3; ++c) out.pixels[3 * i + c] = static_cast<std::uint8_t>(rgb[c]);
    }
  }
  return out;
}

Result<Png> open_png(std::string_view file, spng_ihdr& header) {
  Png png(spng_ctx_new(0));
  if (png == nullptr) return Error(ErrorCode::kBug, "PNG decoder did not start");
  spng_set_chunk_limits(png.get(), limits::kFieldBytes, 8 * limits::kFieldBytes);
  spng_set_png_buffer(png.get(), file.data(), file.size());
  if (const int bad = spng_get_ihdr(png.get(), &header); bad != 0) {
    return damaged(spng_strerror(bad));
  }
  return png;
}

bool png_grey(const spng_ihdr& header) {
  return header.color_type == SPNG_COLOR_TYPE_GRAYSCALE ||
         header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
}

Result<Image> decode_png(std::string_view file, int channels) {
  spng_ihdr header{};
  TENBIN_TRY(const Png png, open_png(file, header));
  TENBIN_TRY(const ImageSize size, checked(header.height, header.width, png_grey(header)));
  std::size_t bytes = 0;
  if (const int bad = spng_decoded_image_size(png.get(), SPNG_FMT_RGBA8, &bytes); bad != 0) {
    return damaged(spng_strerror(bad));
  }
  std::vector<std::uint8_t> rgba(bytes);
  if (const int bad =
          spng_decode_image(png.get(), rgba.data(), bytes, SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
      bad != 0) {
    return damaged(spng_strerror(bad));
  }
  return from_rgba(rgba, size.height, size.width, channels);
}

Result<Image> decode_webp(std::string_view file, int channels) {
  int width = 0, height = 0;
  if (WebPGetInfo(bytes_of(file), file.size(), &width, &height) == 0) {
    return damaged("WebP header is wrong");
  }
  TENBIN_TRY(const ImageSize size, checked(height, width, false));
  std::vector<std::uint8_t> rgba(static_cast<std::size_t>(size.height) *
                                 static_cast<std::size_t>(size.width) * 4);
  if (WebPDecodeRGBAInto(bytes_of(file), file.size(), rgba.data(), rgba.size(), 4 * width) ==
      nullptr) {
    return damaged("WebP data is cut or damaged");
  }
  return from_rgba(rgba, size.height, size.width, channels);
}

}  // namespace

Result<ImageSize> image_size(std::string_view file) {
  switch (kind_of(file)) {
    case Kind::kJpeg: {
      const Jpeg jpeg(tjInitDecompress());
      if (jpeg == nullptr) return Error(ErrorCode::kBug, "JPEG decoder did not start");
      return jpeg_size(jpeg.get(), file);
    }
    case Kind::kPng: {
      spng_ihdr header{};
      TENBIN_TRY(const Png png, open_png(file, header));
      return checked(header.height, header.width, png_grey(header));
    }
    case Kind::kWebp: {
      int width = 0, height = 0;
      if (WebPGetInfo(bytes_of(file), file.size(), &width, &height) == 0) {
        return damaged("WebP header is wrong");
      }
      return checked(height, width, false);
    }
    case Kind::kOther: break;
  }
  return unknown_kind();
}

Result<Image> decode_image(std::string_view file, int channels) {
  switch (kind_of(file)) {
    case Kind::kJpeg: return decode_jpeg(file, channels);
    case Kind::kPng: return decode_png(file, channels);
    case Kind::kWebp: return decode_webp(file, channels);
    case Kind::kOther: break;
  }
  return unknown_kind();
}

}  // namespace tenbin
