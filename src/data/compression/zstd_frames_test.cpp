// SPDX-License-Identifier: Apache-2.0
#include "data/compression/zstd_frames.h"

#include <gtest/gtest.h>
#include <zstd.h>

namespace tenbin {
namespace {

std::string packed(const std::string& plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

TEST(ZstdFrames, ReadsFramesAndRefusesDamage) {
  std::string plain;
  for (int i = 0; i < 40'000; ++i) plain += std::to_string(i * 7'919 % 10'007) + ",";
  const std::string frame = packed(plain);
  ASSERT_TRUE(is_zstd(frame));
  const auto once = expand_zstd(frame, 10'000'000);
  ASSERT_TRUE(once.ok()) << once.error().to_string();
  EXPECT_EQ(*once, plain);
  EXPECT_EQ(expand_zstd(frame + packed("tail"), 10'000'000).value(), plain + "tail")
      << "frames follow one another";
  for (std::size_t cut = 4; cut < frame.size(); cut += 997) {
    EXPECT_FALSE(expand_zstd(frame.substr(0, cut), 10'000'000).ok()) << "cut at " << cut;
  }
  std::string damaged = frame;
  damaged[5] = '\xff';
  damaged[6] = '\xff';
  EXPECT_FALSE(expand_zstd(damaged, 10'000'000).ok());
  const auto large = expand_zstd(frame, 5);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(expand_zstd(frame, 5, true).value(), plain.substr(0, 5));
  EXPECT_EQ(expand_zstd(frame.substr(0, frame.size() - 9), 1'000, true).value(),
            plain.substr(0, 1'000))
      << "the head of a file that was read in part";
}

}  // namespace
}  // namespace tenbin
