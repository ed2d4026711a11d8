// SPDX-License-Identifier: Apache-2.0
#include "app/fit/document.h"

#include "app/fit/document_parts.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

// An energy as docs/formats/fit.md has it: `value` absent when unknown.
Json energy_part(const EnergyEstimate& e) {
  Json out = to_json(e);
  if (e.value) out.set("value", in_joules(*e.value));
  return out;
}

Json stages_part(const FitFacts& f) {
  Json out = Json::array();
  const double all = in_joules(f.totals.energy.at_most());
  for (const StageTotals& stage : f.totals.stages) {
    const double joules = in_joules(stage.energy.at_most());
    out.push(Json::object(
        {{"name", stage.name},
         {"begin", in_seconds(stage.begin - f.started)},
         {"end", in_seconds(stage.end - f.started)},
         {"seconds", in_seconds(stage.end - stage.begin)},
         {"cpu_seconds", in_seconds(stage.cpu)},
         {"joules", joules},
         {"lo", in_joules(stage.energy.lo)},
         {"hi", in_joules(stage.energy.hi)},
         {"money", f.prices.cost_in_units(stage.energy.at_most(), stage.end - stage.begin)},
         {"share", all > 0 ? joules / all : 0}}));
  }
  return out;
}

Json environment_part(const FitFacts& f) {
  const MachineFacts& m = f.machine;
  Json out = Json::object({{"host", m.host},
                           {"os", m.os},
                           {"kernel", m.kernel},
                           {"cpu", m.cpu_model},
                           {"isa", Json::array_of(m.isa)},
                           {"threads", f.threads}});
  if (m.cpu_quota) out.set("cpu_quota", *m.cpu_quota);
  out.set("memory_bytes", m.memory.count);
  if (!m.governor.empty()) out.set("governor", m.governor);
  out.set("in_vm", m.in_vm);
  out.set("in_container", m.in_container);
  out.set("compiler", __VERSION__);
  out.set("engine", "tenbin " TENBIN_VERSION " on oneDNN");
  Json libraries = Json::object();
  for (const Library& library : f.libraries) libraries.set(library.name, library.found);
  out.set("libraries", std::move(libraries));
  return out;
}

void add_costs(Json& out, const FitFacts& f) {
  out.set("energy", Json::object({{"training", energy_part(f.training_energy)},
                                  {"per_1000_predictions", energy_part(f.per_1000_energy)},
                                  {"meter_cpu_seconds", in_seconds(f.totals.meter_cpu)},
                                  {"describe", f.meter}}));
  const Duration training = [&] {
    for (const StageTotals& s : f.totals.stages) {
      if (s.name == "train") return s.end - s.begin;
    }
    return Duration{};
  }();
  const double per_row = f.throughput.rows_per_second > 0 ? 1 / f.throughput.rows_per_second : 0;
  const double train = f.prices.cost_in_units(f.training_energy.at_most(), training);
  const double serve = f.prices.cost_in_units(f.per_1000_energy.at_most(), seconds(1000 * per_row));
  out.set("money", Json::object({{"training", train},
                                 {"per_1000_predictions", serve},
                                 {"currency", f.prices.currency().text()},
                                 {"price", to_text(f.prices.price)},
                                 {"price_origin", f.prices.note()}}));
  const auto grams = [&](const EnergyEstimate& e) {
    return in_kilowatt_hours(e.at_most()) * f.prices.pue * f.prices.carbon.grams_per_kwh;
  };
  out.set("carbon", Json::object({{"training_g", grams(f.training_energy)},
                                  {"per_1000_predictions_g", grams(f.per_1000_energy)},
                                  {"intensity", to_text(f.prices.carbon)},
                                  {"intensity_origin", f.prices.note()}}));
}

}  // namespace

Json fit_document(const FitFacts& f) {
  std::string command;
  for (const auto& word : f.options->command) command += (command.empty() ? "" : " ") + word;
  Json out = Json::object({{"schema", "tenbin.fit/1"}});
  out.set("run", Json::object({{"id", f.totals.id},
                               {"version", TENBIN_VERSION},
                               {"command", command},
                               {"seed", f.options->seed},
                               {"threads", f.threads},
                               {"started_utc", utc_text(f.wall_started_ns)},
                               {"finished_utc", utc_text(f.wall_finished_ns)}}));
  out.set("outcome", f.outcome);
  if (!f.outcome_reason.empty()) out.set("outcome_reason", f.outcome_reason);
  out.set("exit_code", f.exit_code);
  out.set("files", Json::object({{"model", f.model_path},
                                 {"report", f.report_path},
                                 {"result", f.result_path},
                                 {"ledger", f.ledger_path}}));
  out.set("data", data_part(f));
  out.set("candidates", candidates_part(f));
  out.set("networks", networks_part(f));
  out.set("training", training_part(f));
  out.set("model", model_part(f));
  add_answers(out, f);
  out.set("latency", latency_part(f));
  add_costs(out, f);
  Json limits = Json::array();
  for (const LimitCheck& check : f.limits) limits.push(to_json(check));
  out.set("limits", std::move(limits));
  out.set("stages", stages_part(f));
  out.set("total",
          Json::object({{"seconds", in_seconds(f.totals.time)},
                        {"cpu_seconds", in_seconds(f.totals.cpu)},
                        {"joules", in_joules(f.totals.energy.at_most())},
                        {"lo", in_joules(f.totals.energy.lo)},
                        {"hi", in_joules(f.totals.energy.hi)},
                        {"money", f.prices.cost_in_units(f.totals.energy.at_most(), f.totals.time)},
                        {"carbon_g", in_grams(f.totals.carbon)},
                        {"provenance", provenance_name(f.totals.energy.provenance)}}));
  Json power = Json::array();
  for (const PowerPoint& point : f.power) {
    if (!point.power) continue;
    power.push(Json::object({{"t", in_seconds(point.begin - f.started)},
                             {"watts", in_watts(*point.power)},
                             {"provenance", provenance_name(f.totals.energy.provenance)}}));
  }
  out.set("power", std::move(power));
  out.set("environment", environment_part(f));
  out.set("next", Json::array_of(std::vector<std::string>{
                      "tenbin predict " + f.model_path + " NEW_DATA -o answers.csv",
                      "tenbin ledger " + f.options->output}));
  return out;
}

}  // namespace tenbin
