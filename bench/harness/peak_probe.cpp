// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/peak_probe.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "bench/harness/peak_kernels.h"
#include "platform/affinity.h"
#include "platform/clock.h"

namespace tenbin::bench {
namespace {

constexpr std::size_t kMemoryBytes = 96u << 20;  // more than a second-level cache, and a usual L3

const std::vector<double>& memory() {
  static const std::vector<double> values(kMemoryBytes / sizeof(double), 1.0);
  return values;
}

// Units of work done until `until`; the sum keeps the compiler from leaving the work out.
struct Work {
  double units = 0;
  double sum = 0;
};

Work work_until(PeakKind kind, const PeakKernels& kernels, Duration until, std::size_t share,
                std::size_t shares) {
  Work out;
  const std::size_t part = kMemoryBytes / sizeof(double) / shares;
  const std::size_t piece = part / 64;
  std::size_t at = 0;
  do {
    if (kind == PeakKind::kMemory) {
      out.sum += kernels.read(memory().data() + share * part + at, piece);
      out.units += static_cast<double>(piece * sizeof(double));
      at = at + 2 * piece > part ? 0 : at + piece;
    } else {
      const auto run = kind == PeakKind::kFloat32 ? kernels.float32 : kernels.bfloat16;
      out.units += run(2'000, out.sum);
    }
  } while (real_clock().steady_now() < until);
  return out;
}

}  // namespace

Result<std::optional<Peak>> probe_peak(PeakKind kind, const std::vector<int>& cpus,
                                       Duration length) {
  const PeakKernels kernels = peak_kernels();
  if (kind == PeakKind::kBfloat16 && kernels.bfloat16 == nullptr) return std::optional<Peak>();
  if (kind == PeakKind::kMemory) (void)memory();
  std::vector<Work> done(cpus.size());
  std::vector<Status> pinned(cpus.size());
  const Duration cpu_begin = real_clock().process_cpu(), begin = real_clock().steady_now();
  const Duration until = begin + length;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    threads.emplace_back([&, i] {
      pinned[i] = set_thread_cpus({cpus[i]});
      done[i] = work_until(kind, kernels, until, i, cpus.size());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double wall = in_seconds(real_clock().steady_now() - begin);
  const double cpu = in_seconds(real_clock().process_cpu() - cpu_begin);
  double units = 0;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    TENBIN_CHECK(pinned[i]);
    units += done[i].units;
  }
  if (wall <= 0 || cpu <= 0) return Error(ErrorCode::kBug, "the probe took no time");
  return std::optional<Peak>(
      {.by_wall = units / wall, .by_cpu = units / cpu * static_cast<double>(cpus.size())});
}

}  // namespace tenbin::bench
