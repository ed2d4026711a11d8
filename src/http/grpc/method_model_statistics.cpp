// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/inference.pb.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void set(const TimedCount& from, inference::StatisticDuration& to) {
  to.set_count(static_cast<std::uint64_t>(from.count.load()));
  to.set_ns(static_cast<std::uint64_t>(from.ns.load()));
}

void add(const ServedVersion& version, inference::ModelStatisticsResponse& answer) {
  const ServeStats& s = version.stats();
  auto& out = *answer.add_model_stats();
  out.set_name(version.model);
  out.set_version(version.version);
  out.set_last_inference(static_cast<std::uint64_t>(s.last_inference_ms.load()));
  out.set_inference_count(static_cast<std::uint64_t>(s.rows.load()));
  out.set_execution_count(static_cast<std::uint64_t>(s.runs.load()));
  auto& times = *out.mutable_inference_stats();
  set(s.success, *times.mutable_success());
  set(s.fail, *times.mutable_fail());
  set(s.queue, *times.mutable_queue());
  set(s.compute_input, *times.mutable_compute_input());
  set(s.compute_infer, *times.mutable_compute_infer());
  set(s.compute_output, *times.mutable_compute_output());
  for (std::size_t i = 1; i < s.by_rows.size(); ++i) {
    if (s.by_rows[i].count.load() == 0) continue;
    auto& batch = *out.add_batch_stats();
    batch.set_batch_size(std::uint64_t{1} << (i - 1));
    set(s.by_rows[i], *batch.mutable_compute_infer());
  }
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<inference::ModelStatisticsRequest>(exchange, [&](const auto& request) {
    ModelServer& models = service.serving.models();
    inference::ModelStatisticsResponse answer;
    if (request.name().empty()) {
      for (const auto& version : models.versions()) add(*version, answer);
    } else {
      const auto found = models.find(request.name(), request.version());
      if (!found.ok()) return exchange->answer(grpc_failure(found.error()));
      add(**found, answer);
    }
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_model_statistics() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/ModelStatistics"},
                                "Counts and times of models.",
                                handle};
  return entry;
}

}  // namespace tenbin
