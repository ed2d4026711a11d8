// SPDX-License-Identifier: Apache-2.0
#include "app/fit/keyed_file.h"

#include <gtest/gtest.h>

#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

TEST(KeyedFile, IsReadByItsKeyAlone) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  const std::string path = folder / "x.bin";
  ASSERT_TRUE(write_keyed(files, path, "TNBTEST1", "rows 1", "body").ok());
  const std::string stored = files.read_text(path, 1'000).value();
  std::string damaged = stored;
  damaged.back() = 'x';
  const struct {
    const char *why, *magic, *key;
    std::string content;
    bool found;
  } rows[] = {
      {"as it was written", "TNBTEST1", "rows 1", stored, true},
      {"other rows", "TNBTEST1", "rows 2", stored, false},
      {"another kind of file", "TNBTEST2", "rows 1", stored, false},
      {"a byte altered", "TNBTEST1", "rows 1", damaged, false},
      {"cut", "TNBTEST1", "rows 1", stored.substr(0, stored.size() - 1), false},
      {"empty", "TNBTEST1", "rows 1", "", false},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(files.write_durable(path, row.content).ok());
    const auto body = read_keyed(files, path, row.magic, row.key);
    EXPECT_EQ(body.has_value(), row.found) << row.why;
    if (body) {
      EXPECT_EQ(*body, "body");
    }
  }
  EXPECT_FALSE(read_keyed(files, folder / "none", "TNBTEST1", "rows 1").has_value());
}

}  // namespace
}  // namespace tenbin
