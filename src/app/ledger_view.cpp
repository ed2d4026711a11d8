// SPDX-License-Identifier: Apache-2.0
#include "app/ledger_view.h"

#include <algorithm>

#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr int kDepth = 3;

void find_ledgers(const std::string& folder, int depth, FileSystem& files,
                  std::vector<std::string>& out) {
  const std::string here = join_path(folder, kLedgerFileName);
  if (files.exists(here)) out.push_back(here);
  if (depth == 0) return;
  const auto names = files.list(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (name.starts_with(".")) continue;
    const std::string path = join_path(folder, name);
    const auto info = files.info(path);
    if (info.ok() && info->is_folder && !info->is_link) find_ledgers(path, depth - 1, files, out);
  }
}

Json energy_json(const EnergyLine& e) {
  Json out = Json::object();
  out.set("joules", e.value ? Json(in_joules(*e.value)) : Json());
  out.set("lo", in_joules(e.lo));
  out.set("hi", in_joules(e.hi));
  out.set("provenance", provenance_name(e.provenance));
  out.set("source", e.source);
  out.set("scope", scope_name(e.scope));
  out.set("grade", std::string(1, e.grade));
  if (!e.reason.empty()) out.set("reason", e.reason);
  return out;
}

void set_spend(Json& out, const std::optional<Money>& money, const std::optional<Carbon>& carbon) {
  if (money) {
    out.set("money", Json::object({{"amount", in_units(*money)},
                                   {"currency", std::string(money->currency.text())}}));
  }
  if (carbon) out.set("gco2e", in_grams(*carbon));
}

Json event_json(const EventLine& event) {
  Json out = Json::object();
  out.set("what", event.what);
  out.set("name", event.name);
  out.set("seconds", in_seconds(event.end - event.begin));
  out.set("items", event.items);
  out.set("energy", energy_json(event.energy));
  if (event.values.is_object()) out.set("values", event.values);
  return out;
}

Json stage_json(const RunRecord& record, const StageLine& stage) {
  Json out = Json::object();
  out.set("name", stage.name);
  out.set("begin_seconds", in_seconds(stage.begin - record.run.started));
  out.set("seconds", in_seconds(stage.end - stage.begin));
  out.set("cpu_seconds", in_seconds(stage.cpu));
  out.set("items", stage.items);
  out.set("energy", energy_json(stage.energy));
  set_spend(out, stage.money, stage.carbon);
  Json events = Json::array();
  for (const EventLine& event : record.events) {
    if (event.stage == stage.seq) events.push(event_json(event));
  }
  out.set("events", std::move(events));
  return out;
}

Json measurement_json(const MeasurementLine& line) {
  const Measurement& m = line.measurement;
  const auto number = [](const std::optional<double>& v) { return v ? Json(*v) : Json(); };
  Json out = Json::object();
  out.set("name", line.name);
  out.set("value", number(m.value));
  out.set("unit", m.unit);
  out.set("lo", number(m.lo));
  out.set("hi", number(m.hi));
  out.set("samples", m.samples);
  out.set("source", m.source);
  out.set("provenance", provenance_name(m.provenance));
  if (!m.reason.empty()) out.set("reason", m.reason);
  return out;
}

Json end_json(const RunEndLine& end, const RunLine& run) {
  Json out = Json::object();
  out.set("status", end.status);
  out.set("exit_code", end.exit_code);
  if (!end.reason.empty()) out.set("reason", end.reason);
  out.set("ended", utc_text(end.wall_ended_ns));
  out.set("seconds", in_seconds(end.ended - run.started));
  out.set("cpu_seconds", in_seconds(end.cpu));
  out.set("meter_cpu_seconds", in_seconds(end.meter_cpu));
  out.set("peak_memory_bytes", end.peak_memory);
  out.set("energy", energy_json(end.energy));
  set_spend(out, end.money, end.carbon);
  return out;
}

// How a run stands: its last line, or what became of its process.
std::string status_of(const RunRecord& record) {
  if (record.end) return record.end->status;
  switch (state_of_process(record.run.process)) {
    case ProcessState::kRunning: return "running";
    case ProcessState::kEnded: return "killed";
    case ProcessState::kUnknown: break;
  }
  return "unfinished";
}

Json run_json(const RunRecord& record) {
  Json out = Json::object();
  out.set("id", record.run.id);
  out.set("kind", record.run.kind);
  out.set("name", record.run.name);
  out.set("started", utc_text(record.run.wall_started_ns));
  out.set("command", Json::array_of(record.run.command));
  out.set("seed", record.run.seed);
  out.set("version", record.run.version);
  out.set("machine", record.run.machine);
  out.set("options", record.run.options);
  out.set("status", status_of(record));
  out.set("end", record.end ? end_json(*record.end, record.run) : Json());
  Json stages = Json::array();
  for (const StageLine& stage : record.stages) stages.push(stage_json(record, stage));
  out.set("stages", std::move(stages));
  Json measurements = Json::array();
  for (const MeasurementLine& line : record.measurements) measurements.push(measurement_json(line));
  out.set("measurements", std::move(measurements));
  Json artefacts = Json::array();
  for (const ArtefactLine& line : record.artefacts) {
    artefacts.push(Json::object({{"kind", line.kind},
                                 {"path", line.path},
                                 {"sha256", line.sha256},
                                 {"bytes", line.size.count}}));
  }
  out.set("artefacts", std::move(artefacts));
  Json decisions = Json::array();
  for (const DecisionLine& line : record.decisions) {
    decisions.push(Json::object({{"at", utc_text(line.wall_ns)},
                                 {"what", line.what},
                                 {"choice", line.choice},
                                 {"reason", line.reason}}));
  }
  out.set("decisions", std::move(decisions));
  return out;
}

// Text from outside, without control bytes, padded or cut to `width`.
std::string cell(const std::string& text, std::size_t width) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  if (out.size() > width) out = out.substr(0, width - 2) + "..";
  out.resize(width, ' ');
  return out;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::string joules_text(const EnergyLine& e) {
  if (e.value) return to_text(*e.value);
  return e.hi.nanojoules > 0 ? "? <= " + to_text(e.hi) : "unknown";
}

// Money is stored in billionths; what costs less is not nothing.
std::string spend_text(const std::optional<Money>& money, const EnergyLine& energy) {
  if (!money) return {};
  // Below 0 is what rounding took from a remainder.
  if (money->billionths <= 0 && energy.hi.nanojoules > 0) {
    return "< " + money_text(1e-9, money->currency);
  }
  return to_text(*money);
}

std::string line(const std::string& label, Duration time, Duration cpu, const EnergyLine& energy,
                 const std::optional<Money>& money, const std::string& more) {
  std::string out = cell(label, 30) + right(to_text(time), 13) +
                    right(cpu.count() ? to_text(cpu) : "", 13) + right(joules_text(energy), 12) +
                    right(spend_text(money, energy), 20) + right(more, 10);
  return out.erase(out.find_last_not_of(' ') + 1) + "\n";
}

std::string run_text(const RunRecord& record, bool wide) {
  const RunLine& run = record.run;
  std::string out = "\nrun " + run.id.substr(0, 8) + "  " + run.kind + "  " +
                    utc_text(run.wall_started_ns) + "  " + cell(run.name, 50);
  out.erase(out.find_last_not_of(' ') + 1);
  out += "\n";
  for (const StageLine& stage : record.stages) {
    const std::string items = stage.items ? full_count(stage.items) : "";
    out += line("  " + stage.name, stage.end - stage.begin, stage.cpu, stage.energy, stage.money,
                items);
    for (const EventLine& event : record.events) {
      if (!wide || event.stage != stage.seq) continue;
      out += line("    " + event.name, event.end - event.begin, {}, event.energy, std::nullopt, "");
    }
  }
  if (!record.end) {
    const std::string status = status_of(record);
    const char* why = status == "running"  ? ": its process is alive"
                      : status == "killed" ? ": its process ended without a last line"
                                           : ": killed, or running on another machine";
    return out + "  " + status + why + "\n";
  }
  const RunEndLine& end = *record.end;
  out += line("  total", end.ended - run.started, end.cpu, end.energy, end.money, "");
  out += "  energy is " + std::string(provenance_name(end.energy.provenance)) + " by " +
         end.energy.source + ", scope " + std::string(scope_name(end.energy.scope)) +
         ", 95% interval " + to_text(end.energy.lo) + " to " + to_text(end.energy.hi) + "\n";
  out += "  " + end.status +
         (end.reason.empty() ? "" : ": " + cell(end.reason, end.reason.size())) + ", exit code " +
         std::to_string(end.exit_code) + "\n";
  return out;
}

Result<LedgerView::File> read_file(const std::string& path, const LedgerViewOptions& options) {
  TENBIN_TRY(const auto ledger, Ledger::open(path, LedgerMode::kReadOnly));
  TENBIN_TRY(const auto ids, ledger->runs());
  LedgerView::File file{path, {}};
  for (const std::string& id : ids) {
    if (!options.run.empty() && !id.starts_with(options.run)) continue;
    TENBIN_TRY(RunRecord record, ledger->read(id));
    file.runs.push_back(std::move(record));
  }
  if (options.last > 0 && file.runs.size() > static_cast<std::size_t>(options.last)) {
    file.runs.erase(file.runs.begin(), file.runs.end() - options.last);
  }
  return file;
}

}  // namespace

Result<LedgerView> view_ledger(const std::string& path, const LedgerViewOptions& options,
                               FileSystem& files) {
  const auto info = files.info(path);
  if (!info.ok()) {
    return Error(ErrorCode::kUnreadableData, "there is no ledger or folder '" + path + "'", path)
        .with_hint("name the folder that was given to -o, or its ledger.db");
  }
  std::vector<std::string> paths;
  if (info->is_folder) {
    find_ledgers(path, kDepth, files, paths);
  } else {
    paths.push_back(path);
  }
  if (paths.empty()) {
    return Error(
               ErrorCode::kUnreadableData,
               "no " + std::string(kLedgerFileName) + " in the folder or up to three levels below",
               path)
        .with_hint(
            "commands that take -o DIR leave one there, as does `tenbin meter --ledger DIR`");
  }
  LedgerView view;
  bool any = false;
  for (const std::string& each : paths) {
    TENBIN_TRY(LedgerView::File file, read_file(each, options));
    any = any || !file.runs.empty();
    view.files.push_back(std::move(file));
  }
  if (!any && !options.run.empty()) {
    return Error(ErrorCode::kUnreadableData, "no run begins with '" + options.run + "'", path)
        .with_hint("tenbin ledger without --run lists them");
  }
  return view;
}

Json to_json(const LedgerView& view) {
  Json out = Json::object({{"schema", "tenbin.ledger/1"}});
  Json files = Json::array();
  for (const LedgerView::File& file : view.files) {
    Json runs = Json::array();
    for (const RunRecord& record : file.runs) runs.push(run_json(record));
    files.push(Json::object({{"path", file.path}, {"runs", std::move(runs)}}));
  }
  out.set("ledgers", std::move(files));
  return out;
}

std::string to_text(const LedgerView& view, bool wide) {
  std::string out;
  for (const LedgerView::File& file : view.files) {
    out += (out.empty() ? "" : "\n") + file.path + ", " + std::to_string(file.runs.size()) +
           (file.runs.size() == 1 ? " run\n" : " runs\n");
    out += cell("", 30) + right("time", 13) + right("cpu", 13) + right("energy", 12) +
           right("money", 20) + right("items", 10) + "\n";
    for (const RunRecord& record : file.runs) out += run_text(record, wide);
  }
  return out;
}

}  // namespace tenbin
