// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/options.h"
#include "base/result.h"
#include "base/units.h"
#include "meter/activity.h"

namespace tenbin {

class Clock;
class FileSystem;
struct MachineFacts;

struct MeterOptions {
  std::string source = "auto";
  Duration interval = 100ms;
  std::string sysfs = "/sys";
  std::string proc = "/proc";
  Power power{};                 // constant source; 0: not used
  Power cpu_tdp{};               // cpu_model; 0: from the table of CPU families
  std::int64_t cpu_threads = 0;  // hardware threads of the whole host that cpu_tdp belongs to

  template <class Fields> static void describe(Fields& f) {
    f("meter_source", &MeterOptions::source,
      "Energy source: auto, or a name that `tenbin doctor` lists.");
    f("interval", &MeterOptions::interval, "Time between samples [s, 1ms..10s].");
    f("sysfs", &MeterOptions::sysfs, "Where the kernel's sensors are mounted.");
    f("proc", &MeterOptions::proc, "Where the kernel's process table is mounted.");
    f("constant_power", &MeterOptions::power, "Fixed power of the source 'constant' [W].");
    f("cpu_tdp", &MeterOptions::cpu_tdp, "Thermal design power of the host's CPUs [W]; 0: table.");
    f("cpu_threads", &MeterOptions::cpu_threads, "Hardware threads that share cpu_tdp; 0: ours.");
  }
};

// Energy of a window as one headline: value (nothing if unknown) with its 95 % interval.
struct EnergyEstimate {
  std::optional<Energy> value;
  Energy lo, hi;
  Provenance provenance = Provenance::kModelled;
  std::string source;  // "powercap", "cpu_model"
  Scope scope = Scope::kProcess;
  char grade = 'E';
  std::uint32_t flags = 0;  // MeasurementFlag
  std::int64_t samples = 0;
  Duration max_gap{};
  std::string reason;  // why there is no value

  // value, or hi when it is unknown: what a budget is compared with.
  Energy at_most() const { return value ? *value : hi; }
};

// Mean power between two instants, for drawing; no `power`: unknown there.
struct PowerPoint {
  Duration begin{}, end{};
  std::optional<Power> power;
};

// What was found when a source was tried, for `tenbin doctor`.
struct SourceReport {
  std::string name, doc;
  Provenance provenance = Provenance::kModelled;
  bool usable = false;
  bool chosen = false;
  std::string detail;   // what it reads
  std::string why_not;  // empty if usable
  std::string remedy;   // how to mend it
};

// One part of the headline or of the check: a counter.
struct ComponentEnergy {
  std::string name;  // "package-0", "dram", "cpu", "memory"
  Scope scope = Scope::kPackage;
  bool counted = true;
  std::string note;
  EnergyEstimate energy;
};

// Samples the best energy source of this machine. With sensors the whole scope of the sensor counts
// (package, and DRAM beside it). Without, the energy of this process (or of what `activity`
// watches) is modelled from its CPU time and memory. Scope and provenance stand beside each value.
//
// Either start() a sampling thread, or call sample() from a loop of your own. The thread keeps its
// files open, allocates nothing and takes no lock. All other members may be called from any thread.
class Meter {
 public:
  // `activity` null: this process. Borrowed: files, clock. Error: kUnknownOption (no such source),
  // kBadValue (interval), kMissingCapability (the source that was asked for cannot be used).
  static Result<std::unique_ptr<Meter>> open(const MeterOptions& options, FileSystem& files,
                                             Clock& clock, const MachineFacts& machine,
                                             std::unique_ptr<ActivityProbe> activity = nullptr);
  ~Meter();

  // Takes the first sample and starts the thread. stop() takes the last one; may take an interval.
  Status start();
  void stop();
  // One sample, now, on this thread, also while the sampling thread runs; its instant. Windows that
  // begin and end at such instants have no edge error.
  Duration sample();
  // When the next sample is due, for loops of your own.
  Duration next_sample() const;

  // Energy in [begin, end), steady instants. Windows add exactly.
  EnergyEstimate between(Duration begin, Duration end) const;
  // The same by provenance; `lo`, `hi` and scope are in between().
  Tally tally_between(Duration begin, Duration end) const;
  Measurement measurement_between(Duration begin, Duration end) const;
  // From the first sample to the last instant at which every counter was read: nothing of it is
  // extrapolated, so a later answer is never less unless a reading proves wrong afterwards (it was
  // torn, or two dies turn out to be one). At most an interval behind, more when the sampling
  // thread is late. Cheap: no system call; may be asked before each training step.
  EnergyEstimate so_far() const;
  std::vector<ComponentEnergy> components_between(Duration begin, Duration end) const;
  // At most `most` points.
  std::vector<PowerPoint> power_between(Duration begin, Duration end, std::size_t most) const;
  // Recent mean power (about a second), if known.
  std::optional<Power> power_now() const;

  Duration started() const;  // instant of the first sample
  Duration interval() const;
  Duration own_cpu() const;  // of the sampling thread
  std::int64_t samples() const;
  std::int64_t dropped() const;  // samples that found no room; energy is not lost by them
  Duration max_gap() const;
  Provenance provenance() const;
  Scope scope() const;
  const std::string& source() const;
  char grade() const;
  // "measured (powercap: package-0 + dram, scope package)" or "modelled (cpu_model: EPYC Zen 4,
  // 2.28 W per busy thread, -30 %..+30 %, scope process), because no powercap counter is readable;
  // to measure: ...".
  std::string describe() const;
  const std::vector<SourceReport>& sources() const;  // every source, in order of rank

  struct State;

 private:
  explicit Meter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Tries every source without sampling, for `tenbin doctor`.
std::vector<SourceReport> probe_sources(const MeterOptions& options, FileSystem& files,
                                        Clock& clock, const MachineFacts& machine);

}  // namespace tenbin
