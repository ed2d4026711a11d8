// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/measurement.h"
#include "base/result.h"
#include "base/units.h"

namespace tenbin {

class FileSystem;

// The lines of the ledger (docs/formats/ledger.md). Instants are steady unless called wall.

// One amount of energy, of one provenance, with its 95 % interval.
struct EnergyLine {
  Provenance provenance = Provenance::kModelled;
  std::optional<Energy> value;  // nothing: unknown, see reason
  Energy lo, hi;
  std::string source;  // "powercap", "cpu_model"
  Scope scope = Scope::kProcess;
  char grade = 'E';
  std::uint32_t flags = 0;  // MeasurementFlag
  std::string reason;
};

struct RunLine {
  std::string id;                    // platform's new_id()
  std::string kind;                  // "fit", "meter", "predict", "bench"
  std::string name;                  // for people
  std::int64_t wall_started_ns = 0;  // since 1970, UTC
  Duration started{};
  std::vector<std::string> command;  // argv
  Json machine;                      // object
  Json options;                      // object
  std::uint64_t seed = 0;
  std::string version;  // of tenbin
  std::string process;  // platform's this_process_id(): tells a killed run from a running one
};

// A part of a run. Stages of a run do not overlap; with the stage named "unattributed" they sum to
// the run's total, exactly.
struct StageLine {
  std::string run;
  std::int64_t seq = 0;  // 0, 1 ... in order; unique in the run
  std::string name;
  Duration begin{}, end{};
  Duration cpu{};
  EnergyLine energy;
  std::optional<Money> money;
  std::optional<Carbon> carbon;
  std::int64_t items = 0;
  std::int64_t bytes_read = 0, bytes_written = 0;
};

// Something inside a stage (an epoch, a checkpoint). Events may nest and do not sum to anything.
struct EventLine {
  std::string run;
  std::int64_t seq = 0;
  std::int64_t stage = -1;  // seq of the stage; -1: between stages
  std::string what, name;
  Duration begin{}, end{};
  std::int64_t items = 0;
  EnergyLine energy;
  Json values;  // object or null: losses, scores
};

struct MeasurementLine {
  std::string run;
  std::string name;  // "latency_p99_batch1"
  Measurement measurement;
};

struct ArtefactLine {
  std::string run;
  std::string kind;  // "model", "report", "checkpoint"
  std::string path;
  std::string sha256;
  Bytes size;
};

struct DecisionLine {
  std::string run;
  std::int64_t wall_ns = 0;
  std::string what, choice, reason;
};

// The end of a run, written once.
struct RunEndLine {
  std::string run;
  std::string status;  // "done", "failed", "budget", "interrupted"
  int exit_code = 0;
  std::string reason;
  std::int64_t wall_ended_ns = 0;
  Duration ended{};
  Duration cpu{};
  Duration meter_cpu{};
  EnergyLine energy;
  std::optional<Money> money;
  std::optional<Carbon> carbon;
  std::int64_t peak_memory = 0;  // [B]
};

// Everything about one run, as read back.
struct RunRecord {
  RunLine run;
  std::optional<RunEndLine> end;  // nothing: running, or it was killed
  std::vector<StageLine> stages;
  std::vector<EventLine> events;
  std::vector<MeasurementLine> measurements;
  std::vector<ArtefactLine> artefacts;
  std::vector<DecisionLine> decisions;
};

enum class LedgerMode { kReadWrite, kReadOnly };

// The append-only record of what was run, measured, built and decided: one SQLite file. A line is
// acknowledged (append returns ok) only after it is durable. Several processes may append to one
// file at a time; one that waits longer than `patience` gets kLocked. After a failed sync the
// ledger is poisoned: every later append fails (kIo), reading goes on. Thread-safe.
class Ledger {
 public:
  // Creates the file (kReadWrite) and upgrades older versions. Errors: kBadLedger (not a ledger,
  // damaged, newer version), kIo, kLocked, kUnreadableData (kReadOnly and no file).
  static Result<std::unique_ptr<Ledger>> open(const std::string& path,
                                              LedgerMode mode = LedgerMode::kReadWrite,
                                              Duration patience = 5s);
  virtual ~Ledger() = default;

  virtual Status append(const RunLine& line) = 0;
  virtual Status append(const StageLine& line) = 0;
  virtual Status append(const EventLine& line) = 0;
  virtual Status append(std::span<const EventLine> lines) = 0;  // one transaction
  virtual Status append(const MeasurementLine& line) = 0;
  virtual Status append(const ArtefactLine& line) = 0;
  virtual Status append(const DecisionLine& line) = 0;
  virtual Status append(const RunEndLine& line) = 0;

  // Ids of runs, oldest first.
  virtual Result<std::vector<std::string>> runs() = 0;
  // kUnreadableData: no such run.
  virtual Result<RunRecord> read(const std::string& run) = 0;
  // Looks at every page and row; kBadLedger tells what is damaged.
  virtual Status verify() = 0;
  virtual const std::string& path() const = 0;
};

inline constexpr int kLedgerVersion = 2;
inline constexpr const char* kLedgerFileName = "ledger.db";

}  // namespace tenbin
