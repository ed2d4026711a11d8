// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/external_data.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "platform/fakes/test_folder.h"

namespace tenbin {
namespace {

class ExternalDataTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(real_file_system().write_durable(folder_ / name, content).ok());
  }
  ExternalData data() { return ExternalData(real_file_system(), folder_.path()); }
  TestFolder folder_;
};

TEST_F(ExternalDataTest, ReadsClaimedBytes) {
  write("w.bin", "abcdefgh");
  ExternalData external = data();
  ASSERT_TRUE(external.claim("w.bin", 4, 4).ok());
  ASSERT_TRUE(external.claim("w.bin", 0, 4).ok());
  std::vector<std::byte> bytes(4);
  ASSERT_TRUE(external.read("w.bin", 4, bytes).ok());
  EXPECT_EQ(bytes[0], std::byte{'e'});
  EXPECT_TRUE(external.check_gaps().ok());
}

TEST_F(ExternalDataTest, RefusesWhatIsNotThereOrNotOurs) {
  write("w.bin", "abcdefgh");
  struct Row {
    const char* why;
    std::string location;
    std::int64_t offset, length;
    ErrorCode code;
  };
  const std::vector<Row> rows = {
      {"past the end", "w.bin", 4, 5, ErrorCode::kBadModel},
      {"sum overflows", "w.bin", INT64_MAX, 8, ErrorCode::kBadModel},
      {"negative", "w.bin", -1, 4, ErrorCode::kBadModel},
      {"up and out", "../w.bin", 0, 4, ErrorCode::kUnsafePath},
      {"absolute", "/etc/passwd", 0, 4, ErrorCode::kUnsafePath},
      {"no name", "", 0, 4, ErrorCode::kBadModel},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    ExternalData external = data();
    const Status status = external.claim(row.location, row.offset, row.length);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), row.code) << status.error().to_string();
  }
}

TEST_F(ExternalDataTest, AByteBelongsToOneTensor) {
  write("w.bin", "abcdefgh");
  ExternalData external = data();
  ASSERT_TRUE(external.claim("w.bin", 2, 4).ok());
  EXPECT_FALSE(external.claim("w.bin", 0, 3).ok());
  EXPECT_FALSE(external.claim("w.bin", 5, 2).ok());
  EXPECT_FALSE(external.claim("w.bin", 3, 1).ok());
  EXPECT_TRUE(external.claim("w.bin", 6, 2).ok());
}

TEST_F(ExternalDataTest, GapsAreShortAndZero) {
  write("padded.bin", std::string("ab\0\0cd", 6));
  write("dirty.bin", "abXXcd");
  write("long.bin", "ab" + std::string(limits::kExternalGapBytes, '\0') + "cd");
  write("most.bin", "ab" + std::string(limits::kExternalGapBytes - 1, '\0') + "cd");
  const auto gaps = [&](const std::string& name, std::int64_t second) {
    ExternalData external = data();
    EXPECT_TRUE(external.claim(name, 0, 2).ok());
    EXPECT_TRUE(external.claim(name, second, 2).ok());
    return external.check_gaps().ok();
  };
  const auto gap = static_cast<std::int64_t>(limits::kExternalGapBytes);
  EXPECT_TRUE(gaps("padded.bin", 4));
  EXPECT_FALSE(gaps("dirty.bin", 4));
  EXPECT_FALSE(gaps("long.bin", 2 + gap));
  EXPECT_TRUE(gaps("most.bin", 1 + gap));
}

}  // namespace
}  // namespace tenbin
