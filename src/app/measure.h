// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/json.h"
#include "base/result.h"
#include "meter/meter.h"
#include "meter/prices.h"
#include "plan/limits.h"
#include "record/ledger.h"

namespace tenbin {

class Clock;

// What a run has used so far.
struct Spent {
  Duration time{};
  EnergyEstimate energy;
  Money money;
  Carbon carbon;
};

// Asked before every step: may the next one begin? Knows the budgets of `limits` (time, energy,
// money, carbon) and says no when what was spent plus the longest recent step would pass one of
// them, so a budget is overshot by at most one step. Costs a clock read and a lock that nobody
// holds for long; with a budget of energy also a sample, unless one was taken within the last step
// or millisecond. One thread asks.
class BudgetWatch {
 public:
  // `started`: instant from which time counts. Borrowed: meter, clock.
  BudgetWatch(const Limits& limits, const Prices& prices, Meter& meter, Clock& clock,
              Duration started);
  // Why to stop ("time: 4.98 s of 5 s used"), or nothing. Time between two calls is a step.
  std::optional<std::string> exceeded();
  // The same without the look ahead: is the budget used up already?
  std::optional<std::string> used_up() const;
  Spent spent() const;
  // What is left of each budget, as limits; never below zero.
  Limits left() const;
  // Takes so much from each budget that there is.
  void keep_back(const Limits& kept);
  // A watch over the same run that lets it use that share of what is left now.
  BudgetWatch share_of_left(double share) const;

 private:
  std::optional<std::string> compare(const Spent& spent, Duration ahead) const;
  bool counts_energy() const { return limits_.energy || limits_.money || limits_.carbon; }
  Limits limits_;
  Prices prices_;
  Meter& meter_;
  Clock& clock_;
  Duration started_;
  std::optional<Duration> last_asked_;
  Duration longest_step_{};
};

struct RunInfo {
  std::string kind;  // "fit"
  std::string name;
  std::vector<std::string> command;
  Json machine;  // object
  Json options;  // object
  std::uint64_t seed = 0;
  std::string version;
};

// Totals of a stage, as written.
struct StageTotals {
  std::string name;
  Duration begin{}, end{};  // steady
  Duration cpu{};
  EnergyEstimate energy;
  Money money;
  Carbon carbon;
  std::int64_t items = 0;
};

// Largest resident set that this process ever had [B]; 0 if the kernel does not say.
std::int64_t resident_memory_of_self(FileSystem& files, const std::string& proc);
std::int64_t peak_memory_of_self(FileSystem& files, const std::string& proc);

struct RunTotals {
  std::string id;
  Duration time{}, cpu{}, meter_cpu{};
  EnergyEstimate energy;
  Tally tally;
  Money money;
  Carbon carbon;
  std::int64_t peak_memory = 0;     // [B]
  std::vector<StageTotals> stages;  // "unattributed" last; they sum to the totals exactly
};

// Joins the events and stages of one run with the meter and writes them to the ledger. Stages
// follow one another; events of any thread are put into the open stage. A line that cannot be
// written is kept as the first error, which finish() returns: measuring never stops the work.
class RunRecorder : public EventSink {
 public:
  // Writes the run's first line. Borrowed: ledger (null: nothing is written), meter, clock.
  static Result<std::unique_ptr<RunRecorder>> begin(Ledger* ledger, Meter& meter, Clock& clock,
                                                    const Prices& prices, const RunInfo& info);
  ~RunRecorder() override;

  // Ends when destroyed or when the next one begins.
  class Stage {
   public:
    Stage(Stage&& other) noexcept;
    Stage& operator=(Stage&&) = delete;
    ~Stage();
    void end();
    void add_items(std::int64_t items);
    void add_bytes(std::int64_t read, std::int64_t written);

   private:
    friend class RunRecorder;
    Stage(RunRecorder* owner, std::int64_t seq) : owner_(owner), seq_(seq) {}
    RunRecorder* owner_;
    std::int64_t seq_;
  };
  [[nodiscard]] Stage stage(std::string name);

  void emit(const Event& event) override;
  void emit(const Event& event, Json values);
  void decision(std::string what, std::string choice, std::string reason);
  void artefact(std::string kind, std::string path, std::string sha256, Bytes size);
  void measurement(std::string name, const Measurement& measurement);

  const std::string& id() const;
  Duration started() const;
  // The stages that ended so far.
  std::vector<StageTotals> stages() const;
  // What the run used until now, as finish() would say it; nothing is written. A stage that is open
  // counts as "unattributed".
  RunTotals so_far() const;
  // The run's last lines: the rest of the energy as the stage "unattributed", and the end. Once.
  // Not called (a crash): the run stands in the ledger as unfinished.
  Result<RunTotals> finish(std::string status, int exit_code, std::string reason = {});

  struct State;

 private:
  explicit RunRecorder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Joules from the meter's first sample to each instant, the last of which is made exact by a sample
// taken here. None is less than the one before: no instant lies after the last reading.
std::vector<double> joules_until(Meter& meter, std::span<const Duration> instants);

Json to_json(const EnergyEstimate& energy);
Json to_json(const Money& money);

}  // namespace tenbin
