// SPDX-License-Identifier: Apache-2.0
#include "http/serve_metrics.h"

#include <functional>
#include <set>

#include "app/serve/serving.h"
#include "serve/shadow.h"

namespace tenbin {
namespace {

using Labels = MetricsText::Labels;
using Version = std::shared_ptr<ServedVersion>;
using Versions = std::vector<Version>;

Labels labels_of(const ServedVersion& version) {
  return {{"model", version.model}, {"version", version.version}};
}
Labels with(Labels labels, std::string_view name, std::string value) {
  labels.emplace_back(name, std::move(value));
  return labels;
}

void add_requests(const Versions& versions, MetricsText& out) {
  out.family("tenbin_requests_total", "counter", "", "Requests answered, by outcome.");
  for (const Version& v : versions) {
    out.sample(with(labels_of(*v), "code", "ok"), v->stats().success.count.load());
    out.sample(with(labels_of(*v), "code", "error"), v->stats().fail.count.load());
  }
  out.family("tenbin_requests_rejected_total", "counter", "",
             "Requests refused before they were computed, by reason.");
  for (const Version& v : versions) {
    const ServeStats& s = v->stats();
    const Labels labels = labels_of(*v);
    out.sample(with(labels, "reason", "deadline"), s.rejected_deadline.load());
    out.sample(with(labels, "reason", "throttle"), s.rejected_throttle.load());
    out.sample(with(labels, "reason", "overload"), s.rejected_overload.load());
    out.sample(with(labels, "reason", "power"), s.rejected_power.load());
  }
  out.family("tenbin_requests_cancelled_total", "counter", "",
             "Requests whose client left before they were computed.");
  for (const Version& v : versions) out.sample(labels_of(*v), v->stats().cancelled.load());
  out.family("tenbin_model_failures_total", "counter", "",
             "Requests that the model could not compute, and answers that were not finite.");
  for (const Version& v : versions) {
    out.sample(with(labels_of(*v), "kind", "error"), v->stats().run_failed.load());
    out.sample(with(labels_of(*v), "kind", "not_finite"), v->stats().not_finite.load());
  }
  out.family("tenbin_inferences_total", "counter", "", "Rows answered.");
  for (const Version& v : versions) out.sample(labels_of(*v), v->stats().rows.load());
  out.family("tenbin_batches_total", "counter", "", "Batches computed.");
  for (const Version& v : versions) out.sample(labels_of(*v), v->stats().runs.load());
}

void add_times(const Versions& versions, MetricsText& out) {
  struct Family {
    const char* name;
    const char* help;
    ServeHistogram ServeStats::*histogram;
  };
  static constexpr Family kFamilies[] = {
      {"tenbin_request_duration_seconds", "From a request's arrival to its answer.",
       &ServeStats::request_time},
      {"tenbin_queue_duration_seconds", "Waiting for its batch.", &ServeStats::queue_time},
      {"tenbin_compute_duration_seconds", "Its batch.", &ServeStats::compute_time}};
  for (const Family& family : kFamilies) {
    out.family(family.name, "histogram", "seconds", family.help);
    for (const Version& v : versions) out.histogram(labels_of(*v), v->stats().*family.histogram);
  }
  out.family("tenbin_batch_rows", "histogram", "", "Rows of a batch.");
  for (const Version& v : versions) out.histogram(labels_of(*v), v->stats().batch_rows);
  out.family("tenbin_queue_depth", "gauge", "", "Requests that wait for their turn.");
  for (const Version& v : versions) {
    out.sample({{"model", v->model}, {"version", v->version}}, v->stats().waiting.load());
  }
  out.family("tenbin_requests_in_flight", "gauge", "", "Requests taken and not answered yet.");
  for (const Version& v : versions) out.sample(labels_of(*v), v->stats().under_way.load());
}

void add_replicas(const Versions& versions, MetricsText& out) {
  const auto each = [&](const std::function<std::int64_t(const ReplicaSet&)>& value) {
    for (const Version& v : versions) {
      for (const ServedVariant& variant : v->variants) {
        if (variant.replicas == nullptr) continue;
        out.sample(with(labels_of(*v), "variant", variant.name), value(*variant.replicas));
      }
    }
  };
  out.family("tenbin_replicas", "gauge", "", "Worker processes that are ready.");
  each([](const ReplicaSet& set) { return std::int64_t{set.ready_count()}; });
  out.family("tenbin_replicas_wanted", "gauge", "", "Worker processes that the load needs.");
  each([](const ReplicaSet& set) { return std::int64_t{set.wanted()}; });
  out.family("tenbin_worker_restarts_total", "counter", "", "Workers that crashed or hung.");
  each([](const ReplicaSet& set) { return set.restarts(); });
}

void add_rollouts(const ModelServer& models, MetricsText& out) {
  std::set<std::string> names;
  for (const ServedEntry& entry : models.index()) names.insert(entry.model);
  std::vector<RolloutView> views;
  for (const std::string& name : names) {
    if (auto view = models.rollout(name); view.ok()) views.push_back(std::move(*view));
  }
  out.family("tenbin_rollout_share_ratio", "gauge", "ratio",
             "Share of a model's requests that a version answers, or computes as a shadow.");
  for (const RolloutView& v : views) {
    const auto share = [&](const char* role, const std::string& version, double value) {
      out.sample({{"model", v.model}, {"version", version}, {"role", role}}, value);
    };
    share("stable", v.stable, v.canary ? 1 - v.canary->share : 1);
    if (v.canary) share("canary", v.canary->version, v.canary->share);
    if (v.shadow) share("shadow", v.shadow->version, v.shadow->share);
  }
  std::erase_if(views, [](const RolloutView& v) { return !v.shadow || !v.shadow_stats; });
  struct Family {
    const char* name;
    const char* help;
    std::atomic<std::int64_t> ShadowStats::*count;
  };
  static constexpr Family kFamilies[] = {
      {"tenbin_shadow_compared_total", "Requests whose two answers were compared.",
       &ShadowStats::compared},
      {"tenbin_shadow_labelled_rows_total", "Rows of them that have a label.", &ShadowStats::rows},
      {"tenbin_shadow_same_label_total", "Rows whose labels agree.", &ShadowStats::same_label},
      {"tenbin_shadow_failures_total", "Requests that the shadow alone could not compute.",
       &ShadowStats::failed}};
  for (const Family& family : kFamilies) {
    out.family(family.name, "counter", "", family.help);
    for (const RolloutView& v : views) {
      out.sample({{"model", v.model}, {"version", v.shadow->version}},
                 ((*v.shadow_stats).*family.count).load());
    }
  }
}

void add_models(Serving& serving, const Versions& versions, MetricsText& out) {
  const ModelServer& models = serving.models();
  out.family("tenbin_model_ready", "gauge", "", "1 if the version answers, asleep or awake.");
  for (const ServedEntry& entry : models.index()) {
    out.sample({{"model", entry.model}, {"version", entry.version}},
               std::int64_t{state_name(entry.state) == "READY" ? 1 : 0});
  }
  out.family("tenbin_model_loaded", "gauge", "", "1 if the version is in memory.");
  for (const Version& v : versions) out.sample(labels_of(*v), std::int64_t{v->asleep() ? 0 : 1});
  out.family("tenbin_model_info", "gauge", "", "Variants of a version, 1 each.");
  for (const Version& v : versions) {
    for (const ServedVariant& variant : v->variants) {
      Labels labels = with(labels_of(*v), "variant", variant.name);
      labels.emplace_back("engine", variant.engine);
      labels.emplace_back("sha256", variant.digest);
      out.sample(labels, std::int64_t{1});
    }
  }
  out.family("tenbin_variant_requests_total", "counter", "", "Requests answered by each variant.");
  for (const Version& v : versions) {
    for (std::size_t i = 0; i < v->variants.size() && i < ServeStats::kVariants; ++i) {
      out.sample(with(labels_of(*v), "variant", v->variants[i].name),
                 v->stats().by_variant[i].load());
    }
  }
  add_replicas(versions, out);
  add_rollouts(models, out);
  out.family("tenbin_model_wake_duration_seconds", "histogram", "seconds",
             "From the first request of a model that sleeps until it is loaded.");
  out.histogram({}, models.wake_times());
}

void add_energy(Serving& serving, const Versions& versions, MetricsText& out) {
  const ServingEnergy e = serving.energy();
  const std::string provenance(provenance_name(e.provenance));
  const Labels source = {{"source", e.source}, {"provenance", provenance}};
  out.family("tenbin_energy_joules_total", "counter", "joules", "Energy of the server.");
  out.sample(source, in_joules(e.total));
  out.family("tenbin_account_energy_joules_total", "counter", "joules",
             "The same by account; the accounts sum to it.");
  const auto account = [&](const char* name, Energy energy) {
    out.sample({{"account", name}, {"provenance", provenance}}, in_joules(energy));
  };
  account("request", e.requests);
  account("padding", e.padding);
  account("overhead", e.overhead);
  account("idle", e.idle);
  out.family("tenbin_model_energy_joules_total", "counter", "joules",
             "Energy of the requests of a version.");
  for (const Version& v : versions) {
    out.sample(with(labels_of(*v), "provenance", provenance),
               in_joules(Energy{v->stats().request_energy.load()}));
  }
  out.family("tenbin_energy_relative_error_ratio", "gauge", "ratio",
             "Half of the 95 % interval, relative to the value.");
  out.sample(source, e.relative_error);
  out.family("tenbin_cost_total", "counter", "",
             "Money for that energy, or for the rented machine.");
  out.sample({{"currency", std::string(e.currency.text())}}, e.cost);
  out.family("tenbin_carbon_grams_total", "counter", "grams", "CO2 equivalent of that energy.");
  out.sample({{"part", "operational"}, {"provenance", provenance}}, e.carbon_grams);
}

// Triton's names, for dashboards that know them. Their own rules: microseconds, no _total.
void add_triton(const Versions& versions, MetricsText& out) {
  using Value = std::function<std::int64_t(const ServeStats&)>;
  const auto all = [&](const char* name, const char* type, const char* help, const Value& value) {
    out.family(name, type, "", help);
    for (const Version& v : versions) {
      const std::string version = v->version.empty() ? "1" : v->version;
      out.sample({{"model", v->model}, {"version", version}}, value(v->stats()));
    }
  };
  const auto us = [](const TimedCount& t) { return t.ns.load() / 1000; };
  all("nv_inference_request_success", "counter", "Successful requests.",
      [](const ServeStats& s) { return s.success.count.load(); });
  all("nv_inference_request_failure", "counter", "Failed requests.",
      [](const ServeStats& s) { return s.fail.count.load(); });
  all("nv_inference_count", "counter", "Inferences.",
      [](const ServeStats& s) { return s.rows.load(); });
  all("nv_inference_exec_count", "counter", "Batches.",
      [](const ServeStats& s) { return s.runs.load(); });
  all("nv_inference_pending_request_count", "gauge", "Requests that wait.",
      [](const ServeStats& s) { return s.waiting.load(); });
  all("nv_inference_request_duration_us", "counter", "Time of requests.",
      [&](const ServeStats& s) { return us(s.success); });
  all("nv_inference_queue_duration_us", "counter", "Time in the queue.",
      [&](const ServeStats& s) { return us(s.queue); });
  all("nv_inference_compute_input_duration_us", "counter", "Time of gathering inputs.",
      [&](const ServeStats& s) { return us(s.compute_input); });
  all("nv_inference_compute_infer_duration_us", "counter", "Time of computing.",
      [&](const ServeStats& s) { return us(s.compute_infer); });
  all("nv_inference_compute_output_duration_us", "counter", "Time of handing out outputs.",
      [&](const ServeStats& s) { return us(s.compute_output); });
}

}  // namespace

std::string serve_metrics(Serving& serving, MetricsText::Format format) {
  MetricsText out(format);
  const Versions versions = serving.models().versions();
  add_requests(versions, out);
  add_times(versions, out);
  add_models(serving, versions, out);
  add_energy(serving, versions, out);
  out.family("tenbin_build_info", "gauge", "", "The program, 1.");
  out.sample({{"version", TENBIN_VERSION}}, std::int64_t{1});
  if (serving.options().metrics_triton) add_triton(versions, out);
  return out.finish();
}

}  // namespace tenbin
