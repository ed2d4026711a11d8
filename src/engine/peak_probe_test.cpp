// SPDX-License-Identifier: Apache-2.0
#include "engine/peak_probe.h"

#include <gtest/gtest.h>

#include "engine/kernels/peak.h"
#include "platform/affinity.h"

namespace tenbin {
namespace {

TEST(PeakProbe, KernelsReturnWhatTheyDid) {
  const kernels::PeakKernels of = kernels::peak_kernels();
  double once = 0, twice = 0;
  EXPECT_EQ(2 * of.float32(100, once), of.float32(200, twice));
  EXPECT_GT(once, 0) << "the sum is really computed";
  EXPECT_GT(twice, once) << "more rounds come nearer to the limit";
  const std::vector<double> values(320, 0.5);
  EXPECT_EQ(of.read(values.data(), values.size()), 160);
  for (const auto run : {of.bfloat16, of.int8}) {
    if (run == nullptr) continue;
    double few = 0, many = 0;
    EXPECT_EQ(2 * run(8, few), run(16, many));
    EXPECT_GT(few, 0);
    EXPECT_DOUBLE_EQ(many, 2 * few) << "sums of products that are exact in their type";
  }
}

TEST(PeakProbe, MeasuresOnTheCpusAsked) {
  const std::vector<int> cpus = thread_cpus();
  for (const PeakKind kind : {PeakKind::kFloat32, PeakKind::kMemory}) {
    const auto peak = probe_peak(kind, {cpus.front()}, 1ms);
    ASSERT_TRUE(peak.ok());
    ASSERT_TRUE(peak->has_value());
    EXPECT_GT((*peak)->by_wall, 0);
    EXPECT_GT((*peak)->by_cpu, 0);
  }
  EXPECT_EQ(thread_cpus(), cpus) << "only the probe's own threads are pinned";
  const auto near = probe_peak(PeakKind::kMemory, {cpus.front()}, 1ms, Bytes{64 << 10});
  ASSERT_TRUE(near.ok() && near->has_value()) << "a working set of the first cache";
  EXPECT_FALSE(probe_peak(PeakKind::kFloat32, {-1}, 1ms).ok()) << "no such CPU";
  EXPECT_FALSE(probe_peak(PeakKind::kFloat32, {}, 1ms).ok()) << "none at all";
}

}  // namespace
}  // namespace tenbin
