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
  double sum = 0;
  kernels.bfloat16(8, sum);
  // Each lane adds 0.5 * 0.5 or 0.25 * 0.25 twice a round; 12 registers hold half of each.
  EXPECT_DOUBLE_EQ(sum, 12 * 8 * 8 * (2 * 0.25 + 2 * 0.0625));
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
