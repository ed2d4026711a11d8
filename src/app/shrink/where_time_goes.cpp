// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/where_time_goes.h"

#include <algorithm>

#include "app/profile/batch_run.h"
#include "app/profile/node_rows.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr int kRuns = 30;
constexpr double kNotable = 0.25;  // of a run

const char* kind_name(StepKind kind) {
  switch (kind) {
    case StepKind::kConversion: return "conversion";
    case StepKind::kPlain: return "plain";
    case StepKind::kCompiled: break;
  }
  return "compiled";
}

const StepShare* heaviest(const WhereTimeGoes& where, const std::string& kind) {
  const StepShare* out = nullptr;
  for (const StepShare& step : where.steps) {
    if (!kind.empty() && step.kind != kind) continue;
    if (out == nullptr || step.time > out->time) out = &step;
  }
  return out;
}

std::string percent(double share) { return to_text(100 * share, 2) + " %"; }

}  // namespace

Result<WhereTimeGoes> watch_time(Session& session, std::span<const Tensor> inputs, Clock& clock) {
  WhereTimeGoes out;
  StepTimes times(clock);
  std::vector<Duration> runs;
  for (int i = 0; i < kRuns; ++i) {
    const Duration began = clock.steady_now();
    const auto ran = session.run(inputs, times);
    if (!ran.ok() && ran.error().code() == ErrorCode::kMissingCapability) {
      out.no_steps = ran.error().message();
      return out;
    }
    TENBIN_CHECK(ran);
    runs.push_back(clock.steady_now() - began);
    times.end_run();
  }
  out.run = spread_of(runs).median;
  const double whole = std::max(in_seconds(out.run), 1e-12);
  double inside = 0;
  for (const StepTimes::Slot& slot : times.slots()) {
    if (slot.runs.empty()) continue;
    StepShare step;
    for (const std::string& result : slot.results) {
      step.results += (step.results.empty() ? "" : " + ") + result;
    }
    step.kernel = slot.kernel;
    step.kind = kind_name(slot.kind);
    step.time = spread_of(slot.runs).median;
    step.share = in_seconds(step.time) / whole;
    inside += step.share;
    if (slot.kind == StepKind::kConversion) out.conversion += step.share;
    if (slot.kind == StepKind::kPlain) out.plain += step.share;
    out.steps.push_back(std::move(step));
  }
  out.between = std::max(0.0, 1 - inside);
  return out;
}

std::string dominant_cause(const WhereTimeGoes& where) {
  if (!where.no_steps.empty()) return where.no_steps;
  const double most = std::max({where.conversion, where.plain, where.between});
  if (most >= kNotable && most == where.conversion) {
    return percent(where.conversion) +
           " of its time is conversion between layouts and types, most "
           "of it before '" +
           heaviest(where, "conversion")->results + "'";
  }
  if (most >= kNotable && most == where.plain) {
    return percent(where.plain) +
           " of its time is in plain loops without a compiled kernel, most "
           "of it for '" +
           heaviest(where, "plain")->results + "'";
  }
  if (most >= kNotable) {
    return percent(where.between) +
           " of its time is between steps: calls and copies, which no smaller network saves";
  }
  const StepShare* step = heaviest(where, "");
  if (step == nullptr) return "the engine told no steps";
  return percent(step->share) + " of its time is at '" + step->results + "' (" + step->kernel + ")";
}

Json to_json(const WhereTimeGoes& where) {
  Json steps = Json::array();
  for (const StepShare& step : where.steps) {
    steps.push(Json::object({{"results", step.results},
                             {"kernel", step.kernel},
                             {"kind", step.kind},
                             {"seconds", in_seconds(step.time)},
                             {"share", step.share}}));
  }
  Json out = Json::object({{"run_seconds", in_seconds(where.run)},
                           {"conversion_share", where.conversion},
                           {"plain_share", where.plain},
                           {"between_share", where.between},
                           {"steps", std::move(steps)}});
  if (!where.no_steps.empty()) out.set("no_steps", where.no_steps);
  return out;
}

}  // namespace tenbin
