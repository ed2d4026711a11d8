// SPDX-License-Identifier: Apache-2.0
#include "platform/standard_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

// A pipe that a thread fills with `size` bytes and closes.
class FilledPipe {
 public:
  explicit FilledPipe(std::size_t size) {
    EXPECT_EQ(::pipe(ends_), 0);
    writer_ = std::thread([this, size] {
      for (std::size_t i = 0; i < size; ++i) {
        const char byte = static_cast<char>('a' + i % 26);
        if (::write(ends_[1], &byte, 1) != 1) break;
      }
      ::close(ends_[1]);
    });
  }
  ~FilledPipe() {
    writer_.join();
    ::close(ends_[0]);
  }
  int stream() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
  std::thread writer_;
};

TEST(SpooledStream, HoldsTheStreamAndCanBeReadTwice) {
  TestFolder folder;
  FilledPipe pipe(100'000);
  auto spooled = SpooledStream::read(pipe.stream(), folder / "", 1 << 20);
  ASSERT_TRUE(spooled.ok()) << spooled.error().to_string();
  EXPECT_EQ(spooled->size(), 100'000);
  for (int time = 0; time < 2; ++time) {
    const auto text = real_file_system().read_text(spooled->path(), 1 << 20);
    ASSERT_TRUE(text.ok()) << text.error().to_string();
    ASSERT_EQ(text->size(), 100'000u);
    EXPECT_EQ(text->substr(26, 26), "abcdefghijklmnopqrstuvwxyz");
  }
  EXPECT_TRUE(real_file_system().list(folder / "")->empty()) << "nothing to clean up";
}

TEST(SpooledStream, IsBounded) {
  TestFolder folder;
  FilledPipe at_most(1'000), above(1'001);
  EXPECT_TRUE(SpooledStream::read(at_most.stream(), folder / "", 1'000).ok());
  const auto refused = SpooledStream::read(above.stream(), folder / "", 1'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kTooLarge);
  const auto nowhere = SpooledStream::read(above.stream(), folder / "none", 1'000);
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code(), ErrorCode::kIo);
}

TEST(FileBehind, IsTheFileThatHasTheNameStill) {
  TestFolder folder;
  const std::string path = folder / "rows.csv";
  ASSERT_TRUE(real_file_system().write_durable(path, "a,b\n1,2\n").ok());
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  EXPECT_EQ(file_behind(file), path);
  ASSERT_TRUE(real_file_system().rename(path, folder / "moved.csv").ok());
  EXPECT_EQ(file_behind(file), folder / "moved.csv");
  ASSERT_TRUE(real_file_system().remove(folder / "moved.csv").ok());
  EXPECT_EQ(file_behind(file), std::nullopt) << "its name is gone";
  ::close(file);
  FilledPipe pipe(10);
  EXPECT_EQ(file_behind(pipe.stream()), std::nullopt);
}

}  // namespace
}  // namespace tenbin
