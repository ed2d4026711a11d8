// SPDX-License-Identifier: Apache-2.0
#include "app/meter_command.h"

#include <algorithm>
#include <charconv>

#include "app/command_activity.h"
#include "app/measure.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr Duration kProgressEvery = 100ms;
constexpr Duration kLookForStrays = 50ms;  // once the command ended

std::string ledger_path(const std::string& given) {
  return extension_of(given) == ".db" ? given : join_path(given, kLedgerFileName);
}

std::string words(const std::vector<std::string>& argv) {
  std::string out;
  for (const std::string& word : argv) out += (out.empty() ? "" : " ") + word;
  return out;
}

// One metered command on its way.
class Session {
 public:
  Session(const MeterCommandOptions& options, const Limits& limits, Meter& meter, Clock& clock,
          CommandActivity& activity)
      : options_(options),
        meter_(meter),
        clock_(clock),
        activity_(activity),
        begin_(meter.sample()),
        watch_(limits, options.prices, meter, clock, begin_),
        limits_(limits) {}

  // Waits for the end of the command, sampling, telling and stopping it. A budget bounds all that
  // came of the command: then what outlives it is waited for too.
  Result<ProcessEnd> follow(Process& process,
                            const std::function<void(const MeterProgress&)>& progress) {
    Duration tell = progress ? begin_ + kProgressEvery : Duration::max();
    for (;;) {
      const Duration now = clock_.steady_now();
      TENBIN_TRY(const auto end, process.wait(std::max<Duration>(1ms, wake(tell) - now)));
      if (end && !(limits_.has_budget() && process.any_alive())) return process_end(process, *end);
      if (end) clock_.wait_until(std::min(wake(tell), now + kLookForStrays));
      if (clock_.steady_now() >= meter_.next_sample()) meter_.sample();
      TENBIN_CHECK(stop_if_due(process));
      if (clock_.steady_now() >= tell) {
        progress(state());
        tell += kProgressEvery;
      }
    }
  }

  Duration begin() const { return begin_; }
  const std::optional<std::string>& stopped_by() const { return stopped_by_; }

 private:
  Duration wake(Duration tell) const {
    Duration next = std::min(meter_.next_sample(), tell);
    if (!stopping_ && limits_.time) next = std::min(next, begin_ + *limits_.time);
    if (stopping_ && !killed_) next = std::min(next, *stopping_ + options_.grace);
    return next;
  }

  Status stop_if_due(Process& process) {
    const Duration now = clock_.steady_now();
    if (!stopping_) {
      if (interrupted()) {
        stopping_ = now;
        return process.send(interrupted_by());
      }
      stopped_by_ = watch_.used_up();
      if (!stopped_by_ && limits_.time && now >= begin_ + *limits_.time) {
        stopped_by_ = "time: " + to_text(now - begin_) + " of " + to_text(*limits_.time) + " used";
      }
      if (!stopped_by_) return {};
      stopping_ = now;
      return process.send(Signal::kTerminate);
    }
    if (now < *stopping_ + options_.grace) return {};
    killed_ = true;  // again and again: what it starts meanwhile is not to escape
    return process.send(Signal::kKill);
  }

  // With what ended since the command did.
  Result<ProcessEnd> process_end(Process& process, const ProcessEnd& first) {
    TENBIN_TRY(const auto now, process.poll());
    return now.value_or(first);
  }

  MeterProgress state() const {
    MeterProgress out;
    out.time = clock_.steady_now() - begin_;
    out.energy = meter_.between(begin_, begin_ + out.time);
    out.power = meter_.power_now();
    out.cpu = activity_.last().cpu;
    out.money = options_.prices.cost(out.energy.at_most(), out.time);
    out.carbon = options_.prices.emissions(out.energy.at_most());
    return out;
  }

  const MeterCommandOptions& options_;
  Meter& meter_;
  Clock& clock_;
  CommandActivity& activity_;
  Duration begin_;
  BudgetWatch watch_;
  Limits limits_;
  std::optional<Duration> stopping_;
  bool killed_ = false;
  std::optional<std::string> stopped_by_;
};

Result<std::unique_ptr<Ledger>> open_ledger(const MeterCommandOptions& options, FileSystem& files) {
  if (options.ledger.empty()) return std::unique_ptr<Ledger>();
  const std::string path = ledger_path(options.ledger);
  TENBIN_CHECK(files.make_folders(folder_of(path)));
  return Ledger::open(path);
}

void set_end(MeterOutcome& out, const ProcessEnd& end) {
  out.cpu_user = end.cpu_user;
  out.cpu_system = end.cpu_system;
  out.cpu = end.cpu_user + end.cpu_system;
  out.peak_memory = end.peak_rss;
  out.exit_code = end.exit_code;
  out.signal = end.signal;
}

Measurement bytes_measurement(std::int64_t bytes) {
  Measurement m;
  m.quantity = "memory";
  m.unit = "B";
  m.value = m.lo = m.hi = static_cast<double>(bytes);
  m.samples = 1;
  m.source = "rusage";
  m.scope = Scope::kProcess;
  m.provenance = Provenance::kMeasured;
  m.grade = 'B';
  return m;
}

}  // namespace

Result<Limits> parse_budget(std::string_view text) {
  Limits out;
  const auto set = [&](auto& slot, auto parsed, std::string_view part) -> Status {
    if (slot) {
      return Error(ErrorCode::kImpossibleLimit,
                   "'" + std::string(part) + "' bounds what another amount bounds already");
    }
    slot = *parsed;
    return {};
  };
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (auto e = parse_energy(part); e.ok()) {
      TENBIN_CHECK(set(out.energy, std::move(e), part));
    } else if (auto d = parse_duration(part); d.ok()) {
      TENBIN_CHECK(set(out.time, std::move(d), part));
    } else if (auto c = parse_carbon(part); c.ok()) {
      TENBIN_CHECK(set(out.carbon, std::move(c), part));
    } else if (auto m = parse_money(part); m.ok()) {
      TENBIN_CHECK(set(out.money, std::move(m), part));
    } else {
      return Error(ErrorCode::kBadValue, "'" + std::string(part) +
                                             "' is not an amount with its unit: expected energy "
                                             "(2kJ), time (30s), money (0.1usd) or carbon (5gCO2e)")
          .at("--budget");
    }
  }
  const bool zero =
      (out.energy && out.energy->nanojoules <= 0) || (out.time && out.time->count() <= 0) ||
      (out.money && out.money->billionths <= 0) || (out.carbon && out.carbon->micrograms <= 0);
  if (zero)
    return Error(ErrorCode::kImpossibleLimit, "a budget of zero allows nothing", "--budget");
  return out;
}

// What the whole run used.
static void set_totals(MeterOutcome& out, const RunTotals& totals, const Meter& meter,
                       Duration begin) {
  out.time = totals.time;
  out.energy = totals.energy;
  out.tally = totals.tally;
  out.money = totals.money;
  out.carbon = totals.carbon;
  out.components = meter.components_between(begin, begin + totals.time);
  out.samples = meter.samples();
  out.max_gap = totals.energy.max_gap;
  out.meter = meter.describe();
}

int not_started_code(const Error& error) {
  return error.code() == ErrorCode::kNotExecutable ? 126 : 127;
}

static void set_traffic(MeterOutcome& out, const NetworkBytes& before, const NetworkBytes& now) {
  if (!now.known || !before.known) return;
  out.bytes_sent = now.sent - before.sent;
  out.bytes_received = now.received - before.received;
}

// What the kernel may count for a command that used less: it counts for a child what its parent
// held until the child became another program, give or take what it has not summed up yet [B].
static std::int64_t most_inherited(FileSystem& files, const std::string& proc) {
  constexpr std::int64_t kNotSummed = 1 << 20;
  return peak_memory_of_self(files, proc) + kNotSummed;
}

static RunInfo run_info(const MeterCommandOptions& options, const MachineFacts& machine) {
  RunInfo info;
  info.kind = "meter";
  info.name = words(options.command);
  info.command = options.command;
  info.machine = Json::object({{"cpu", machine.cpu_model}, {"cpus", machine.logical_cpus}});
  info.options = Json::object({{"budget", options.budget}});
  return info;
}

Result<MeterOutcome> run_metered(const MeterCommandOptions& options, ProcessRunner& processes,
                                 FileSystem& files, Clock& clock, const MachineFacts& machine,
                                 const std::function<void(const MeterProgress&)>& progress) {
  if (options.command.empty()) {
    return Error(ErrorCode::kMissingArgument, "no command to run: expected -- CMD [ARGS]");
  }
  TENBIN_TRY(const Limits limits, parse_budget(options.budget));
  TENBIN_CHECK(options.prices.check(limits.money));
  auto owned = std::make_unique<CommandActivity>(files, clock, options.meter.proc);
  CommandActivity& activity = *owned;
  TENBIN_TRY(const auto meter, Meter::open(options.meter, files, clock, machine, std::move(owned)));
  TENBIN_TRY(const auto ledger, open_ledger(options, files));
  const Duration own_cpu = clock.process_cpu();
  const NetworkBytes net_before = network_bytes(files, options.meter.proc);
  TENBIN_TRY(const auto recorder, RunRecorder::begin(ledger.get(), *meter, clock, options.prices,
                                                     run_info(options, machine)));
  const std::int64_t own_memory = most_inherited(files, options.meter.proc);
  auto started = processes.start(options.command, {});
  if (!started.ok()) {
    const Error& error = started.error();
    (void)recorder->finish("failed", not_started_code(error), error.message()).ok();
    return error;
  }
  const auto process = std::move(*started);
  activity.watch(process.get());
  MeterOutcome out;
  out.command = options.command;
  {
    auto stage = recorder->stage("command");
    Session session(options, limits, *meter, clock, activity);
    const Duration started_cpu = clock.process_cpu();
    TENBIN_TRY(const ProcessEnd end, session.follow(*process, progress));
    out.sampling_cpu = clock.process_cpu() - started_cpu;
    set_end(out, end);
    out.peak_is_bound = end.peak_rss <= own_memory;
    activity.ended(end.cpu_user + end.cpu_system);
    out.stopped_by = session.stopped_by();
    out.left_running = process->any_alive();
  }
  recorder->measurement("peak_memory", bytes_measurement(out.peak_memory));
  TENBIN_TRY(const RunTotals totals,
             recorder->finish(out.process_exit() == 0 ? "done"
                              : out.stopped_by        ? "budget"
                                                      : "failed",
                              out.process_exit(), out.stopped_by.value_or("")));
  set_totals(out, totals, *meter, recorder->started());
  const NetworkBytes net = network_bytes(files, options.meter.proc);
  set_traffic(out, net_before, net);
  out.disk_read = activity.disk_read();
  out.disk_written = activity.disk_written();
  out.meter_cpu = clock.process_cpu() - own_cpu;
  out.price_note = options.prices.note();
  if (ledger) {
    out.ledger = ledger->path();
    out.run = totals.id;
  }
  return out;
}

Json to_json(const MeterOutcome& o) {
  const auto bytes = [](const std::optional<std::int64_t>& b) { return b ? Json(*b) : Json(); };
  Json out = Json::object({{"schema", "tenbin.meter/1"}});
  out.set("command", Json::array_of(o.command));
  out.set("exit_code", o.exit_code);
  out.set("signal", o.signal);
  out.set("stopped_by", o.stopped_by ? Json(*o.stopped_by) : Json());
  out.set("left_running", o.left_running);
  out.set("seconds", in_seconds(o.time));
  out.set("cpu_seconds", in_seconds(o.cpu));
  out.set("cpu_user_seconds", in_seconds(o.cpu_user));
  out.set("cpu_system_seconds", in_seconds(o.cpu_system));
  out.set("energy", to_json(o.energy));
  Json parts = Json::array();
  for (const ComponentEnergy& part : o.components) {
    Json one = Json::object({{"name", part.name}, {"counted", part.counted}});
    if (!part.note.empty()) one.set("note", part.note);
    one.set("energy", to_json(part.energy));
    parts.push(std::move(one));
  }
  out.set("components", std::move(parts));
  out.set("money", to_json(o.money));
  out.set("gco2e", in_grams(o.carbon));
  out.set("peak_memory_bytes", o.peak_memory);
  out.set("peak_memory_is_bound", o.peak_is_bound);
  out.set("network", Json::object({{"scope", "node"},
                                   {"sent_bytes", bytes(o.bytes_sent)},
                                   {"received_bytes", bytes(o.bytes_received)}}));
  out.set("disk", Json::object({{"scope", "process"},
                                {"read_bytes", bytes(o.disk_read)},
                                {"written_bytes", bytes(o.disk_written)}}));
  out.set("meter", Json::object({{"description", o.meter},
                                 {"cpu_seconds", in_seconds(o.meter_cpu)},
                                 {"sampling_cpu_seconds", in_seconds(o.sampling_cpu)},
                                 {"samples", o.samples},
                                 {"max_gap_seconds", in_seconds(o.max_gap)}}));
  out.set("price_note", o.price_note);
  out.set("ledger", o.ledger.empty() ? Json() : Json(o.ledger));
  out.set("run", o.run.empty() ? Json() : Json(o.run));
  return out;
}

namespace {

// The share of one CPU that sampling took, once there was time for it to mean something.
std::string share_text(const MeterOutcome& o) {
  if (o.time < 1s) return {};
  return " (" + to_text(100 * in_seconds(o.sampling_cpu) / in_seconds(o.time), 2) + "% of a CPU)";
}

// Amounts below the smallest that is kept are not nothing.
std::string spend_text(const MeterOutcome& o) {
  const bool used = o.energy.hi.nanojoules > 0;
  const std::string money = o.money.billionths == 0 && used
                                ? "< " + money_text(1e-6, o.money.currency)
                                : to_text(o.money);
  const std::string carbon =
      o.carbon.micrograms == 0 && used ? "< " + to_text(Carbon{1}) : to_text(o.carbon);
  return money + ", " + carbon;
}

}  // namespace

std::string to_text(const MeterOutcome& o) {
  const EnergyEstimate& e = o.energy;
  const std::string joules = e.value ? to_text(*e.value) : "unknown (" + e.reason + ")";
  std::string out = "energy   " + joules + " (95%: " + to_text(e.lo) + " to " + to_text(e.hi) +
                    "), " + std::string(provenance_name(e.provenance)) + " by " + e.source +
                    ", scope " + std::string(scope_name(e.scope)) + "\n";
  out += "time     " + to_text(o.time) + ", CPU " + to_text(o.cpu) + "\n";
  out += "cost     " + spend_text(o) + "\n";
  out += "memory   " + std::string(o.peak_is_bound ? "at most " : "") +
         to_text(Bytes{o.peak_memory}) + " peak\n";
  if (o.disk_read && o.disk_written) {
    out += "disk     " + to_text(Bytes{*o.disk_read}) + " read, " +
           to_text(Bytes{*o.disk_written}) + " written\n";
  }
  if (o.bytes_sent && o.bytes_received) {
    out += "network  " + to_text(Bytes{*o.bytes_sent}) + " sent, " +
           to_text(Bytes{*o.bytes_received}) + " received (whole machine)\n";
  }
  out += "meter    " + std::to_string(o.samples) + " samples, largest gap " + to_text(o.max_gap) +
         ", own CPU " + to_text(o.meter_cpu - o.sampling_cpu) + " to start and end, " +
         to_text(o.sampling_cpu) + " to sample" + share_text(o);
  out += provenance_name(e.provenance) == provenance_name(Provenance::kMeasured)
             ? "\n"
             : "; `tenbin doctor` tells how to measure\n";
  if (!o.price_note.empty()) out += "prices   " + o.price_note + "\n";
  if (!o.ledger.empty()) out += "ledger   " + o.ledger + ", run " + o.run.substr(0, 8) + "\n";
  if (o.left_running) {
    out += "left     what the command started still runs; it is no longer metered\n";
  }
  if (o.stopped_by) out += "stopped  " + *o.stopped_by + "\n";
  return out;
}

}  // namespace tenbin
