// SPDX-License-Identifier: Apache-2.0
#include "data/compression/inflate.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

// "hello hello hello\n" as gzip made it, without name and time.
const std::string kHello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x5c\x00\x3b"
    "\x7c\x8a\xdf\x12\x00\x00\x00",
    29);

TEST(Inflate, ReadsMembersAndRefusesDamage) {
  ASSERT_TRUE(is_gzip(kHello));
  const auto once = inflate_gzip(kHello, 1'000);
  ASSERT_TRUE(once.ok()) << once.error().to_string();
  EXPECT_EQ(*once, "hello hello hello\n");
  const auto twice = inflate_gzip(kHello + kHello, 1'000);
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(twice->size(), 36u) << "members follow one another";
  for (std::size_t cut = 3; cut < kHello.size(); ++cut) {
    EXPECT_FALSE(inflate_gzip(kHello.substr(0, cut), 1'000).ok()) << "cut at " << cut;
  }
  std::string damaged = kHello;
  damaged[22] = '\0';
  EXPECT_FALSE(inflate_gzip(damaged, 1'000).ok()) << "the checksum is looked at";
  const auto large = inflate_gzip(kHello, 5);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(inflate_gzip(kHello, 5, true).value(), "hello");
}

}  // namespace
}  // namespace tenbin
