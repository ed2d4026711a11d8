// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "meter/meter.h"
#include "meter/prices.h"
#include "plan/limits.h"

namespace tenbin {

class Clock;
class FileSystem;
class ProcessRunner;
struct MachineFacts;

struct MeterCommandOptions {
  std::vector<std::string> command;  // argv
  std::string budget;                // "2kJ,30s,0.1usd,5gCO2e"; empty: none
  Duration grace = 5s;
  std::string ledger;  // file, or folder that gets ledger.db; empty: nothing written
  MeterOptions meter;
  Prices prices;

  template <class Fields> static void describe(Fields& f) {
    f("budget", &MeterCommandOptions::budget,
      "Stop the command at any of these: energy, time, money, CO2e; e.g. 2kJ,30s.");
    f("grace", &MeterCommandOptions::grace,
      "Time between asking the command to end and ending it by force [s].");
    f("ledger", &MeterCommandOptions::ledger,
      "Ledger file, or folder for one, to append the run to.");
  }
};

// Amounts by their unit, comma separated: 2kJ (energy), 30s (time), 0.1usd (money), 5gCO2e.
// Errors: kBadValue, kImpossibleLimit (zero, or the same kind twice).
Result<Limits> parse_budget(std::string_view text);

// Shown while the command runs.
struct MeterProgress {
  Duration time{};
  EnergyEstimate energy;
  std::optional<Power> power;
  Duration cpu{};
  Money money;
  Carbon carbon;
};

struct MeterOutcome {
  std::vector<std::string> command;
  Duration time{};
  Duration cpu{}, cpu_user{}, cpu_system{};  // of the command and its descendants
  EnergyEstimate energy;
  Tally tally;
  std::vector<ComponentEnergy> components;
  Money money;
  Carbon carbon;
  std::int64_t peak_memory = 0;  // [B]
  // Of the whole network namespace and of the command's own file traffic; nothing: not readable.
  std::optional<std::int64_t> bytes_sent, bytes_received, disk_read, disk_written;
  int exit_code = 0;  // of the command; 128 + signal; not changed by a budget stop
  int signal = 0;
  std::optional<std::string> stopped_by;  // "energy: 2 kJ of 2 kJ used"
  bool left_running = false;              // descendants that outlive the command (no budget only)
  Duration meter_cpu{};                   // our own: to start, to sample and to end
  Duration sampling_cpu{};                // of which while the command ran
  bool peak_is_bound = false;  // peak_memory is at most that: what we held when we started it
  std::int64_t samples = 0;
  Duration max_gap{};
  std::string meter;       // Meter::describe()
  std::string price_note;  // Prices::note()
  std::string ledger;      // path that was written; empty: none
  std::string run;         // its id there

  // What tenbin exits with: 5 after a budget stop, else the command's code.
  int process_exit() const { return stopped_by ? 5 : exit_code; }
};

// Runs the command and all that comes of it under the meter: until the command ends, or, with a
// budget, until all of it ended. `progress` may be empty; called about ten times a second. Errors
// kCommandFailed, kNotExecutable: it could not be started.
Result<MeterOutcome> run_metered(const MeterCommandOptions& options, ProcessRunner& processes,
                                 FileSystem& files, Clock& clock, const MachineFacts& machine,
                                 const std::function<void(const MeterProgress&)>& progress);

// What tenbin exits with when the command could not be started, as shells do: 127 or 126.
int not_started_code(const Error& error);

// Schema tenbin.meter/1 (docs/formats/meter.md).
Json to_json(const MeterOutcome& outcome);
// The summary for people, several lines.
std::string to_text(const MeterOutcome& outcome);

}  // namespace tenbin
