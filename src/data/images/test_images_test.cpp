// SPDX-License-Identifier: Apache-2.0
#include "data/images/test_images.h"

#include <spng.h>
#include <turbojpeg.h>
#include <webp/encode.h>

#include <cstdlib>

namespace tenbin {

std::vector<std::uint8_t> test_pixels(int width, int height, int red, int green, int blue) {
  std::vector<std::uint8_t> out;
  for (int i = 0; i < width * height; ++i) {
    out.push_back(static_cast<std::uint8_t>(red));
    out.push_back(static_cast<std::uint8_t>(green));
    out.push_back(static_cast<std::uint8_t>(blue));
  }
  return out;
}

std::string png_of(const std::vector<std::uint8_t>& pixels, int width, int height) {
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(width);
  header.height = static_cast<std::uint32_t>(height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  spng_set_ihdr(context, &header);
  spng_encode_image(context, pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  std::size_t size = 0;
  int bad = 0;
  void* bytes = spng_get_png_buffer(context, &size, &bad);
  std::string out(static_cast<const char*>(bytes), size);
  std::free(bytes);
  spng_ctx_free(context);
  return out;
}

std::string jpeg_of(const std::vector<std::uint8_t>& pixels, int width, int height) {
  tjhandle handle = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  tjCompress2(handle, pixels.data(), width, 0, height, TJPF_RGB, &bytes, &size, TJSAMP_444, 95, 0);
  std::string out(reinterpret_cast<const char*>(bytes), size);
  tjFree(bytes);
  tjDestroy(handle);
  return out;
}

std::string webp_of(const std::vector<std::uint8_t>& pixels, int width, int height) {
  std::uint8_t* bytes = nullptr;
  const std::size_t size = WebPEncodeLosslessRGB(pixels.data(), width, height, 3 * width, &bytes);
  std::string out(reinterpret_cast<const char*>(bytes), size);
  WebPFree(bytes);
  return out;
}

}  // namespace tenbin
