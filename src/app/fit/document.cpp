// SPDX-License-Identifier: Apache-2.0
#include "app/fit/document.h"

#include <algorithm>
#include <cmath>

#include "platform/clock.h"

namespace tenbin {
namespace {

const char* stop_name(StopReason reason) {
  switch (reason) {
    case StopReason::kDone: return "done";
    case StopReason::kEarlyStop: return "early_stop";
    case StopReason::kBudget: return "budget";
    case StopReason::kInterrupted: return "interrupted";
    case StopReason::kNonFinite: return "non_finite";
  }
  return "done";
}

std::int64_t size_of(const std::vector<std::int64_t>& rows) {
  return static_cast<std::int64_t>(rows.size());
}

// An energy as docs/formats/fit.md has it: `value` absent when unknown.
Json energy_part(const EnergyEstimate& e) {
  Json out = to_json(e);
  if (e.value) out.set("value", in_joules(*e.value));
  return out;
}

Json strings(const std::vector<std::string>& list) { return Json::array_of(list); }

Json data_part(const FitFacts& f) {
  const Prepared& p = *f.prepared;
  Json out = Json::object({{"path", f.options->data},
                           {"format", p.data.format},
                           {"rows", p.data.table.rows},
                           {"columns", static_cast<std::int64_t>(p.data.table.columns.size())},
                           {"bytes", p.bytes},
                           {"digest", p.data.digest},
                           {"task", task_name(p.target.task)},
                           {"target", p.target.name},
                           {"classes", strings(p.target.class_names)},
                           {"class_counts", Json::array_of(p.target.class_counts)},
                           {"rows_train", size_of(p.cleaning.train)},
                           {"rows_valid", size_of(p.split.valid)},
                           {"rows_test", size_of(p.split.test)},
                           {"split", split_method_name(p.split.method)},
                           {"notes", strings(p.data.notes)}});
  Json profile = p.profile.to_json();
  out.set("profile", std::move(profile));
  Json cleaning = Json::array();
  for (const CleaningStep& step : p.cleaning.steps) {
    cleaning.push(Json::object(
        {{"step", step.action}, {"what", step.column}, {"why", step.why}, {"rows", step.rows}}));
  }
  out.set("cleaning", std::move(cleaning));
  Json features = Json::array();
  for (const FeatureStep& step : p.features.steps) {
    features.push(Json::object({{"columns", strings(step.columns)},
                                {"transform", step.transform},
                                {"what", step.what},
                                {"why", step.why},
                                {"width", step.width}}));
  }
  out.set("features", std::move(features));
  out.set("feature_count", p.features.width());
  return out;
}

Json candidates_part(const FitFacts& f) {
  Json out = Json::array();
  for (const Tried& tried : f.learned->tried) {
    out.push(Json::object({{"name", tried.name},
                           {"learner", tried.learner},
                           {"why", tried.why},
                           {"valid_score", tried.valid_score ? Json(*tried.valid_score) : Json()},
                           {"score_name", f.learned->score_name},
                           {"chosen", tried.chosen},
                           {"epochs", tried.epochs},
                           {"seconds", in_seconds(tried.time)},
                           {"joules", in_joules(tried.energy.at_most())}}));
  }
  return out;
}

Json training_part(const FitFacts& f) {
  const Learned& l = *f.learned;
  Json curve = Json::array();
  for (std::size_t i = 0; i < l.result.curve.size(); ++i) {
    const EpochReport& r = l.result.curve[i];
    Json point = Json::object({{"epoch", r.epoch}, {"step", r.step}, {"train_loss", r.train_loss}});
    if (r.valid_loss) point.set("valid_loss", *r.valid_loss);
    if (r.valid_score) point.set("valid_score", *r.valid_score);
    point.set("rows_per_second", r.rows_per_second);
    if (i < l.curve_joules.size()) point.set("joules", l.curve_joules[i]);
    curve.push(std::move(point));
  }
  return Json::object(
      {{"learner", l.name},
       {"stop", stop_name(l.result.reason)},
       {"stop_detail", l.result.detail},
       {"steps", l.result.steps},
       {"epochs", static_cast<std::int64_t>(l.result.curve.size())},
       {"best_epoch", l.result.best_epoch},
       {"loss", f.prepared->target.classifies() ? "softmax_cross_entropy" : "mean_squared_error"},
       {"optimizer", l.trees ? "gradient_boosting" : "adamw"},
       {"schedule", l.trees ? "constant" : "cosine"},
       {"learning_rate", l.training.learning_rate},
       {"batch", l.batch},
       {"precision",
        OptionText<Precision>::print(l.trees ? Precision::kFloat32 : l.training.precision)},
       {"plan_bytes", l.result.plan_bytes.count},
       {"curve", std::move(curve)}});
}

Json values_part(const std::vector<ValueInfo>& values) {
  Json out = Json::array();
  for (const ValueInfo& value : values) {
    out.push(Json::object({{"name", value.name},
                           {"type", element_name(value.type)},
                           {"shape", Json::array_of(value.shape)}}));
  }
  return out;
}

// Nodes of all trees of an ensemble; 0: there are none.
std::int64_t tree_nodes(const Graph& graph) {
  std::size_t nodes = 0;
  for (const OpCall& call : graph.nodes) {
    if (call.op.starts_with("TreeEnsemble")) nodes += call.integers("nodes_nodeids").size();
  }
  return static_cast<std::int64_t>(nodes);
}

Json model_part(const FitFacts& f) {
  Json out = Json::object(
      {{"name", f.learned->name}, {"size_bytes", f.model_bytes}, {"sha256", f.model_sha256}});
  if (f.counts) {
    out.set("parameters", f.counts->parameters);
    out.set("macs", f.counts->macs.count);
    if (f.counts->parameters > 0) {
      out.set("macs_per_parameter", f.counts->macs_per_parameter());
    }
    out.set("activation_bytes", f.counts->activations.count);
    out.set("peak_activation_bytes", f.counts->peak_activations.count);
  }
  if (const std::int64_t nodes = tree_nodes(f.model.graph); nodes > 0) {
    out.set("tree_nodes", nodes);
  }
  out.set("opset", f.model.opsets.at(""));
  out.set("ir_version", f.model.ir_version);
  out.set("inputs", values_part(f.model.graph.inputs));
  out.set("outputs", values_part(f.model.graph.outputs));
  out.set("kernels", strings(f.kernels));
  return out;
}

// Bins of equal width on a logarithmic axis, eight a decade.
Json histogram(const std::vector<Duration>& sorted) {
  Json out = Json::array();
  const auto bin = [](Duration d) {
    return static_cast<std::int64_t>(std::floor(8 * std::log10(std::max(in_seconds(d), 1e-9))));
  };
  for (std::size_t i = 0; i < sorted.size();) {
    const std::int64_t b = bin(sorted[i]);
    std::size_t j = i;
    while (j < sorted.size() && bin(sorted[j]) == b) ++j;
    out.push(Json::object({{"from", std::pow(10, static_cast<double>(b) / 8)},
                           {"to", std::pow(10, static_cast<double>(b + 1) / 8)},
                           {"count", static_cast<std::int64_t>(j - i)}}));
    i = j;
  }
  return out;
}

// Those with at least ten samples beyond them.
Json quantiles(const std::vector<Duration>& sorted) {
  Json out = Json::array();
  for (const double q : {0.5, 0.75, 0.9, 0.95, 0.99, 0.999}) {
    const auto n = static_cast<double>(sorted.size());
    if (n * (1 - q) < 9.999) break;
    out.push(
        Json::object({{"q", q}, {"seconds", in_seconds(sorted[static_cast<std::size_t>(q * n)])}}));
  }
  return out;
}

Json latency_part(const FitFacts& f) {
  Json one = Json::object({{"samples", f.latency.samples}});
  if (f.latency.p50) one.set("p50", in_seconds(*f.latency.p50));
  if (f.latency.p99)
    one.set("p99", in_seconds(*f.latency.p99));
  else
    one.set("reason", f.latency.p99_reason);
  one.set("preempted", f.latency.preempted);
  if (f.latency.p99_with_preempted) {
    one.set("p99_with_preempted", in_seconds(*f.latency.p99_with_preempted));
  }
  one.set("quantiles", quantiles(f.latency.times));
  one.set("histogram", histogram(f.latency.times));
  return Json::object(
      {{"batch_1", std::move(one)},
       {"throughput", Json::object({{"batch", f.throughput.batch},
                                    {"threads", f.throughput.threads},
                                    {"rows_per_second", f.throughput.rows_per_second}})},
       {"threads", 1},
       {"method",
        "closed loop, raw row in, label out, one thread; throughput on one or all threads, the "
        "faster"}});
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
                           {"isa", strings(m.isa)},
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

void add_curves(Json& out, const FitFacts& f) {
  if (f.test.roc.empty()) return;
  Json points = Json::array();
  for (const RocPoint& p : f.test.roc) {
    points.push(Json::object({{"fpr", p.false_positive_rate}, {"tpr", p.true_positive_rate}}));
  }
  out.set("roc", Json::object({{"positive", f.prepared->target.class_names[1]},
                               {"points", std::move(points)}}));
  Json bins = Json::array();
  for (const CalibrationBin& b : f.test.calibration) {
    bins.push(Json::object({{"predicted", b.predicted},
                            {"observed", b.observed},
                            {"lo", b.lo},
                            {"hi", b.hi},
                            {"rows", b.rows}}));
  }
  out.set("calibration", std::move(bins));
}

void add_answers(Json& out, const FitFacts& f) {
  Json scores = Json::array();
  for (const Score& score : f.test.scores) scores.push(to_json(score));
  out.set("scores", std::move(scores));
  out.set("rows_scored", f.test.rows);
  if (f.prepared->target.classifies()) {
    const auto classes = static_cast<std::size_t>(f.prepared->target.classes());
    Json counts = Json::array();
    for (std::size_t i = 0; i + classes <= f.test.confusion.size(); i += classes) {
      const auto row = std::span(f.test.confusion).subspan(i, classes);
      counts.push(Json::array_of(row));
    }
    out.set("confusion", Json::object({{"classes", strings(f.prepared->target.class_names)},
                                       {"counts", std::move(counts)}}));
    add_curves(out, f);
    return;
  }
  Json residuals = Json::array();
  for (const auto& [target, predicted] : f.test.residuals) {
    residuals.push(Json::object(
        {{"target", static_cast<double>(target)}, {"predicted", static_cast<double>(predicted)}}));
  }
  out.set("residuals", std::move(residuals));
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
