// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace tenbin {

// How a number came to be. The words are never swapped:
// measured  - a sensor read during the run
// modelled  - computed from activity and constants, or by a vendor's model
// replayed  - a stored sensor trace
// simulated - made by a generator
// constant  - fixed whatever the activity
enum class Provenance { kMeasured, kModelled, kReplayed, kSimulated, kConstant };
inline constexpr int kProvenances = 5;
std::string_view provenance_name(Provenance p);
std::optional<Provenance> parse_provenance(std::string_view name);

// An amount of energy of one provenance. Amounts of different provenance do not add: only
// Tally::add joins them, in separate cells, so a modelled joule never becomes a measured one.
template <Provenance P> class EnergyOf {
 public:
  explicit constexpr EnergyOf(Energy e) : energy_(e) {}
  constexpr Energy energy() const { return energy_; }
  friend constexpr EnergyOf operator+(EnergyOf a, EnergyOf b) {
    return EnergyOf(a.energy_ + b.energy_);
  }

 private:
  Energy energy_;
};

// Energy by provenance, with the 95 % interval of each part added linearly.
class Tally {
 public:
  template <Provenance P> void add(EnergyOf<P> e) { cell(P) += e.energy(); }
  void add(const Tally& other);
  Energy of(Provenance p) const { return cells_[static_cast<std::size_t>(p)]; }
  Energy total() const;
  // The one provenance of all non-zero cells, or nothing when mixed or empty.
  std::optional<Provenance> single() const;
  // "modelled", or "mixed (measured 3 J, modelled 1 J)".
  std::string provenance_text() const;

 private:
  Energy& cell(Provenance p) { return cells_[static_cast<std::size_t>(p)]; }
  std::array<Energy, kProvenances> cells_{};
};

// What an amount covers (containment: wall > node > package > cores ...). Printed beside a joule.
enum class Scope {
  kWall,
  kNode,
  kPlatform,
  kPackage,
  kCores,
  kUncore,
  kDram,
  kGpu,
  kVm,
  kCgroup,
  kProcess,
  kEvent,
  kRequest
};
std::string_view scope_name(Scope s);

// Reasons to doubt a value; bits of Measurement::flags.
enum MeasurementFlag : std::uint32_t {
  kFlagGap = 1,
  kFlagReset = 2,
  kFlagAmbiguous = 4,
  kFlagStale = 8,
  kFlagDisputed = 16,
  kFlagSuspended = 32,
  kFlagIdleRevised = 64,
  kFlagShortWindow = 128,
  kFlagUndecided = 256,
  kFlagExtrapolated = 512,
};

// A value with its interval and where it came from, in SI units. Unknown is no value and a
// reason, never 0; lo and hi hold whatever bound is known.
struct Measurement {
  std::string quantity;  // "energy", "power", "cpu_time", ...
  std::string unit;      // "J", "W", "s", "B", ...
  std::optional<double> value;
  std::optional<double> lo, hi;  // 95 % interval
  Duration begin{}, end{};       // steady instants
  std::int64_t samples = 0;
  Duration max_gap{};
  std::string source;  // "powercap", "cpu_model", ...
  Scope scope = Scope::kNode;
  Provenance provenance = Provenance::kModelled;
  char grade = 'E';  // A external meter .. F constant (energy.md 1.1)
  std::uint32_t flags = 0;
  std::string reason;  // why there is no value, or what to know about it
};

}  // namespace tenbin
