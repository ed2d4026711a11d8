// SPDX-License-Identifier: Apache-2.0
#include "app/measure.h"

#include <algorithm>
#include <mutex>

#include "meter/kernel_text.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr Duration kFlushEvery = 1s;

EnergyLine line_of(const EnergyEstimate& e) {
  return {e.provenance, e.value, e.lo, e.hi, e.source, e.scope, e.grade, e.flags, e.reason};
}

// The line of a name in /proc/self/status [B]; 0: there is none.
std::int64_t status_bytes(FileSystem& files, const std::string& proc, std::string_view name) {
  const std::string text = kernel_text(files, proc + "/self/status");
  const auto at = text.find(name);
  if (at == text.npos) return 0;
  std::int64_t kilobytes = 0;
  for (std::size_t i = at + name.size(); i < text.size() && text[i] != '\n'; ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') kilobytes = kilobytes * 10 + (c - '0');
  }
  return kilobytes * 1024;
}

}  // namespace

std::int64_t resident_memory_of_self(FileSystem& files, const std::string& proc) {
  return status_bytes(files, proc, "VmRSS:");
}

std::int64_t peak_memory_of_self(FileSystem& files, const std::string& proc) {
  return status_bytes(files, proc, "VmHWM:");
}

struct RunRecorder::State {
  State(Ledger* l, Meter& m, Clock& c, const Prices& p)
      : ledger(l), meter(m), clock(c), prices(p) {}

  struct Open {
    StageLine line;
    Duration cpu_begin{};
  };

  Ledger* ledger;
  Meter& meter;
  Clock& clock;
  Prices prices;
  std::mutex mutex;
  std::string id;
  Duration started{}, cpu_started{};
  std::optional<Open> open;
  std::int64_t next_stage = 0, next_event = 0;
  std::vector<StageTotals> done;
  std::vector<EventLine> waiting;
  Duration flushed{};
  std::optional<Error> first_error;
  bool finished = false;

  Duration cpu() const { return clock.process_cpu() + clock.children_cpu(); }
  void note(const Status& status) {
    if (!status.ok() && !first_error) first_error = status.error();
  }
  void flush();
  Duration close_stage();
  RunTotals totals_until(Duration end) const;
  void write_stage(StageLine line, const StageTotals& totals);
};

void RunRecorder::State::flush() {
  if (ledger && !waiting.empty()) note(ledger->append(std::span<const EventLine>(waiting)));
  waiting.clear();
  flushed = clock.steady_now();
}

void RunRecorder::State::write_stage(StageLine line, const StageTotals& totals) {
  line.run = id;
  line.seq = line.seq < 0 ? next_stage++ : line.seq;
  line.name = totals.name;
  line.begin = totals.begin;
  line.end = totals.end;
  line.cpu = totals.cpu;
  line.energy = line_of(totals.energy);
  line.money = totals.money;
  line.carbon = totals.carbon;
  line.items = totals.items;
  if (ledger) note(ledger->append(line));
  done.push_back(totals);
}

// Ends the open stage, if any, at a sample of its own; the instant of that sample.
Duration RunRecorder::State::close_stage() {
  const Duration now = meter.sample();
  if (!open) return now;
  flush();
  StageTotals totals;
  totals.name = open->line.name;
  totals.begin = open->line.begin;
  totals.end = now;
  totals.cpu = cpu() - open->cpu_begin;
  totals.energy = meter.between(totals.begin, now);
  totals.money = prices.cost(totals.energy.at_most(), now - totals.begin);
  totals.carbon = prices.emissions(totals.energy.at_most());
  totals.items = open->line.items;
  const StageLine line = open->line;
  open.reset();
  write_stage(line, totals);
  return now;
}

RunRecorder::RunRecorder(std::unique_ptr<State> state) : state_(std::move(state)) {}

RunRecorder::~RunRecorder() {
  const std::lock_guard lock(state_->mutex);
  if (!state_->finished) state_->flush();
}

Result<std::unique_ptr<RunRecorder>> RunRecorder::begin(Ledger* ledger, Meter& meter, Clock& clock,
                                                        const Prices& prices, const RunInfo& info) {
  auto state = std::make_unique<State>(ledger, meter, clock, prices);
  state->id = new_id();
  state->started = meter.sample();
  state->flushed = state->started;
  state->cpu_started = state->cpu();
  RunLine line{state->id,      info.kind,    info.name,        clock.wall_now_ns(),
               state->started, info.command, info.machine,     info.options,
               info.seed,      info.version, this_process_id()};
  if (ledger) TENBIN_CHECK(ledger->append(line));
  return std::unique_ptr<RunRecorder>(new RunRecorder(std::move(state)));
}

RunRecorder::Stage RunRecorder::stage(std::string name) {
  const std::lock_guard lock(state_->mutex);
  const Duration begin = state_->close_stage();
  State::Open open;
  open.line.name = std::move(name);
  open.line.begin = begin;
  open.line.seq = state_->next_stage++;
  open.cpu_begin = state_->cpu();
  const std::int64_t seq = open.line.seq;
  state_->open = std::move(open);
  return Stage(this, seq);
}

RunRecorder::Stage::Stage(Stage&& other) noexcept : owner_(other.owner_), seq_(other.seq_) {
  other.owner_ = nullptr;
}
RunRecorder::Stage::~Stage() { end(); }

void RunRecorder::Stage::end() {
  if (owner_ == nullptr) return;
  State& state = *owner_->state_;
  owner_ = nullptr;
  const std::lock_guard lock(state.mutex);
  if (state.open && state.open->line.seq == seq_) state.close_stage();
}

void RunRecorder::Stage::add_items(std::int64_t items) {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->state_->mutex);
  auto& open = owner_->state_->open;
  if (open && open->line.seq == seq_) open->line.items += items;
}

void RunRecorder::Stage::add_bytes(std::int64_t read, std::int64_t written) {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->state_->mutex);
  auto& open = owner_->state_->open;
  if (!open || open->line.seq != seq_) return;
  open->line.bytes_read += read;
  open->line.bytes_written += written;
}

void RunRecorder::emit(const Event& event) { emit(event, Json()); }

void RunRecorder::emit(const Event& event, Json values) {
  const std::lock_guard lock(state_->mutex);
  EventLine line;
  line.run = state_->id;
  line.seq = state_->next_event++;
  line.stage = state_->open ? state_->open->line.seq : -1;
  line.what = event.what;
  line.name = event.name;
  line.begin = event.begin;
  line.end = event.end;
  line.items = event.items;
  line.values = std::move(values);
  line.energy = line_of(state_->meter.between(event.begin, event.end));
  state_->waiting.push_back(std::move(line));
  if (state_->clock.steady_now() - state_->flushed >= kFlushEvery) state_->flush();
}

void RunRecorder::decision(std::string what, std::string choice, std::string reason) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->ledger) return;
  state_->note(
      state_->ledger->append(DecisionLine{state_->id, state_->clock.wall_now_ns(), std::move(what),
                                          std::move(choice), std::move(reason)}));
}

void RunRecorder::artefact(std::string kind, std::string path, std::string sha256, Bytes size) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->ledger) return;
  state_->note(state_->ledger->append(
      ArtefactLine{state_->id, std::move(kind), std::move(path), std::move(sha256), size}));
}

void RunRecorder::measurement(std::string name, const Measurement& measurement) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->ledger) return;
  state_->note(state_->ledger->append(MeasurementLine{state_->id, std::move(name), measurement}));
}

const std::string& RunRecorder::id() const { return state_->id; }
Duration RunRecorder::started() const { return state_->started; }

std::vector<StageTotals> RunRecorder::stages() const {
  const std::lock_guard lock(state_->mutex);
  return state_->done;
}

// What the run used up to `end`, with the rest that no stage covers as the last stage: by
// subtraction, so the stages sum to the run exactly.
RunTotals RunRecorder::State::totals_until(Duration end) const {
  RunTotals out;
  out.id = id;
  out.time = end - started;
  out.cpu = cpu() - cpu_started;
  out.meter_cpu = meter.own_cpu();
  out.energy = meter.between(started, end);
  out.tally = meter.tally_between(started, end);
  out.money = prices.cost(out.energy.at_most(), out.time);
  out.carbon = prices.emissions(out.energy.at_most());
  out.peak_memory = peak_memory_of_self(real_file_system(), "/proc");
  out.stages = done;
  StageTotals rest;
  rest.name = "unattributed";
  // Its time lies in several gaps; only its length is kept.
  Duration covered{};
  for (const StageTotals& stage : done) covered += stage.end - stage.begin;
  rest.begin = std::min(end, started + covered);
  rest.end = end;
  rest.cpu = out.cpu;
  rest.energy = out.energy;
  rest.money = out.money;
  rest.carbon = out.carbon;
  for (const StageTotals& stage : done) {
    rest.cpu -= stage.cpu;
    rest.money.billionths -= stage.money.billionths;
    rest.carbon.micrograms -= stage.carbon.micrograms;
    if (rest.energy.value && stage.energy.value) {
      *rest.energy.value -= *stage.energy.value;
    } else {
      rest.energy.value.reset();
    }
    rest.energy.lo =
        Energy{std::max<std::int64_t>(0, (rest.energy.lo - stage.energy.hi).nanojoules)};
    rest.energy.hi =
        Energy{std::max<std::int64_t>(0, (rest.energy.hi - stage.energy.lo).nanojoules)};
  }
  if (!rest.energy.value) rest.energy.reason = "a part of the run has no value";
  out.stages.push_back(std::move(rest));
  return out;
}

RunTotals RunRecorder::so_far() const {
  const std::lock_guard lock(state_->mutex);
  return state_->totals_until(state_->meter.sample());
}

Result<RunTotals> RunRecorder::finish(std::string status, int exit_code, std::string reason) {
  const std::lock_guard lock(state_->mutex);
  State& s = *state_;
  if (s.finished) return Error(ErrorCode::kBug, "the run was finished twice");
  s.finished = true;
  const Duration end = s.close_stage();
  s.flush();
  RunTotals out = s.totals_until(end);
  StageLine line;
  line.seq = -1;
  s.write_stage(line, out.stages.back());
  RunEndLine last{
      s.id,       std::move(status), exit_code,     std::move(reason),   s.clock.wall_now_ns(),
      end,        out.cpu,           out.meter_cpu, line_of(out.energy), out.money,
      out.carbon, out.peak_memory};
  if (s.ledger) s.note(s.ledger->append(last));
  if (s.first_error) return *s.first_error;
  return out;
}

BudgetWatch::BudgetWatch(const Limits& limits, const Prices& prices, Meter& meter, Clock& clock,
                         Duration started)
    : limits_(limits), prices_(prices), meter_(meter), clock_(clock), started_(started) {}

Spent BudgetWatch::spent() const {
  Spent out;
  const Duration now = clock_.steady_now();
  out.time = now - started_;
  if (!counts_energy()) return out;
  out.energy = meter_.between(std::max(started_, meter_.started()), now);
  out.money = prices_.cost(out.energy.at_most(), out.time);
  out.carbon = prices_.emissions(out.energy.at_most());
  return out;
}

std::optional<std::string> BudgetWatch::compare(const Spent& spent, Duration ahead) const {
  const double time = in_seconds(spent.time);
  const double grow = time > 0 ? 1 + in_seconds(ahead) / time : 1;
  const auto over = [&](double used, double limit) { return used * grow > limit; };
  const auto say = [](const char* what, const std::string& used, const std::string& limit) {
    return std::string(what) + ": " + used + " of " + limit + " used";
  };
  if (limits_.time && spent.time + ahead > *limits_.time) {
    return say("time", to_text(spent.time), to_text(*limits_.time));
  }
  if (limits_.energy && over(in_joules(spent.energy.at_most()), in_joules(*limits_.energy))) {
    return say("energy", to_text(spent.energy.at_most()), to_text(*limits_.energy));
  }
  if (limits_.money &&
      over(prices_.cost_in_units(spent.energy.at_most(), spent.time), in_units(*limits_.money))) {
    return say("money", to_text(spent.money), to_text(*limits_.money));
  }
  if (limits_.carbon && over(in_grams(spent.carbon), in_grams(*limits_.carbon))) {
    return say("carbon", to_text(spent.carbon), to_text(*limits_.carbon));
  }
  return std::nullopt;
}

std::optional<std::string> BudgetWatch::exceeded() {
  if (!limits_.has_budget()) return std::nullopt;
  if (counts_energy()) {
    const Duration sampled = meter_.next_sample() - meter_.interval();
    if (clock_.steady_now() - sampled >= std::max<Duration>(1ms, longest_step_)) meter_.sample();
  }
  const Spent now = spent();
  const Duration at = started_ + now.time;
  // The longest step fades slowly, so that one slow step long ago does not end the run early.
  if (last_asked_) longest_step_ = std::max(at - *last_asked_, longest_step_ - longest_step_ / 16);
  last_asked_ = at;
  return compare(now, longest_step_);
}

std::optional<std::string> BudgetWatch::used_up() const { return compare(spent(), Duration{}); }

Limits BudgetWatch::left() const {
  const Spent now = spent();
  Limits out = limits_;
  if (out.time) out.time = std::max(Duration{}, *out.time - now.time);
  if (out.energy) out.energy = std::max(Energy{}, *out.energy - now.energy.at_most());
  if (out.money) {
    out.money->billionths = std::max<std::int64_t>(0, out.money->billionths - now.money.billionths);
  }
  if (out.carbon) {
    out.carbon->micrograms =
        std::max<std::int64_t>(0, out.carbon->micrograms - now.carbon.micrograms);
  }
  return out;
}

void BudgetWatch::keep_back(const Limits& kept) {
  if (limits_.time && kept.time) *limits_.time -= *kept.time;
  if (limits_.energy && kept.energy) limits_.energy->nanojoules -= kept.energy->nanojoules;
  if (limits_.money && kept.money) limits_.money->billionths -= kept.money->billionths;
  if (limits_.carbon && kept.carbon) limits_.carbon->micrograms -= kept.carbon->micrograms;
}

BudgetWatch BudgetWatch::share_of_left(double share) const {
  const Limits now = left();
  BudgetWatch out = *this;
  const auto keep = [share](std::int64_t left) {
    return left - static_cast<std::int64_t>(static_cast<double>(left) * share);
  };
  if (now.time) *out.limits_.time -= Duration(keep(now.time->count()));
  if (now.energy) out.limits_.energy->nanojoules -= keep(now.energy->nanojoules);
  if (now.money) out.limits_.money->billionths -= keep(now.money->billionths);
  if (now.carbon) out.limits_.carbon->micrograms -= keep(now.carbon->micrograms);
  out.last_asked_.reset();
  out.longest_step_ = {};
  return out;
}

std::vector<double> joules_until(Meter& meter, std::span<const Duration> instants) {
  meter.sample();
  std::vector<double> out;
  out.reserve(instants.size());
  for (const Duration at : instants) {
    out.push_back(in_joules(meter.between(meter.started(), at).at_most()));
  }
  return out;
}

Json to_json(const EnergyEstimate& e) {
  Json out = Json::object();
  out.set("joules", e.value ? Json(in_joules(*e.value)) : Json());
  out.set("lo", in_joules(e.lo));
  out.set("hi", in_joules(e.hi));
  out.set("provenance", provenance_name(e.provenance));
  out.set("source", e.source);
  out.set("scope", scope_name(e.scope));
  out.set("grade", std::string(1, e.grade));
  out.set("samples", e.samples);
  out.set("max_gap_seconds", in_seconds(e.max_gap));
  if (!e.reason.empty()) out.set("reason", e.reason);
  return out;
}

Json to_json(const Money& money) {
  return Json::object(
      {{"amount", in_units(money)}, {"currency", std::string(money.currency.text())}});
}

}  // namespace tenbin
