// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "app/serve/rollout_json.h"
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

Json histogram_of(const ServeHistogram& histogram) {
  Json out = Json::array();
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) out.push(histogram.count(i));
  return out;
}

Json variants_of(const ServedVersion& version) {
  Json out = Json::array();
  for (std::size_t i = 0; i < version.variants.size(); ++i) {
    const ServedVariant& variant = version.variants[i];
    Json line = Json::object({{"name", variant.name},
                              {"engine", variant.engine},
                              {"bytes", variant.bytes},
                              {"seconds_per_row", in_seconds(variant.times.front().time)},
                              {"in_use", version.current.load() == i}});
    if (i < ServeStats::kVariants) line.set("requests", version.stats().by_variant[i].load());
    if (variant.replicas != nullptr) {
      line.set("workers", variant.replicas->ready_count());
      line.set("worker_restarts", variant.replicas->restarts());
    }
    out.push(std::move(line));
  }
  return out;
}

Json model_of(const ServedVersion& version) {
  const ServeStats& s = version.stats();
  return Json::object({{"name", version.model},
                       {"version", version.version},
                       {"asleep", version.asleep()},
                       {"requests", s.success.count.load()},
                       {"failed", s.fail.count.load()},
                       {"rows", s.rows.load()},
                       {"batches", s.runs.load()},
                       {"waiting", s.waiting.load()},
                       {"request_seconds", histogram_of(s.request_time)},
                       {"batch_rows", histogram_of(s.batch_rows)},
                       {"request_joules", in_joules(Energy{s.request_energy.load()})},
                       {"variants", variants_of(version)}});
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  ModelServer& models = service.serving.models();
  Json list = Json::array();
  Json rollouts = Json::array();
  std::string last;
  for (const auto& version : models.versions()) {
    list.push(model_of(*version));
    if (std::exchange(last, version->model) == version->model) continue;
    if (const auto view = models.rollout(version->model); view.ok()) {
      rollouts.push(rollout_json(*view));
    }
  }
  Json decisions = Json::array();
  for (const ServeDecision& d : models.decisions()) {
    decisions.push(Json::object({{"wall_ns", d.wall_ns},
                                 {"controller", d.controller},
                                 {"model", d.model},
                                 {"action", d.action},
                                 {"reason", d.reason}}));
  }
  const ServingEnergy e = service.serving.energy();
  const Json energy = Json::object({{"total_joules", in_joules(e.total)},
                                    {"request_joules", in_joules(e.requests)},
                                    {"padding_joules", in_joules(e.padding)},
                                    {"overhead_joules", in_joules(e.overhead)},
                                    {"idle_joules", in_joules(e.idle)},
                                    {"provenance", std::string(provenance_name(e.provenance))},
                                    {"source", e.source},
                                    {"cost", e.cost},
                                    {"currency", std::string(e.currency.text())}});
  exchange->answer(
      json_response(200, Json::object({{"schema", "tenbin.serve-status/1"},
                                       {"version", TENBIN_VERSION},
                                       {"steady_seconds", in_seconds(service.clock.steady_now())},
                                       {"threads", service.serving.threads()},
                                       {"second_bounds", Json::array_of(ServeHistogram::kSeconds)},
                                       {"row_bounds", Json::array_of(ServeHistogram::kCounts)},
                                       {"models", std::move(list)},
                                       {"rollouts", std::move(rollouts)},
                                       {"energy", energy},
                                       {"decisions", std::move(decisions)}})));
}

}  // namespace

const RouteEntry& route_status() {
  static const RouteEntry entry{Role::kOpen,
                                "GET",
                                {"/api/v1/status"},
                                "Counts, latencies, joules and decisions, for the live page.",
                                handle};
  return entry;
}

}  // namespace tenbin
