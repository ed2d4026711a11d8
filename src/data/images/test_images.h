// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenbin {

// Image files made for tests; pixels are [height, width, 3].
std::vector<std::uint8_t> test_pixels(int width, int height, int red, int green, int blue);
std::string png_of(const std::vector<std::uint8_t>& pixels, int width, int height);
std::string jpeg_of(const std::vector<std::uint8_t>& pixels, int width, int height);
std::string webp_of(const std::vector<std::uint8_t>& pixels, int width, int height);

}  // namespace tenbin
