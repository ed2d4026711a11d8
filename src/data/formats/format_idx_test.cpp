// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/read.h"
#include "data/table.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

std::string idx(std::vector<unsigned char> sizes, const std::string& body) {
  std::string out = {'\0', '\0', '\x08', static_cast<char>(sizes.size())};
  for (const unsigned char size : sizes) out += std::string(3, '\0') + static_cast<char>(size);
  return out + body;
}

class FormatIdx : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(files_.write_durable(folder_ / name, bytes).ok());
  }
  TestFolder folder_;
  FileSystem& files_ = real_file_system();
};

TEST_F(FormatIdx, ReadsTrainingAndTestPairs) {
  put("train-images-idx3-ubyte", idx({2, 1, 2}, "abcd"));
  put("train-labels-idx1-ubyte", idx({2}, std::string("\x00\x01", 2)));
  put("t10k-images-idx3-ubyte", idx({1, 1, 2}, "ef"));
  put("t10k-labels-idx1-ubyte", idx({1}, "\x01"));
  const auto data = read_dataset(files_, folder_.path());
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.rows, 3);
  EXPECT_EQ(data->given_test, (std::vector<std::uint8_t>{0, 0, 1}));
  EXPECT_EQ(data->table.columns[0].images.shape(), (Shape{3, 1, 2, 1}));
  EXPECT_EQ(data->table.columns[0].images.data<std::uint8_t>()[4], 'e') << "training rows first";
  EXPECT_EQ(data->table.columns[1].numbers, (std::vector<double>{0, 1, 1}));
}

TEST_F(FormatIdx, NewImagesNeedNoLabelsButTrainingDoes) {
  put("new-images-idx3-ubyte", idx({2, 1, 2}, "abcd"));
  const std::string path = folder_ / "new-images-idx3-ubyte";
  const auto training = read_dataset(files_, path);
  ASSERT_FALSE(training.ok());
  EXPECT_NE(training.error().message().find("no file of labels"), std::string::npos);
  ExpectedColumn image{"image", ColumnType::kImage, {}, 1, 2, 1};
  const auto fresh = read_rows_like(files_, path, {image});
  ASSERT_TRUE(fresh.ok()) << fresh.error().to_string();
  EXPECT_EQ(fresh->table.rows, 2);
  EXPECT_EQ(fresh->table.columns[0].images.shape(), (Shape{2, 1, 2, 1}));
}

TEST_F(FormatIdx, TellsWhatIsWrong) {
  const struct {
    const char* why;
    std::string images, labels;
    const char* says;
  } rows[] = {
      {"cut", idx({2, 1, 2}, "abc"), idx({2}, "ab"), "header says"},
      {"counts differ", idx({2, 1, 2}, "abcd"), idx({3}, "abc"), "labels"},
      {"other magic", "PK\x03\x04xxxx", idx({2}, "ab"), "magic"},
      {"other element type", std::string("\0\0\x0d\x01\0\0\0\0", 8), idx({2}, "ab"),
       "00 00 0d 01 (floats, 1 dimension), expected 00 00 08 03 (images)"},
      {"damaged gzip", "\x1f\x8b\x08rubbish", idx({2}, "ab"), "compressed data"},
  };
  for (const auto& row : rows) {
    put("train-images-idx3-ubyte", row.images);
    put("train-labels-idx1-ubyte", row.labels);
    const auto data = read_dataset(files_, folder_.path());
    ASSERT_FALSE(data.ok()) << row.why;
    EXPECT_NE(data.error().message().find(row.says), std::string::npos)
        << row.why << ": " << data.error().message();
    EXPECT_FALSE(data.error().where().empty()) << row.why;
  }
}

TEST_F(FormatIdx, ContentThatLooksLikeItIsToldWhateverItsName) {
  const struct {
    const char* why;
    std::string bytes;
    const char* says;
  } rows[] = {
      {"floats", std::string("\0\0\x0d\x03\0\0\0\1", 8), "00 00 0d 03 (floats, 3 dimensions)"},
      {"no type of IDX", std::string("\0\0\x01\x03\0\0\0\1", 8), "00 00 01 03, expected"},
      {"too many dimensions", std::string("\0\0\x08\x09\0\0\0\1", 8), "9 dimensions"},
  };
  for (const auto& row : rows) {
    put("pictures.bin", row.bytes);
    const auto data = read_dataset(files_, folder_ / "pictures.bin");
    ASSERT_FALSE(data.ok()) << row.why;
    EXPECT_EQ(data.error().code(), ErrorCode::kMalformedData) << row.why;
    EXPECT_NE(data.error().message().find(row.says), std::string::npos)
        << row.why << ": " << data.error().message();
  }
  put("pictures.bin", "neither\n");
  EXPECT_EQ(read_dataset(files_, folder_ / "pictures.bin").error().code(),
            ErrorCode::kUnknownFormat);
}

TEST_F(FormatIdx, OneFileOfImagesNeedsNoCertainName) {
  put("my-images.idx", idx({2, 1, 2}, "abcd"));
  put("my-labels.idx", idx({2}, std::string("\x00\x01", 2)));
  const auto data = read_dataset(files_, folder_ / "my-images.idx");
  ASSERT_TRUE(data.ok()) << data.error().to_string();
  EXPECT_EQ(data->table.columns[1].numbers, (std::vector<double>{0, 1}));
}

}  // namespace
}  // namespace tenbin
