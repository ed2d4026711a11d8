// SPDX-License-Identifier: Apache-2.0
#include "data/compression/expand.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "data/compression/expander.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

std::string gzip(const std::string& plain) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(const std::string& plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

std::string numbers(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += std::to_string(i * 7'919LL % 1'000'003) + ",";
  return out;
}

ExpandOptions most(std::int64_t bytes, bool cut_ok = false) { return {bytes, cut_ok, {}}; }

using Pack = std::string (*)(const std::string&);
struct Kind {
  const char* why;
  Pack pack;
};
constexpr Kind kKinds[] = {{"gzip", gzip}, {"Zstandard", zstandard}};

TEST(Expand, ReadsAllPartsAndRefusesDamage) {
  const std::string plain = numbers(40'000);
  for (const Kind& kind : kKinds) {
    const std::string packed = kind.pack(plain);
    ASSERT_TRUE(is_compressed(packed)) << kind.why;
    EXPECT_EQ(expand_bytes(packed, most(10'000'000)).value(), plain) << kind.why;
    EXPECT_EQ(expand_bytes(packed + kind.pack("tail"), most(10'000'000)).value(), plain + "tail")
        << kind.why << ": one after another";
    for (std::size_t cut = 18; cut < packed.size(); cut += 997) {
      EXPECT_FALSE(expand_bytes(packed.substr(0, cut), most(10'000'000)).ok())
          << kind.why << " cut at " << cut;
    }
    std::string damaged = packed;
    for (std::size_t i = 0; i < 9; ++i) damaged[packed.size() / 2 + i] ^= '\x55';
    const auto bad = expand_bytes(damaged, most(10'000'000));
    EXPECT_TRUE(!bad.ok() || *bad != plain) << kind.why;
    const auto large = expand_bytes(packed, most(5));
    ASSERT_FALSE(large.ok()) << kind.why;
    EXPECT_EQ(large.error().code(), ErrorCode::kTooLarge) << kind.why;
    EXPECT_EQ(expand_bytes(packed, most(5, true)).value(), "0,791") << kind.why;
    EXPECT_EQ(expand_bytes(packed.substr(0, packed.size() - 9), most(1'000, true)).value(),
              plain.substr(0, 1'000))
        << kind.why << ": the head of a file that was read in part";
  }
  EXPECT_EQ(expand_bytes("plain", most(100)).value(), "plain") << "what is not compressed";
  std::string flipped = gzip(plain);
  flipped[flipped.size() - 6] ^= '\x01';
  EXPECT_FALSE(expand_bytes(flipped, most(10'000'000)).ok()) << "gzip's checksum is looked at";
}

// Pieces of input and output meet nowhere: what is larger than both is the same in the end.
TEST(Expand, FilesAndBytesOfManyPiecesAreTheSame) {
  TestFolder folder;
  FileSystem& files = real_file_system();
  const std::string plain = numbers(400'000);
  ASSERT_GT(plain.size(), 4 * kExpanded);
  for (const Kind& kind : kKinds) {
    const std::string packed = kind.pack(plain);
    ASSERT_GT(packed.size(), kExpanded) << kind.why << " takes several pieces of input";
    EXPECT_EQ(expand_bytes(packed, most(1 << 24)).value(), plain) << kind.why;
    ASSERT_TRUE(files.write_durable(folder / "a", packed).ok());
    std::string got;
    const auto take = [&](std::string_view piece) -> Status {
      got += piece;
      return {};
    };
    ASSERT_TRUE(expand_file(files, folder / "a", take).ok()) << kind.why;
    EXPECT_EQ(got, plain) << kind.why;
    ASSERT_TRUE(files.write_durable(folder / "a", packed.substr(0, packed.size() - 1)).ok());
    const Status cut = expand_file(files, folder / "a", take);
    ASSERT_FALSE(cut.ok()) << kind.why;
    EXPECT_EQ(cut.error().where(), folder / "a");
  }
}

TEST(Expand, AsksForEachPiece) {
  const std::string packed = gzip(numbers(400'000));
  int asked = 0;
  const auto refusing_at = [&](int at) {
    return StopQuestion([&asked, at]() -> Status {
      if (++asked == at) return Error(ErrorCode::kBudgetExceeded, "enough");
      return {};
    });
  };
  ASSERT_TRUE(expand_bytes(packed, {1 << 24, false, refusing_at(0)}).ok());
  const int all = std::exchange(asked, 0);
  ASSERT_GT(all, 2);
  const auto stopped = expand_bytes(packed, {1 << 24, false, refusing_at(2)});
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), ErrorCode::kBudgetExceeded);
  EXPECT_EQ(asked, 2) << "nothing is read after the answer";
}

// Members and frames may be cut anywhere, so that no archive needs to be given whole.
TEST(Expand, AStepTakesNoMoreThanItIsGiven) {
  const std::string packed = gzip(numbers(1'000));
  const auto expander = expander_for(packed);
  std::string out, all;
  for (std::size_t at = 0; at < packed.size(); ++at) {
    std::string_view one = std::string_view(packed).substr(at, 1);
    ASSERT_TRUE(expander->step(one, out));
    EXPECT_TRUE(one.empty());
    all += out;
  }
  EXPECT_TRUE(expander->complete());
  EXPECT_EQ(all, numbers(1'000));
}

}  // namespace
}  // namespace tenbin
