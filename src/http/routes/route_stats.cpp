// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

Json timed(const TimedCount& t) {
  return Json::object({{"count", t.count.load()}, {"ns", t.ns.load()}});
}

Json batches_of(const ServeStats& stats) {
  Json out = Json::array();
  for (std::size_t i = 1; i < stats.by_rows.size(); ++i) {
    if (stats.by_rows[i].count.load() == 0) continue;
    // Rows are counted by powers of two: the lower end stands for its class.
    out.push(Json::object(
        {{"batch_size", std::int64_t{1} << (i - 1)}, {"compute_infer", timed(stats.by_rows[i])}}));
  }
  return out;
}

Json stats_of(const ServedVersion& version) {
  const ServeStats& s = version.stats();
  Json out = Json::object({{"name", version.model}});
  if (!version.version.empty()) out.set("version", version.version);
  out.set("last_inference", s.last_inference_ms.load());
  out.set("inference_count", s.rows.load());
  out.set("execution_count", s.runs.load());
  const Json none = Json::object({{"count", 0}, {"ns", 0}});
  out.set("inference_stats", Json::object({{"success", timed(s.success)},
                                           {"fail", timed(s.fail)},
                                           {"queue", timed(s.queue)},
                                           {"compute_input", timed(s.compute_input)},
                                           {"compute_infer", timed(s.compute_infer)},
                                           {"compute_output", timed(s.compute_output)},
                                           {"cache_hit", none},
                                           {"cache_miss", none}}));
  out.set("response_stats", Json::object());
  out.set("batch_stats", batches_of(s));
  std::int64_t bytes = 0;
  for (const ServedVariant& variant : version.variants) bytes += variant.bytes;
  Json memory = Json::array();
  memory.push(Json::object(
      {{"type", "CPU"}, {"id", 0}, {"byte_size", version.asleep() ? std::int64_t{0} : bytes}}));
  out.set("memory_usage", std::move(memory));
  return out;
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  ModelServer& models = service.serving.models();
  Json list = Json::array();
  if (!values.empty()) {
    const auto found = models.find(values[0], values.size() > 1 ? values[1] : std::string());
    if (!found.ok()) return exchange->answer(error_response(found.error()));
    list.push(stats_of(**found));
  } else {
    for (const auto& version : models.versions()) list.push(stats_of(*version));
  }
  exchange->answer(json_response(200, Json::object({{"model_stats", std::move(list)}})));
}

}  // namespace

const RouteEntry& route_stats() {
  static const RouteEntry entry{Role::kOpen,
                                "GET",
                                {"/v2/models/stats", "/v2/models/{model}/stats",
                                 "/v2/models/{model}/versions/{version}/stats"},
                                "Counts and times of models.",
                                handle};
  return entry;
}

}  // namespace tenbin
