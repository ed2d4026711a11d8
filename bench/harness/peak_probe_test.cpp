// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/peak_probe.h"

#include <gtest/gtest.h>

#include "bench/harness/peak_kernels.h"
#include "platform/affinity.h"

namespace tenbin::bench {
namespace {

TEST(PeakProbe, KernelsReturnWhatTheyDid) {
  const PeakKernels kernels = peak_kernels();
  double once = 0, twice = 0;
  EXPECT_EQ(2 * kernels.float32(100, once), kernels.float32(200, twice));
  EXPECT_GT(once, 0) << "the sum is really computed";
  EXPECT_GT(twice, once) << "more rounds come nearer to the limit";
  const std::vector<double> values(320, 0.5);
  EXPECT_EQ(kernels.read(values.data(), values.size()), 160);
  if (kernels.bfloat16 == nullptr) return;
  double few = 0, many = 0;
  EXPECT_EQ(2 * kernels.bfloat16(8, few), kernels.bfloat16(16, many));
  EXPECT_GT(few, 0);
  EXPECT_DOUBLE_EQ(many, 2 * few) << "sums of products that are exact in bfloat16";
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
  EXPECT_FALSE(probe_peak(PeakKind::kFloat32, {-1}, 1ms).ok()) << "no such CPU";
}

}  // namespace
}  // namespace tenbin::bench
