// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/images/test_images.h"
#include "data/read.h"
#include "data/table.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

class FormatImageFolder : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(files_.make_folders(folder_of(folder_ / name)).ok());
    ASSERT_TRUE(files_.write_durable(folder_ / name, bytes).ok());
  }
  TestFolder folder_;
  FileSystem& files_ = real_file_system();
};

TEST_F(FormatImageFolder, BringsImagesToOneSizeAndSaysSo) {
  put("cat/a.png", png_of(test_pixels(8, 8, 10, 20, 30), 8, 8));
  put("cat/b.jpg", jpeg_of(test_pixels(16, 8, 10, 20, 30), 16, 8));
  put("dog/c.webp", webp_of(test_pixels(16, 16, 10, 20, 30), 16, 16));
  put("dog/readme.md", "x");
  const auto data = read_dataset(files_, folder_.path());
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->format, "image_folder");
  ASSERT_EQ(data->table.rows, 3);
  EXPECT_EQ(data->table.columns[0].images.shape(), (Shape{3, 8, 16, 3})) << "median sizes";
  EXPECT_EQ(data->table.find("label")->text_at(0), "cat");
  EXPECT_EQ(data->table.find("label")->text_at(2), "dog");
  EXPECT_EQ(data->notes.size(), 2u) << "sizes, and the file that is no image";
  EXPECT_NEAR(data->table.columns[0].images.data<std::uint8_t>()[1], 20, 3);
}

TEST_F(FormatImageFolder, NamesTheImageThatDoesNotDecode) {
  const std::string good = png_of(test_pixels(4, 4, 1, 2, 3), 4, 4);
  for (int i = 0; i < 100; ++i) put("a/" + std::to_string(i) + ".png", good);
  put("b/bad.png", good.substr(0, good.size() - 20));
  const auto refused = read_dataset(files_, folder_.path());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kMalformedData);
  EXPECT_NE(refused.error().where().find("bad.png"), std::string::npos);
  ReadOptions options;
  options.skip_bad_images = Ratio{0.5};
  const auto skipped = read_dataset(files_, folder_.path(), options);
  ASSERT_TRUE(skipped.ok()) << skipped.error().to_string();
  EXPECT_EQ(skipped->table.rows, 100) << "1 of 101 is within 1 %";
  put("b/worse.png", "no image");
  EXPECT_FALSE(read_dataset(files_, folder_.path(), options).ok()) << "2 of 102 are not";
}

TEST_F(FormatImageFolder, NewRowsComeInTheSizeOfTheModel) {
  put("x/a.png", png_of(test_pixels(8, 8, 10, 20, 30), 8, 8));
  const auto data =
      read_rows_like(files_, folder_.path(), {{"image", ColumnType::kImage, {}, 4, 6, 1}});
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.columns[0].images.shape(), (Shape{1, 4, 6, 1}));
}

}  // namespace
}  // namespace tenbin
