// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "meter/activity.h"
#include "meter/cpu_family.h"
#include "meter/kernel_text.h"
#include "meter/meter.h"
#include "meter/source.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

// DRAM per resident gigabyte: mean of two published figures, and the range of others.
constexpr double kWattsPerGb = 0.392;
constexpr double kWattsPerGbLo = 0.28, kWattsPerGbHi = 0.63;

// The metered work pays a hardware thread's whole draw while it holds it, and DRAM for the memory
// it has resident. Idle time of the machine is not charged.
class CpuModel : public Source {
 public:
  CpuModel(Clock& clock, ActivityProbe& activity, ThreadPower power, int cpus)
      : clock_(clock), activity_(activity), power_(std::move(power)) {
    info_[0].name = "cpu";
    info_[0].scope = Scope::kProcess;
    // CPU time of children arrives at once when they are waited for: jumps are real.
    info_[0].facts = {std::nullopt, watts(power_.busy.w * cpus), 1, true};
    info_[0].gain_lo = power_.gain_lo;
    info_[0].gain_hi = power_.gain_hi;
    info_[1].name = "memory";
    info_[1].scope = Scope::kProcess;
    info_[1].facts = {std::nullopt, watts(100), 1, true};
    info_[1].gain_lo = kWattsPerGbLo / kWattsPerGb;
    info_[1].gain_hi = kWattsPerGbHi / kWattsPerGb;
    at_ = clock.steady_now();
  }

  std::span<const CounterInfo> counters() const override { return info_; }

  void read(std::span<RawRead> into) override {
    const Duration before = clock_.steady_now();
    const Activity activity = activity_.read();
    const Duration after = clock_.steady_now();
    const Duration at = before + (after - before) / 2;
    const Duration half = (after - before) / 2;
    if (activity.cpu > cpu_) cpu_ = activity.cpu;
    const double gigabytes = static_cast<double>(activity.memory) * 1e-9;
    memory_ += kWattsPerGb * gigabytes * static_cast<double>((at - at_).count());
    at_ = at;
    const double cpu = power_.busy.w * static_cast<double>(cpu_.count());
    into[0] = {ReadOutcome::kOk, {at, static_cast<std::int64_t>(cpu), half}};
    into[1] = {ReadOutcome::kOk, {at, static_cast<std::int64_t>(memory_), half}};
  }

  std::string detail() const override {
    return power_.family + ", " + to_text(power_.busy) + " per busy thread, " +
           to_text(kWattsPerGb) + " W per resident GB; idle time is not charged";
  }

 private:
  Clock& clock_;
  ActivityProbe& activity_;
  ThreadPower power_;
  std::array<CounterInfo, 2> info_;
  Duration at_{}, cpu_{};
  double memory_ = 0;  // [nJ]
};

Result<std::unique_ptr<Source>> open_cpu_model(const SourceContext& context) {
  const MeterOptions& options = context.options;
  ThreadPower power;
  if (options.cpu_tdp.w > 0) {
    const auto threads = options.cpu_threads > 0 ? static_cast<int>(options.cpu_threads)
                                                 : context.machine.logical_cpus;
    power = thread_power_of_tdp(options.cpu_tdp, threads);
  } else {
    power = thread_power(kernel_text(context.files, options.proc + "/cpuinfo"));
  }
  return std::unique_ptr<Source>(std::make_unique<CpuModel>(
      context.clock, context.activity, std::move(power), context.machine.logical_cpus));
}

}  // namespace

const SourceEntry& source_cpu_model() {
  static const SourceEntry entry{
      "cpu_model",
      "CPU time x watts of a busy thread of this CPU family, plus memory",
      Provenance::kModelled,
      'E',
      800,
      open_cpu_model};
  return entry;
}

}  // namespace tenbin
