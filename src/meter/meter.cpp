// SPDX-License-Identifier: Apache-2.0
#include "meter/meter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

#include "base/nearest_name.h"
#include "meter/activity.h"
#include "meter/sampler.h"
#include "meter/source.h"
#include "meter/topology.h"
#include "meter/window.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

std::vector<const SourceEntry*> by_rank() {
  const auto all = source_catalogue();
  std::vector<const SourceEntry*> out(all.begin(), all.end());
  std::sort(out.begin(), out.end(), [](const SourceEntry* a, const SourceEntry* b) {
    return a->rank != b->rank ? a->rank < b->rank : a->name < b->name;
  });
  return out;
}

SourceReport report_of(const SourceEntry& entry, const Result<std::unique_ptr<Source>>& opened) {
  SourceReport report;
  report.name = std::string(entry.name);
  report.doc = std::string(entry.doc);
  report.provenance = entry.provenance;
  report.usable = opened.ok();
  if (opened.ok()) {
    report.detail = opened.value()->detail();
  } else {
    report.why_not = opened.error().message();
    report.remedy = opened.error().hint();
  }
  return report;
}

Status check_options(const MeterOptions& options) {
  if (options.interval < 1ms || options.interval > 10s) {
    return Error(ErrorCode::kBadValue,
                 "interval is " + to_text(options.interval) + ", expected 1 ms to 10 s")
        .at("--interval");
  }
  if (options.source == "auto") return {};
  std::vector<std::string> names{"auto"};
  for (const SourceEntry* entry : by_rank()) names.emplace_back(entry->name);
  if (std::find(names.begin(), names.end(), options.source) != names.end()) return {};
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return Error(ErrorCode::kUnknownOption,
               "unknown energy source '" + options.source + "': expected one of " + list)
      .at("--meter-source");
}

// A counter's window with its gain error.
WindowEnergy with_gain(WindowEnergy window, const CounterInfo& info) {
  const auto scaled = [](Energy e, double by) {
    return Energy{static_cast<std::int64_t>(static_cast<double>(e.nanojoules) * by)};
  };
  if (info.gain_lo < 1) window.lo = scaled(window.lo, info.gain_lo);
  if (info.gain_hi > 1) window.hi = scaled(window.hi, info.gain_hi);
  return window;
}

void add(WindowEnergy& sum, const WindowEnergy& part) {
  if (sum.value && part.value) {
    *sum.value += *part.value;
  } else {
    sum.value.reset();
  }
  sum.lo += part.lo;
  sum.hi += part.hi;
  sum.samples = std::max(sum.samples, part.samples);
  sum.max_gap = std::max(sum.max_gap, part.max_gap);
  sum.flags |= part.flags;
}

std::string reason_of(std::uint32_t flags) {
  if (flags & kFlagSuspended) return "the machine was suspended inside the window";
  if (flags & kFlagUndecided) return "two dies may show one counter; not decided yet";
  if (flags & kFlagAmbiguous) return "the counter may have wrapped more than once between readings";
  if (flags & kFlagReset) return "the counter was reset inside the window";
  return "a part of the window was not sampled";
}

}  // namespace

struct Meter::State {
  State(const MeterOptions& o, Clock& c, std::unique_ptr<ActivityProbe> a)
      : options(o), clock(c), activity(std::move(a)) {}

  MeterOptions options;
  Clock& clock;
  std::unique_ptr<ActivityProbe> activity;
  std::unique_ptr<Source> source;
  const SourceEntry* entry = nullptr;
  std::vector<SourceReport> reports;
  std::string name;
  std::unique_ptr<Sampler> sampler;

  mutable std::mutex mutex;  // of the tracks; the sampling thread never takes it
  mutable std::vector<EnergyTrack> tracks;
  mutable Duration suspended{};
  mutable bool first_drain = true;
  std::atomic<std::int64_t> started{-1};

  // Moves what was sampled into the tracks. Holds `mutex`.
  void drain() const;
  WindowEnergy counted_window(Duration begin, Duration end) const;
  void dies(Duration begin, Duration end, int package, WindowEnergy& sum) const;
};

void Meter::State::drain() const {
  const auto infos = source->counters();
  sampler->drain([&](const Sampler::Frame& frame) {
    if (!first_drain && frame.suspended - suspended > 1s) {
      for (EnergyTrack& track : tracks) {
        track.begin_epoch(track.facts(), kFlagSuspended, frame.suspended - suspended);
      }
    }
    first_drain = false;
    suspended = frame.suspended;
    for (std::size_t i = 0; i < infos.size(); ++i) {
      if (frame.reads[i].outcome == ReadOutcome::kOk) {
        tracks[i].add({frame.at, frame.reads[i].read.value, frame.half_width});
      } else {
        tracks[i].miss();
      }
    }
  });
}

// Dies of one package: one counter if mirrored, their sum if independent, else between.
void Meter::State::dies(Duration begin, Duration end, int package, WindowEnergy& sum) const {
  const auto infos = source->counters();
  WindowEnergy all, most;
  all.value = most.value = Energy{};
  const EnergyTrack* first = nullptr;
  DieRelation relation = DieRelation::kMirrored;
  int dies = 0;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (!infos[i].counted || infos[i].die < 0 || infos[i].package != package) continue;
    const WindowEnergy window = tracks[i].between(begin, end);
    if (++dies == 1) most = window;
    most.lo = std::max(most.lo, window.lo);
    add(all, window);
    if (first == nullptr) {
      first = &tracks[i];
      continue;
    }
    const DieRelation pair = relate_dies(*first, tracks[i]);
    if (pair == DieRelation::kUndecided) relation = pair;
    if (pair == DieRelation::kIndependent && relation != DieRelation::kUndecided) relation = pair;
  }
  if (dies == 1 || relation == DieRelation::kIndependent) return add(sum, all);
  if (relation == DieRelation::kMirrored) return add(sum, most);
  all.value.reset();
  all.lo = most.lo;
  all.flags |= kFlagUndecided;
  add(sum, all);
}

WindowEnergy Meter::State::counted_window(Duration begin, Duration end) const {
  const auto infos = source->counters();
  WindowEnergy sum;
  sum.value = Energy{};
  std::vector<int> done;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (!infos[i].counted) continue;
    if (infos[i].die < 0) {
      add(sum, with_gain(tracks[i].between(begin, end), infos[i]));
      continue;
    }
    if (std::find(done.begin(), done.end(), infos[i].package) != done.end()) continue;
    done.push_back(infos[i].package);
    dies(begin, end, infos[i].package, sum);
  }
  return sum;
}

Meter::Meter(std::unique_ptr<State> state) : state_(std::move(state)) {}
Meter::~Meter() { stop(); }

Result<std::unique_ptr<Meter>> Meter::open(const MeterOptions& options, FileSystem& files,
                                           Clock& clock, const MachineFacts& machine,
                                           std::unique_ptr<ActivityProbe> activity) {
  TENBIN_CHECK(check_options(options));
  if (!activity) activity = this_process(clock, files, options.proc.c_str());
  auto state = std::make_unique<State>(options, clock, std::move(activity));
  const SourceContext context{state->options, files, clock, machine, *state->activity};
  for (const SourceEntry* entry : by_rank()) {
    auto opened = entry->open(context);
    state->reports.push_back(report_of(*entry, opened));
    const bool wanted = options.source == "auto" || options.source == entry->name;
    if (!wanted) continue;
    if (!opened.ok()) {
      if (options.source == "auto") continue;
      return Error(ErrorCode::kMissingCapability,
                   "energy source '" + options.source +
                       "' cannot be used: " + opened.error().message())
          .with_hint(opened.error().hint());
    }
    if (state->source) continue;
    state->reports.back().chosen = true;
    state->source = std::move(*opened);
    state->entry = entry;
  }
  if (!state->source) {
    return Error(ErrorCode::kMissingCapability, "no energy source can be used here");
  }
  state->name = std::string(state->entry->name);
  for (const CounterInfo& info : state->source->counters()) {
    state->tracks.emplace_back(info.facts, options.interval);
  }
  state->sampler =
      std::make_unique<Sampler>(*state->source, clock, files, options.proc, options.interval);
  return std::unique_ptr<Meter>(new Meter(std::move(state)));
}

Status Meter::start() {
  sample();
  State* state = state_.get();
  return state->sampler->start([state] {
    const std::unique_lock lock(state->mutex, std::try_to_lock);
    if (lock.owns_lock()) state->drain();
  });
}

void Meter::stop() {
  if (state_->sampler->stop()) sample();
}

Duration Meter::sample() {
  const Duration at = state_->sampler->sample();
  std::int64_t unset = -1;
  state_->started.compare_exchange_strong(unset, at.count());
  const std::lock_guard lock(state_->mutex);
  state_->drain();
  return at;
}

Duration Meter::next_sample() const { return state_->sampler->due(); }

EnergyEstimate Meter::between(Duration begin, Duration end) const {
  WindowEnergy window;
  {
    const std::lock_guard lock(state_->mutex);
    state_->drain();
    window = state_->counted_window(begin, end);
  }
  EnergyEstimate out;
  out.value = window.value;
  out.lo = window.lo;
  out.hi = window.hi;
  out.provenance = state_->entry->provenance;
  out.source = state_->name;
  out.scope = scope();
  out.grade = state_->entry->grade;
  out.flags = window.flags;
  out.samples = window.samples;
  out.max_gap = window.max_gap;
  if (!out.value) out.reason = reason_of(window.flags);
  return out;
}

Tally Meter::tally_between(Duration begin, Duration end) const {
  const Energy e = between(begin, end).value.value_or(Energy{});
  Tally tally;
  switch (state_->entry->provenance) {
    case Provenance::kMeasured: tally.add(EnergyOf<Provenance::kMeasured>(e)); break;
    case Provenance::kModelled: tally.add(EnergyOf<Provenance::kModelled>(e)); break;
    case Provenance::kReplayed: tally.add(EnergyOf<Provenance::kReplayed>(e)); break;
    case Provenance::kSimulated: tally.add(EnergyOf<Provenance::kSimulated>(e)); break;
    case Provenance::kConstant: tally.add(EnergyOf<Provenance::kConstant>(e)); break;
  }
  return tally;
}

Measurement Meter::measurement_between(Duration begin, Duration end) const {
  const EnergyEstimate e = between(begin, end);
  Measurement out;
  out.quantity = "energy";
  out.unit = "J";
  if (e.value) out.value = in_joules(*e.value);
  out.lo = in_joules(e.lo);
  out.hi = in_joules(e.hi);
  out.begin = begin;
  out.end = end;
  out.samples = e.samples;
  out.max_gap = e.max_gap;
  out.source = e.source;
  out.scope = e.scope;
  out.provenance = e.provenance;
  out.grade = e.grade;
  out.flags = e.flags;
  out.reason = e.reason;
  return out;
}

EnergyEstimate Meter::so_far() const {
  Duration read = Duration::max();
  {
    const std::lock_guard lock(state_->mutex);
    state_->drain();
    const auto infos = state_->source->counters();
    for (std::size_t i = 0; i < infos.size(); ++i) {
      if (infos[i].counted) read = std::min(read, state_->tracks[i].last());
    }
  }
  return between(started(), std::max(started(), read));
}

std::vector<ComponentEnergy> Meter::components_between(Duration begin, Duration end) const {
  const auto infos = state_->source->counters();
  std::vector<ComponentEnergy> out;
  const std::lock_guard lock(state_->mutex);
  state_->drain();
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const WindowEnergy window = with_gain(state_->tracks[i].between(begin, end), infos[i]);
    ComponentEnergy part{infos[i].name, infos[i].scope, infos[i].counted, infos[i].note, {}};
    part.energy.value = window.value;
    part.energy.lo = window.lo;
    part.energy.hi = window.hi;
    part.energy.flags = window.flags;
    part.energy.samples = window.samples;
    part.energy.max_gap = window.max_gap;
    part.energy.provenance = state_->entry->provenance;
    part.energy.source = state_->name;
    part.energy.scope = infos[i].scope;
    part.energy.grade = state_->entry->grade;
    if (!window.value) part.energy.reason = reason_of(window.flags);
    out.push_back(std::move(part));
  }
  return out;
}

std::vector<PowerPoint> Meter::power_between(Duration begin, Duration end, std::size_t most) const {
  std::vector<PowerPoint> out;
  if (end <= begin || most == 0) return out;
  const std::lock_guard lock(state_->mutex);
  state_->drain();
  const auto infos = state_->source->counters();
  std::size_t lead = infos.size();
  for (std::size_t i = infos.size(); i-- > 0;) {
    if (infos[i].counted) lead = i;
  }
  if (lead == infos.size()) return out;
  for (const auto& step : state_->tracks[lead].power(begin, end, most)) {
    const WindowEnergy window = state_->counted_window(step.begin, step.end);
    PowerPoint point{step.begin, step.end, std::nullopt};
    if (window.value) point.power = *window.value / (step.end - step.begin);
    out.push_back(point);
  }
  return out;
}

std::optional<Power> Meter::power_now() const {
  const Duration now = state_->clock.steady_now();
  const Duration from = std::max(started(), now - std::max<Duration>(1s, 3 * interval()));
  if (now <= from) return std::nullopt;
  const EnergyEstimate e = between(from, now);
  if (!e.value) return std::nullopt;
  return *e.value / (now - from);
}

Duration Meter::started() const {
  return Duration(std::max<std::int64_t>(0, state_->started.load()));
}
Duration Meter::interval() const { return state_->options.interval; }
Duration Meter::own_cpu() const { return state_->sampler->cpu(); }
std::int64_t Meter::samples() const { return state_->sampler->samples(); }
std::int64_t Meter::dropped() const { return state_->sampler->dropped(); }
Duration Meter::max_gap() const {
  return between(started(), std::max(started(), state_->clock.steady_now())).max_gap;
}
Provenance Meter::provenance() const { return state_->entry->provenance; }
const std::string& Meter::source() const { return state_->name; }
char Meter::grade() const { return state_->entry->grade; }
const std::vector<SourceReport>& Meter::sources() const { return state_->reports; }

Scope Meter::scope() const {
  for (const CounterInfo& info : state_->source->counters()) {
    if (info.counted) return info.scope;
  }
  return Scope::kNode;
}

std::string Meter::describe() const {
  std::string text = std::string(provenance_name(provenance())) + " (" + state_->name;
  if (const std::string detail = state_->source->detail(); !detail.empty()) text += ": " + detail;
  for (const CounterInfo& info : state_->source->counters()) {
    if (!info.counted || (info.gain_lo >= 1 && info.gain_hi <= 1)) continue;
    text += ", " + info.name + " " + to_text(Ratio{info.gain_lo - 1}) + "..+" +
            to_text(Ratio{info.gain_hi - 1});
  }
  text += ", scope " + std::string(scope_name(scope())) + ")";
  if (provenance() == Provenance::kMeasured) return text;
  for (const SourceReport& report : state_->reports) {
    if (report.provenance != Provenance::kMeasured || report.usable) continue;
    text += ", because " + report.why_not + "; to measure: " + report.remedy;
    break;
  }
  return text;
}

std::vector<SourceReport> probe_sources(const MeterOptions& options, FileSystem& files,
                                        Clock& clock, const MachineFacts& machine) {
  const auto activity = this_process(clock, files, options.proc.c_str());
  const SourceContext context{options, files, clock, machine, *activity};
  std::vector<SourceReport> out;
  bool chosen = false;
  for (const SourceEntry* entry : by_rank()) {
    out.push_back(report_of(*entry, entry->open(context)));
    const bool wanted = options.source == "auto" || options.source == entry->name;
    out.back().chosen = out.back().usable && wanted && !chosen;
    chosen = chosen || out.back().chosen;
  }
  return out;
}

}  // namespace tenbin
