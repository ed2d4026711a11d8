// SPDX-License-Identifier: Apache-2.0
#include "app/load/bench.h"

#include <algorithm>
#include <optional>

#include "app/load/bench_request.h"
#include "app/load/bench_steps.h"
#include "app/load/server_ask.h"
#include "meter/activity.h"
#include "plan/arrivals.h"
#include "plan/serve_limits.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/net/listening_process.h"

namespace tenbin {
namespace {

// The server's process, as a modelled source of energy sees it.
class ServerActivity final : public ActivityProbe {
 public:
  explicit ServerActivity(int pid) : pid_(pid) {}
  Activity read() override {
    if (const auto use = use_of_process(pid_)) last_ = {use->cpu, use->memory};
    return last_;
  }

 private:
  int pid_;
  Activity last_;
};

Json quantile_json(std::span<const Duration> sorted, double q) {
  const QuantileEstimate at = quantile_of(sorted, q);
  const auto bound = [](const std::optional<Duration>& side) {
    return side ? Json(in_seconds(*side)) : Json(nullptr);
  };
  Json out = Json::object(
      {{"seconds", in_seconds(at.value)}, {"low", bound(at.low)}, {"high", bound(at.high)}});
  if (!at.low || !at.high) {
    out.set("why", "so few answers do not bound it " + std::string(at.low    ? "above"
                                                                   : at.high ? "below"
                                                                             : "on either side"));
  }
  return out;
}

Json latency_json(std::vector<Duration> latencies) {
  std::sort(latencies.begin(), latencies.end());
  if (latencies.empty()) return nullptr;
  Duration sum{};
  for (const Duration latency : latencies) sum += latency;
  Json out = Json::object({{"count", static_cast<std::int64_t>(latencies.size())},
                           {"mean", in_seconds(sum) / static_cast<double>(latencies.size())},
                           {"min", in_seconds(latencies.front())},
                           {"max", in_seconds(latencies.back())}});
  struct Named {
    const char* name;
    double q;
  };
  for (const auto& [name, q] : {Named{"p50", 0.5}, Named{"p90", 0.9}, Named{"p95", 0.95},
                                Named{"p99", 0.99}, Named{"p99_9", 0.999}}) {
    out.set(name, quantile_json(latencies, q));
  }
  return out;
}

// What the server's side used in a step.
struct ServerSide {
  std::optional<int> pid;
  std::unique_ptr<Meter> meter;
};

Json server_json(const ServerSide& side, const std::optional<ProcessUse>& before, Duration begin,
                 std::int64_t answered, Duration took) {
  if (!side.pid || !before) {
    return Json::object(
        {{"cpu_seconds", nullptr},
         {"why", "no process of this machine listens there that we may look into"}});
  }
  const auto after = use_of_process(*side.pid);
  if (!after) return Json::object({{"cpu_seconds", nullptr}, {"why", "the server has ended"}});
  const double cpu = in_seconds(after->cpu - before->cpu);
  Json out = Json::object({{"pid", *side.pid},
                           {"cpu_seconds", cpu},
                           {"cores", took > Duration::zero() ? cpu / in_seconds(took) : 0},
                           {"memory_bytes", after->memory}});
  const Duration end = side.meter->sample();
  const EnergyEstimate energy = side.meter->between(begin, end);
  const double per_1000 = answered > 0 ? 1000.0 / static_cast<double>(answered) : 0;
  if (answered > 0 && energy.value) {
    out.set("joules_per_1000",
            Json::object({{"value", in_joules(*energy.value) * per_1000},
                          {"low", in_joules(energy.lo) * per_1000},
                          {"high", in_joules(energy.hi) * per_1000},
                          {"provenance", std::string(provenance_name(energy.provenance))},
                          {"source", energy.source}}));
  }
  return out;
}

class Bench {
 public:
  Bench(const BenchOptions& options, FileSystem& files, Clock& clock, const MachineFacts& machine,
        const LoadStop& stop, const std::function<void(const std::string&)>& tell)
      : options_(options),
        files_(files),
        clock_(clock),
        machine_(machine),
        stop_(stop),
        tell_(tell) {}

  Result<Json> run() {
    TENBIN_TRY(target_.address, parse_url(options_.url, options_.tls_trust));
    TENBIN_TRY(limits_, parse_serve_limits(options_.slo, {}, ""));
    TENBIN_TRY(const std::vector<BenchStep> steps, bench_steps(options_, files_));
    TENBIN_TRY(subject_, find_subject(options_, target_.address, files_));
    target_.requests = subject_.requests;
    target_.most_connections = options_.connections;
    TENBIN_TRY(target_.address, answering_address(target_.address));
    TENBIN_CHECK(look_at_server());
    if (options_.warmup > Duration::zero()) {
      tell_("warming up for " + to_text(options_.warmup));
      TENBIN_CHECK(run_closed_loop(target_, 1, options_.warmup, clock_, stop_));
    }
    Json list = Json::array();
    for (const BenchStep& step : steps) {
      tell_(step.label);
      TENBIN_TRY(Json line, run_step(step));
      list.push(std::move(line));
    }
    return document(std::move(list));
  }

 private:
  Status look_at_server() {
    if (options_.server_pid > 0) {
      side_.pid = options_.server_pid;
      if (!use_of_process(*side_.pid)) {
        return Error(ErrorCode::kBadValue,
                     "found " + std::to_string(*side_.pid) + ", expected a running process",
                     "--server-pid", "leave it out to find the one that listens");
      }
    } else if (is_loopback(target_.address.host)) {
      side_.pid = process_listening_at(target_.address.port);
    }
    if (!side_.pid) return {};
    TENBIN_TRY(side_.meter, Meter::open(options_.meter, files_, clock_, machine_,
                                        std::make_unique<ServerActivity>(*side_.pid)));
    return side_.meter->start();
  }

  Result<Json> run_step(const BenchStep& step) {
    const auto before = side_.pid ? use_of_process(*side_.pid) : std::nullopt;
    const Duration begin = side_.meter ? side_.meter->sample() : clock_.steady_now();
    const Duration cpu = clock_.process_cpu();
    TENBIN_TRY(LoadSamples samples,
               step.concurrency > 0
                   ? run_closed_loop(target_, step.concurrency, options_.duration, clock_, stop_)
                   : run_open_loop(target_, step.arrivals, options_.patience, clock_, stop_));
    const double own_cpu = in_seconds(clock_.process_cpu() - cpu);
    const auto answered = static_cast<std::int64_t>(samples.latencies.size());
    const double took = std::max(in_seconds(samples.took), 1e-9);
    Json out = Json::object({{"label", step.label}});
    if (step.concurrency > 0) out.set("concurrency", step.concurrency);
    if (!step.arrivals.empty()) {
      const double span = std::max(in_seconds(step.arrivals.back()), 1e-9);
      out.set("offered_rate",
              step.rate ? *step.rate : static_cast<double>(step.arrivals.size()) / span);
      out.set("latest_seconds", in_seconds(samples.latest));
      out.set("unsent", samples.unsent);
      out.set("queued", samples.queued);
    }
    out.set("sent", samples.sent);
    out.set("answered", answered);
    out.set("unanswered", samples.unanswered);
    out.set("seconds", took);
    out.set("rate", static_cast<double>(answered) / took);
    out.set("connections", samples.connections);
    Json statuses = Json::object();
    for (const auto& [status, count] : samples.statuses) {
      statuses.set(status == 0 ? "no answer" : std::to_string(status), count);
    }
    out.set("statuses", std::move(statuses));
    add_slo(samples, took, out);
    out.set("client", Json::object({{"cpu_seconds", own_cpu}, {"cores", own_cpu / took}}));
    out.set("server", server_json(side_, before, begin, answered, samples.took));
    if (options_.samples) {
      Json raw = Json::array();
      for (const Duration latency : samples.latencies) raw.push(in_seconds(latency));
      out.set("samples", std::move(raw));
    }
    out.set("latency", latency_json(std::move(samples.latencies)));
    return out;
  }

  // Goodput: answers within the objective; every other request is a miss, refused or late.
  void add_slo(const LoadSamples& samples, double took, Json& out) const {
    if (!limits_.slo) return;
    const auto good = std::count_if(samples.latencies.begin(), samples.latencies.end(),
                                    [this](Duration latency) { return latency <= *limits_.slo; });
    const double all =
        static_cast<double>(std::max<std::int64_t>(samples.sent + samples.unsent, 1));
    out.set("slo", Json::object({{"quantile", limits_.slo_quantile},
                                 {"seconds", in_seconds(*limits_.slo)},
                                 {"goodput", static_cast<double>(good) / took},
                                 {"missed", 1 - static_cast<double>(good) / all}}));
  }

  Json request_json() const {
    Json out = Json::object({{"rows", options_.rows},
                             {"body_bytes", static_cast<std::int64_t>(subject_.body_bytes)},
                             {"different", static_cast<std::int64_t>(subject_.requests.size())},
                             {"form", options_.binary ? "binary" : "json"}});
    if (!options_.input.empty()) {
      out.set("rows", nullptr);
      out.set("why", "the body was given");
    }
    return out;
  }

  Json document(Json steps) const {
    return Json::object(
        {{"schema", "tenbin.bench/1"},
         {"url", options_.url},
         {"server", Json::object({{"name", subject_.server}, {"version", subject_.version}})},
         {"model", subject_.model},
         {"request", request_json()},
         {"arrivals", options_.arrivals},
         {"seed", options_.seed},
         {"steps", std::move(steps)},
         {"how",
          Json::object({{"host", machine_.host},
                        {"cpu", machine_.cpu_model},
                        {"threads", machine_.threads},
                        {"kernel", machine_.kernel},
                        {"version", TENBIN_VERSION},
                        {"measured", utc_text(clock_.wall_now_ns())},
                        {"meter", side_.meter ? side_.meter->describe()
                                              : "none: the server is not of this machine"}})}});
  }

  const BenchOptions& options_;
  FileSystem& files_;
  Clock& clock_;
  const MachineFacts& machine_;
  const LoadStop& stop_;
  const std::function<void(const std::string&)>& tell_;
  LoadTarget target_;
  ServeLimits limits_;
  BenchSubject subject_;
  ServerSide side_;
};

}  // namespace

Result<Json> run_bench(const BenchOptions& options, FileSystem& files, Clock& clock,
                       const MachineFacts& machine, const LoadStop& stop,
                       const std::function<void(const std::string&)>& tell) {
  return Bench(options, files, clock, machine, stop, tell).run();
}

}  // namespace tenbin
