// SPDX-License-Identifier: Apache-2.0
#include "app/profile/document.h"

#include <algorithm>

#include "app/measure.h"

namespace tenbin {
namespace {

constexpr double kThousand = 1'000;

Json number_or_null(bool known, double value) { return known ? Json(value) : Json(); }

Floor floor_of_row(const NodeRow& row, Bytes model, const Roofline& roofline) {
  return floor_of({row.macs.value_or(Macs{}), row.precision, row.weights, row.activations, model},
                  roofline);
}

bool ran(const NodeRow& row) { return !row.runs.empty(); }

const char* ran_name(const NodeRow& row) {
  if (!ran(row)) return "not run";
  switch (row.ran) {
    case RanIn::kCompiled: return "compiled";
    case RanIn::kConversion: return "conversion";
    case RanIn::kPlain: return "plain";
  }
  return "";
}

// Time of a run that is no step's: from runs alone where one thread did all.
Duration between_steps(const ProfiledBatch& batch, int threads) {
  if (batch.run.slots.empty()) return {};
  Duration steps{};
  for (const NodeRow& row : batch.nodes) {
    if (ran(row)) steps += spread_of(row.runs).median;
  }
  const Duration whole =
      threads == 1 ? batch.run.latency.median : spread_of(batch.run.watched).median;
  return std::max(Duration{}, whole - steps);
}

Json energy_json(const EnergyEstimate& energy, double share) {
  const auto part = [&](Energy e) { return in_joules(e) * share; };
  Json out = Json::object();
  out.set("value", energy.value ? Json(part(*energy.value)) : Json());
  out.set("lo", part(energy.lo));
  out.set("hi", part(energy.hi));
  out.set("provenance", std::string(provenance_name(energy.provenance)));
  out.set("source", energy.source);
  if (!energy.reason.empty()) out.set("reason", energy.reason);
  return out;
}

Json row_json(const NodeRow& row, const ProfiledBatch& batch, const ProfileFacts& facts,
              Duration whole) {
  const Floor floor = floor_of_row(row, batch.model, facts.peaks.roofline);
  const Spread time = ran(row) ? spread_of(row.runs) : Spread{};
  const double took = in_seconds(time.median);
  const double share = whole.count() > 0 ? took / in_seconds(whole) : 0;
  const EnergyEstimate& energy = batch.run.energy;
  const double joules = energy.value && batch.run.metered > 0
                            ? in_joules(*energy.value) / static_cast<double>(batch.run.metered)
                            : 0;
  Json kernels = Json::array();
  for (const std::string& kernel : row.kernels) kernels.push(kernel);
  Json from = Json::array();
  for (const std::size_t r : row.from) from.push(static_cast<std::int64_t>(r));
  const double parameters = static_cast<double>(row.parameters);
  const bool multiplies = row.macs && row.parameters > 0;
  return Json::object(
      {{"name", row.name},
       {"ops", Json::array_of(row.ops)},
       {"engine", "native"},
       {"kernels", std::move(kernels)},
       {"ran", ran_name(row)},
       {"precision", precision_name(row.precision)},
       {"macs", row.macs ? Json(row.macs->count) : Json()},
       {"parameters", row.parameters},
       {"macs_per_parameter",
        number_or_null(multiplies,
                       multiplies ? static_cast<double>(row.macs->count) / parameters : 0)},
       {"bytes_weights", row.weights.count},
       {"bytes_activations", row.activations.count},
       {"bytes_moved", row.weights.count + row.activations.count},
       {"seconds", number_or_null(ran(row), took)},
       {"seconds_lo", number_or_null(ran(row), in_seconds(time.lo))},
       {"seconds_hi", number_or_null(ran(row), in_seconds(time.hi))},
       {"share", number_or_null(ran(row), share)},
       {"joules", number_or_null(ran(row) && energy.value.has_value(), joules * share)},
       {"floor_seconds", in_seconds(floor.least())},
       {"roofline_share", number_or_null(ran(row) && took > 0 && row.ran != RanIn::kConversion,
                                         took > 0 ? in_seconds(floor.least()) / took : 0)},
       {"bound", row.ran == RanIn::kConversion || floor.by_memory() ? "memory" : "compute"},
       {"reads", std::move(from)}});
}

struct Sum {
  std::int64_t macs = 0, parameters = 0, bytes = 0;
  Duration floor{}, compute{}, memory{};
  bool known = true;
};

Sum sum_of(const ProfiledBatch& batch, const Roofline& roofline) {
  Sum out;
  for (const NodeRow& row : batch.nodes) {
    if (row.ran == RanIn::kConversion) continue;
    const Floor floor = floor_of_row(row, batch.model, roofline);
    out.floor += floor.least();
    (floor.by_memory() ? out.memory : out.compute) += floor.least();
    out.known &= row.macs.has_value();
    out.macs += row.macs.value_or(Macs{}).count;
    out.parameters += row.parameters;
    out.bytes += row.weights.count + row.activations.count;
  }
  return out;
}

ProfileSnapshot snapshot_of(const ProfiledBatch& batch, const ProfileFacts& facts) {
  ProfileSnapshot out;
  const Roofline& roofline = facts.peaks.roofline;
  for (const NodeRow& row : batch.nodes) {
    if (!ran(row)) continue;
    out.nodes.push_back({row.name, row.ops, row.ran, spread_of(row.runs).median,
                         row.macs.value_or(Macs{}), floor_of_row(row, batch.model, roofline),
                         row.depthwise});
  }
  out.total = batch.run.latency.median;
  out.between = between_steps(batch, facts.threads);
  out.batch = batch.rows;
  out.threads = facts.threads;
  out.threads_here = facts.threads_here;
  if (roofline.bfloat16) out.bfloat16_gain = *roofline.bfloat16 / roofline.float32;
  if (roofline.int8) out.int8_gain = *roofline.int8 / roofline.float32;
  out.best_batch = batch.rows;
  return out;
}

double rows_per_second(const ProfiledBatch& batch) {
  return static_cast<double>(batch.rows) / std::max(1e-9, in_seconds(batch.run.latency.median));
}

}  // namespace

Json batch_json(const ProfiledBatch& batch, const ProfileFacts& facts) {
  Json out = Json::object({{"batch", batch.rows}});
  if (!batch.error.empty()) {
    out.set("error", batch.error);
    return out;
  }
  const BatchRun& run = batch.run;
  const Sum sum = sum_of(batch, facts.all_peaks.roofline);
  const double p50 = in_seconds(run.latency.median);
  const Duration between = between_steps(batch, facts.threads);
  out.set("seconds_p50", p50);
  out.set("seconds_lo", in_seconds(run.latency.lo));
  out.set("seconds_hi", in_seconds(run.latency.hi));
  out.set("seconds_p99", run.p99 ? Json(in_seconds(*run.p99)) : Json());
  if (!run.p99) {
    out.set("p99_reason", std::to_string(run.samples) + " runs in the time, 2000 are needed");
  }
  out.set("samples", run.samples);
  out.set("preempted", run.preempted);
  out.set("rows_per_second", rows_per_second(batch));
  out.set("joules_per_1000_rows",
          energy_json(run.energy, kThousand / (static_cast<double>(run.metered) *
                                               static_cast<double>(batch.rows))));
  out.set("macs", sum.known ? Json(sum.macs) : Json());
  if (!sum.known) out.set("macs_reason", batch.no_macs);
  out.set("parameters", sum.parameters);
  out.set("bytes_moved", sum.bytes);
  out.set("floor_seconds", number_or_null(sum.known, in_seconds(sum.floor)));
  out.set("roofline_share", number_or_null(sum.known && p50 > 0 && sum.floor.count() > 0,
                                           p50 > 0 ? in_seconds(sum.floor) / p50 : 0));
  out.set("bound", sum.memory >= sum.compute ? "memory" : "compute");
  out.set("between_seconds", number_or_null(!run.slots.empty(), in_seconds(between)));
  Json nodes = Json::array();
  Duration whole = between;
  for (const NodeRow& row : batch.nodes) {
    if (ran(row)) whole += spread_of(row.runs).median;
  }
  if (run.no_steps.empty()) {
    for (const NodeRow& row : batch.nodes) nodes.push(row_json(row, batch, facts, whole));
  } else {
    out.set("nodes_reason", run.no_steps);
  }
  out.set("nodes", std::move(nodes));
  return out;
}

Json advice_json(const std::vector<ProfiledBatch>& batches, const ProfileFacts& facts) {
  Json out = Json::array();
  const ProfiledBatch *first = nullptr, *best = nullptr;
  for (const ProfiledBatch& batch : batches) {
    if (!batch.error.empty()) continue;
    if (first == nullptr) first = &batch;
    if (best == nullptr || rows_per_second(batch) > rows_per_second(*best)) best = &batch;
  }
  if (first == nullptr) return out;
  ProfileSnapshot snapshot = snapshot_of(*first, facts);
  snapshot.best_batch = best->rows;
  snapshot.best_batch_gain = rows_per_second(*best) / rows_per_second(*first);
  for (const Advice& advice : first_changes(snapshot)) {
    out.push(Json::object({{"what", advice.what},
                           {"why", advice.why},
                           {"batch", first->rows},
                           {"share", advice.share}}));
  }
  return out;
}

std::string verdict_of(const std::string& name, const Json& batches) {
  const Json* first = nullptr;
  for (const Json& batch : batches.items()) {
    if (first == nullptr && !batch.contains("error")) first = &batch;
  }
  if (first == nullptr) return name + " could not be run";
  const Json& b = *first;
  const std::int64_t rows = b["batch"].as_integer();
  std::string out = name + ": " + to_text(seconds(b["seconds_p50"].as_number())) + " for " +
                    (rows == 1 ? "1 row" : std::to_string(rows) + " rows") + " (" +
                    short_count(b["rows_per_second"].as_number()) + " rows/s)";
  if (const Json& energy = b["joules_per_1000_rows"]; energy["value"].is_number()) {
    out += ", " + to_text(joules(energy["value"].as_number())) + " per 1,000 rows (" +
           energy["provenance"].as_string() + ")";
  }
  if (b["roofline_share"].is_number()) {
    out += ", " + to_text(100 * b["roofline_share"].as_number(), 2) +
           " % of the roofline, bound by " + b["bound"].as_string();
  }
  const Json* largest = nullptr;
  for (const Json& node : b["nodes"].items()) {
    if (largest == nullptr || node["share"].as_number() > (*largest)["share"].as_number()) {
      largest = &node;
    }
  }
  if (largest != nullptr && (*largest)["share"].as_number() > 0) {
    out += "; '" + (*largest)["name"].as_string() + "' takes " +
           to_text(100 * (*largest)["share"].as_number(), 2) + " % of the time";
  }
  return out;
}

}  // namespace tenbin
