// SPDX-License-Identifier: Apache-2.0
#include "engine/peak_probe.h"

#include <algorithm>
#include <thread>

#include "engine/kernels/peak.h"
#include "platform/affinity.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr std::size_t kLeastPart = 8'192;  // doubles of one CPU
constexpr std::size_t kWholeParts =
    131'072;  // doubles that are read between two looks at the clock

// Grows as asked, and is kept: filling it costs more than a probe.
const double* memory(std::size_t doubles) {
  static std::vector<double> values;
  if (values.size() < doubles) values.assign(doubles, 1.0);
  return values.data();
}

// Units of work done until `until`; the sum keeps the compiler from leaving the work out.
struct Work {
  double units = 0;
  double sum = 0;
};

Work read_until(const kernels::PeakKernels& k, const double* part, std::size_t count,
                Duration until) {
  Work out;
  const std::size_t piece = count <= kWholeParts ? count : count / 64;
  std::size_t at = 0;
  do {
    out.sum += k.read(part + at, piece);
    out.units += static_cast<double>(piece * sizeof(double));
    at = at + 2 * piece > count ? 0 : at + piece;
  } while (real_clock().steady_now() < until);
  return out;
}

Work count_until(double (*run)(int, double&), Duration until) {
  Work out;
  do {
    out.units += run(2'000, out.sum);
  } while (real_clock().steady_now() < until);
  return out;
}

}  // namespace

Result<std::optional<Peak>> probe_peak(PeakKind kind, const std::vector<int>& cpus, Duration length,
                                       Bytes working_set) {
  if (cpus.empty()) return Error(ErrorCode::kBadValue, "no CPU to probe");
  const kernels::PeakKernels k = kernels::peak_kernels();
  const auto run = kind == PeakKind::kFloat32    ? k.float32
                   : kind == PeakKind::kBfloat16 ? k.bfloat16
                                                 : k.int8;
  const bool reads = kind == PeakKind::kMemory;
  if (!reads && run == nullptr) return std::optional<Peak>();
  const std::size_t part = std::max(
      kLeastPart, static_cast<std::size_t>(working_set.count) / sizeof(double) / cpus.size());
  const double* const values = reads ? memory(part * cpus.size()) : nullptr;
  std::vector<Work> done(cpus.size());
  std::vector<Status> pinned(cpus.size());
  const Duration cpu_begin = real_clock().process_cpu(), begin = real_clock().steady_now();
  const Duration until = begin + length;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    threads.emplace_back([&, i] {
      pinned[i] = set_thread_cpus({cpus[i]});
      done[i] = reads ? read_until(k, values + i * part, part, until) : count_until(run, until);
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

}  // namespace tenbin
