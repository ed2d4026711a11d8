// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/document.h"

#include <cmath>

namespace tenbin {
namespace {

std::string times(const Proven& p) {
  return to_text(p.value, 3) + "x (95 %: " + to_text(p.low, 3) + " to " + to_text(p.high, 3) + ")";
}

// A drop as a change: "-0.30 pt (-0.70 to +0.10)".
std::string change_text(const Proven& drop) {
  const auto signed_points = [](double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%+.2f", share == 0 ? 0.0 : 100 * share);
    return std::string(text);
  };
  return signed_points(-drop.value) + " pt (" + signed_points(-drop.high) + " to " +
         signed_points(-drop.low) + ")";
}

Json numbers(const std::vector<double>& values) { return Json::array_of(values); }

Json model_json(const WeighedModel& model) {
  return Json::object({{"size_bytes", model.size.count},
                       {"macs", model.macs},
                       {"parameters", model.parameters},
                       {"sha256", model.sha256}});
}

Json comparison_json(const Comparison& c) {
  Json out = Json::object({{"score", c.candidate_score},
                           {"original_score", c.original_score},
                           {"drop", to_json(c.drop)}});
  if (!c.classes) return out;
  out.set("rows", c.answers.rows)
      .set("only_original_right", c.answers.only_original_right)
      .set("only_candidate_right", c.answers.only_candidate_right)
      .set("equal_labels", c.equal_labels);
  return out;
}

Json recipe_json(const ShrinkRecipe& r) {
  Json out = Json::object({{"work_kept", r.work_kept}, {"int8", r.int8}});
  if (r.int8) {
    out.set("ranges", r.ranges)
        .set("repaired", r.repaired)
        .set("error_allowed", r.error_allowed)
        .set("rounded", r.rounded)
        .set("rounding_learned", r.rounding_learned)
        .set("where_faster", r.where_faster)
        .set("trained", r.trained);
  }
  if (r.weight_bits > 0) {
    out.set("weight_bits", r.weight_bits).set("weight_group", r.weight_group);
    if (r.rounding_learned) out.set("rounding_learned", true);
  }
  if (r.dynamic) out.set("dynamic", true);
  if (r.factors()) out.set("rank_kept", r.rank_kept);
  if (r.cuts_trees()) out.set("nodes_kept", r.nodes_kept).set("tree_cut", r.tree_cut);
  return out;
}

Json attempt_json(const Attempt& a, bool shipped) {
  Json out = Json::object({{"name", a.trial.recipe.name()},
                           {"recipe", recipe_json(a.trial.recipe)},
                           {"shipped", shipped},
                           {"took_seconds", in_seconds(a.took)},
                           {"took_joules", to_json(a.energy)}});
  if (!a.failed.empty()) return std::move(out.set("failed", a.failed));
  out.set("model", model_json(a.model))
      .set("seconds", a.seconds)
      .set("original_seconds", a.original_seconds)
      .set("times_faster", a.trial.times_faster)
      .set("times_smaller", a.trial.times_smaller)
      .set("times_fewer_joules", a.trial.times_fewer_joules)
      .set("choose", comparison_json(a.choose))
      .set("notes", Json::array_of(a.notes));
  if (!a.why_not.empty()) out.set("why_not", a.why_not);
  if (a.proof) out.set("proof", to_json(*a.proof));
  return out;
}

Json stages_json(const RunTotals& totals) {
  Json out = Json::array();
  for (const StageTotals& stage : totals.stages) {
    out.push(Json::object({{"name", stage.name},
                           {"seconds", in_seconds(stage.end - stage.begin)},
                           {"energy", to_json(stage.energy)}}));
  }
  return out;
}

Json beside_json(const Beside& b) {
  Json out = Json::object({{"engine", b.engine}, {"version", b.version}});
  if (b.original) out.set("times_faster_than_original_there", to_json(*b.original));
  if (b.shrunk) out.set("times_faster_than_same_file_there", to_json(*b.shrunk));
  if (b.equal_labels) out.set("equal_labels", *b.equal_labels);
  if (!b.reason.empty()) out.set("reason", b.reason);
  return out;
}

// What stood in the way of the attempt that came nearest.
std::string nearest_reason(const ShrinkFacts& facts) {
  const Attempt* best = nullptr;
  for (const Attempt& a : facts.attempts) {
    if (!a.failed.empty() || a.why_not.empty()) continue;
    if (best == nullptr || (a.proof && !best->proof) ||
        (a.proof.has_value() == best->proof.has_value() &&
         gain_of(a.trial, facts.options->goal) > gain_of(best->trial, facts.options->goal))) {
      best = &a;
    }
  }
  if (best == nullptr) return "nothing could be tried";
  return best->trial.recipe.name() + ": " + best->why_not;
}

}  // namespace

Json to_json(const Proven& p) {
  return Json::object({{"value", p.value}, {"low", p.low}, {"high", p.high}});
}

Json to_json(const ShrinkProof& proof) {
  Json out = Json::object({{"holds", proof.holds()},
                           {"answers", comparison_json(proof.answers)},
                           {"times_faster", to_json(proof.pairs.faster)},
                           {"times_smaller", proof.times_smaller},
                           {"batch", proof.pairs.plan.batch},
                           {"threads", proof.pairs.plan.threads},
                           {"pairs", proof.pairs.plan.pairs}});
  if (proof.pairs.fewer_joules) {
    out.set("times_fewer_joules", to_json(*proof.pairs.fewer_joules));
  } else {
    out.set("times_fewer_joules", nullptr).set("joules_reason", proof.pairs.no_joules);
  }
  if (proof.p50) out.set("p50", *proof.p50);
  if (proof.p99) out.set("p99", *proof.p99);
  Json limits = Json::array();
  for (const LimitCheck& check : proof.limits) limits.push(to_json(check));
  out.set("limits", std::move(limits)).set("failures", Json::array_of(proof.failures));
  out.set("samples", Json::object({{"original_seconds", numbers(proof.pairs.original_seconds)},
                                   {"candidate_seconds", numbers(proof.pairs.candidate_seconds)},
                                   {"original_joules", numbers(proof.pairs.original_joules)},
                                   {"candidate_joules", numbers(proof.pairs.candidate_joules)}}));
  return out;
}

std::string shrink_verdict(const ShrinkFacts& facts) {
  if (!facts.shipped) return "nothing here beats what you have: " + facts.reason;
  const Attempt& a = facts.attempts[*facts.shipped];
  const ShrinkProof& proof = *a.proof;
  std::string out =
      times(proof.pairs.faster) + " faster, " + to_text(proof.times_smaller, 3) + "x smaller, ";
  if (proof.pairs.fewer_joules) {
    out += times(*proof.pairs.fewer_joules) + " fewer joules per prediction, ";
  }
  const std::string what = !facts.classes ? "R2 " : facts.labelled ? "accuracy " : "equal labels ";
  return out + what + change_text(proof.answers.drop);
}

Json shrink_document(const ShrinkFacts& facts) {
  const ShrinkOptions& o = *facts.options;
  Json attempts = Json::array();
  for (std::size_t i = 0; i < facts.attempts.size(); ++i) {
    attempts.push(attempt_json(facts.attempts[i], facts.shipped == i));
  }
  Json out = Json::object({{"schema", "tenbin.shrink/1"},
                           {"verdict", shrink_verdict(facts)},
                           {"outcome", facts.outcome},
                           {"reason", facts.reason},
                           {"exit_code", facts.exit_code},
                           {"run", facts.totals.id},
                           {"measured", facts.measured}});
  out.set("model", Json::object({{"path", o.model}, {"of", model_json(facts.original)}}));
  out.set("data", Json::object({{"path", o.data}, {"target", o.target}, {"rows", facts.rows_why}}));
  out.set("promise", Json::object({{"goal", OptionText<ShrinkGoal>::print(o.goal)},
                                   {"max_drop", o.max_drop.value},
                                   {"confidence", facts.confidence},
                                   {"limits", Json::array_of(o.limit)},
                                   {"batch", o.batch},
                                   {"threads", o.threads},
                                   {"seed", o.seed}}));
  out.set("original", Json::object({{"engine", facts.original_engine},
                                    {"engine_why", facts.original_why},
                                    {"score", facts.original_score},
                                    {"score_name", facts.classes ? "accuracy" : "r2"},
                                    {"labelled", facts.labelled}}));
  out.set("attempts", std::move(attempts)).set("search_ended", facts.stopped);
  if (facts.before) out.set("time_before", to_json(*facts.before));
  if (facts.after) out.set("time_after", to_json(*facts.after));
  out.set("beside", beside_json(facts.beside));
  out.set("notes", Json::array_of(facts.notes));
  out.set("stages", stages_json(facts.totals));
  out.set("total", Json::object({{"seconds", in_seconds(facts.totals.time)},
                                 {"energy", to_json(facts.totals.energy)},
                                 {"money", to_json(facts.totals.money)}}));
  out.set("how",
          Json::object(
              {{"cpu", facts.cpu}, {"meter", facts.meter}, {"version", facts.engine_version}}));
  Json files = Json::object({{"report", o.output + "/report.html"},
                             {"result", o.output + "/result.json"},
                             {"original", o.output + "/original.onnx"}});
  if (facts.shipped) files.set("model", o.output + "/model.onnx");
  out.set("files", std::move(files));
  if (!facts.shipped) out.set("nearest", nearest_reason(facts));
  return out;
}

}  // namespace tenbin
