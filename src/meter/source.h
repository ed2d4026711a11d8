// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/measurement.h"
#include "base/result.h"
#include "meter/counter.h"

namespace tenbin {

class ActivityProbe;
class Clock;
class FileSystem;
struct MachineFacts;
struct MeterOptions;

// One cumulative energy counter of a source.
struct CounterInfo {
  std::string name;  // "package-0", "dram", "cpu"
  std::string path;  // where it is read, for people; empty for models
  int package = 0;   // socket it belongs to
  int die = -1;      // of "package-N-die-M"
  Scope scope = Scope::kPackage;
  CounterFacts facts;
  // A model's or a sensor's gain error: truth lies in value * [gain_lo, gain_hi] (95 %).
  double gain_lo = 1, gain_hi = 1;
  bool counted = true;  // false: shown, never summed (inside another, a duplicate, untrusted)
  std::string note;     // why it is not counted, or what to know
};

// Outcome of one reading of one counter, on the sampling path.
enum class ReadOutcome : std::uint8_t { kOk, kFailed, kUnparsed, kAbsent };
struct RawRead {
  ReadOutcome outcome = ReadOutcome::kAbsent;
  CounterRead read;
};

// An opened source of energy. Thread-compatible: read() is called from one thread at a time.
class Source {
 public:
  virtual ~Source() = default;
  // Fixed after opening, at most kMostCounters.
  virtual std::span<const CounterInfo> counters() const = 0;
  // Reads every counter into its slot: no allocation and no lock while all goes well.
  virtual void read(std::span<RawRead> into) = 0;
  // "EPYC Zen 4, 2.28 W per busy thread": for people; empty if there is nothing to add.
  virtual std::string detail() const { return {}; }
};
inline constexpr std::size_t kMostCounters = 48;

struct SourceContext {
  const MeterOptions& options;
  FileSystem& files;
  Clock& clock;
  const MachineFacts& machine;
  ActivityProbe& activity;
};

// The file of one source in meter/sources/.
struct SourceEntry {
  std::string_view name;  // "powercap"
  std::string_view doc;   // one line
  Provenance provenance;
  char grade;  // A..F
  int rank;    // the lowest that opens is the headline; models last
  // Error kMissingCapability: what is missing, and in the hint how to mend it.
  Result<std::unique_ptr<Source>> (*open)(const SourceContext& context);
};

// All sources of meter/sources/ (written by the build).
std::span<const SourceEntry* const> source_catalogue();

}  // namespace tenbin
