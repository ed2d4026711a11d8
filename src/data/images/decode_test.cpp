// SPDX-License-Identifier: Apache-2.0
#include "data/images/decode.h"

#include <gtest/gtest.h>

#include "data/images/test_images.h"

namespace tenbin {
namespace {

TEST(DecodeImage, ReadsEveryKindInColourAndGrey) {
  const std::vector<std::uint8_t> red = test_pixels(8, 6, 200, 30, 40);
  const struct {
    const char* why;
    std::string file;
    int tolerance;  // of lossy coding and of the two ways to sum up grey
  } rows[] = {{"png", png_of(red, 8, 6), 1},
              {"jpeg", jpeg_of(red, 8, 6), 4},
              {"webp", webp_of(red, 8, 6), 1}};
  for (const auto& row : rows) {
    const auto size = image_size(row.file);
    ASSERT_TRUE(size.ok()) << row.why;
    EXPECT_EQ(size->width, 8) << row.why;
    EXPECT_EQ(size->height, 6) << row.why;
    const auto colour = decode_image(row.file, 3);
    ASSERT_TRUE(colour.ok()) << row.why << colour.error().to_string();
    ASSERT_EQ(colour->pixels.size(), 8u * 6u * 3u) << row.why;
    EXPECT_NEAR(colour->pixels[0], 200, row.tolerance) << row.why;
    EXPECT_NEAR(colour->pixels[1], 30, row.tolerance) << row.why;
    const auto grey = decode_image(row.file, 1);
    ASSERT_TRUE(grey.ok()) << row.why;
    ASSERT_EQ(grey->pixels.size(), 8u * 6u) << row.why;
    EXPECT_NEAR(grey->pixels[0], 0.299 * 200 + 0.587 * 30 + 0.114 * 40, row.tolerance) << row.why;
  }
}

TEST(DecodeImage, RefusesWhatIsCutOrDamaged) {
  const std::vector<std::uint8_t> pixels = test_pixels(64, 64, 9, 99, 199);
  for (const std::string& file :
       {png_of(pixels, 64, 64), jpeg_of(pixels, 64, 64), webp_of(pixels, 64, 64)}) {
    for (const std::size_t keep :
         {std::size_t{0}, std::size_t{5}, std::size_t{20}, file.size() / 2}) {
      EXPECT_FALSE(decode_image(file.substr(0, keep), 3).ok()) << keep << " of " << file.size();
    }
  }
  EXPECT_FALSE(decode_image("GIF89a....................", 3).ok()) << "not a kind we read";
}

TEST(DecodeImage, RefusesTooManyPixelsByTheHeaderAlone) {
  std::string file = png_of(test_pixels(2, 2, 0, 0, 0), 2, 2);
  file[17] = '\x0f';  // bits 16 to 23 of the width
  file[21] = '\x0f';  // and of the height: nearly 10^12 pixels
  const auto size = image_size(file);
  ASSERT_FALSE(size.ok());
  EXPECT_EQ(size.error().code(), ErrorCode::kTooLarge) << size.error().to_string();
}

TEST(ResizeImage, AveragesWhereItShrinksAndInterpolatesWhereItGrows) {
  const Image four{2, 2, 1, {0, 100, 100, 200}};
  EXPECT_EQ(resize_image(four, 1, 1).pixels, (std::vector<std::uint8_t>{100})) << "mean";
  const Image two{1, 2, 1, {0, 100}};
  EXPECT_EQ(resize_image(two, 1, 4).pixels, (std::vector<std::uint8_t>{0, 25, 75, 100}))
      << "bilinear between pixel centres, edges repeated";
  const Image three{1, 3, 1, {0, 90, 180}};
  EXPECT_EQ(resize_image(three, 1, 2).pixels, (std::vector<std::uint8_t>{30, 150}))
      << "parts of pixels count by the area covered";
  EXPECT_EQ(resize_image(four, 2, 2).pixels, four.pixels) << "same size, same pixels";
  const Image one{1, 1, 3, {1, 2, 3}};
  EXPECT_EQ(resize_image(one, 2, 1).pixels, (std::vector<std::uint8_t>{1, 2, 3, 1, 2, 3}));
}

}  // namespace
}  // namespace tenbin
