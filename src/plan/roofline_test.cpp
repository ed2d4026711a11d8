// SPDX-License-Identifier: Apache-2.0
#include "plan/roofline.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

Roofline machine() {
  Roofline out;
  out.float32 = 100e9;
  out.int8 = 400e9;
  out.levels = {{"L2", Bytes{1 << 20}, 100e9}, {"L3", Bytes{32 << 20}, 50e9}, {"memory", {}, 10e9}};
  return out;
}

TEST(Roofline, FloorIsTheSlowerOfArithmeticAndBytes) {
  constexpr std::int64_t kMega = 1'000'000;
  const struct {
    const char* why;
    Work work;
    Duration floor;
    bool by_memory;
  } rows[] = {
      {"two operations a multiply-accumulate",
       {Macs{50 * kMega}, PeakPrecision::kFloat32, {}, {}, {}},
       1ms,
       false},
      {"int8 has its own peak", {Macs{200 * kMega}, PeakPrecision::kInt8, {}, {}, {}}, 1ms, false},
      {"bf16 that the CPU lacks runs as float",
       {Macs{50 * kMega}, PeakPrecision::kBfloat16, {}, {}, {}},
       1ms,
       false},
      {"weights come from where the model rests: here from memory",
       {Macs{kMega}, PeakPrecision::kFloat32, Bytes{10 * kMega}, {}, Bytes{100 * kMega}},
       1ms,
       true},
      {"the same weights in a model that fits the cache",
       {Macs{kMega}, PeakPrecision::kFloat32, Bytes{10 * kMega}, {}, Bytes{20 * kMega}},
       200us,
       true},
      {"activations of one node from the level that holds them",
       {Macs{}, PeakPrecision::kFloat32, {}, Bytes{kMega}, Bytes{100 * kMega}},
       10us,
       true},
      {"nothing to do takes no time", {}, 0ms, true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Floor found = floor_of(row.work, machine());
    EXPECT_NEAR(in_seconds(found.least()), in_seconds(row.floor), 1e-8);
    EXPECT_EQ(found.by_memory(), row.by_memory);
  }
}

}  // namespace
}  // namespace tenbin
