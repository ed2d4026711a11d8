// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/proof.h"

#include <algorithm>

namespace tenbin {
namespace {

constexpr std::size_t kInputs = 32;
// A smaller file may not be slower; as it does the same work, both are level but for noise.
constexpr double kLevel = 0.97;
constexpr double kLeastGain = 1.03;
constexpr double kForP99 = 2'500;  // runs

std::string points(double share) { return to_text(100 * share, 3) + " pt"; }

std::string interval_text(const Proven& p, const char* unit) {
  return to_text(p.value, 3) + unit + " (95 %: " + to_text(p.low, 3) + " to " + to_text(p.high, 3) +
         ")";
}

double least_gain(const Promise& promise) { return promise.again ? 1 : kLeastGain; }

// Of what is not the goal: not shown to be level, or, measured again, shown to be worse.
bool may_be_worse(const Proven& times, const Promise& promise) {
  return promise.again ? times.high < 1 : times.low < kLevel;
}

}  // namespace

Result<PairSide> proof_side(const ShrinkRows& rows, Session& session, std::int64_t batch) {
  PairSide out{session, {}};
  const auto each = static_cast<std::size_t>(batch);
  const std::size_t runs = std::clamp<std::size_t>(rows.prove.size() / each, 1, kInputs);
  for (std::size_t i = 0; i < runs; ++i) {
    std::vector<std::int64_t> some;
    for (std::size_t k = 0; k < each; ++k) {
      some.push_back(rows.prove[(i * each + k) % rows.prove.size()]);
    }
    TENBIN_TRY(auto inputs, rows.rows.at(session.inputs(), some));
    out.inputs.push_back(std::move(inputs));
  }
  return out;
}

std::vector<std::string> broken_promises(const ShrinkProof& proof, const Promise& promise) {
  std::vector<std::string> out;
  const Proven& faster = proof.pairs.faster;
  const auto& joules = proof.pairs.fewer_joules;
  if (proof.answers.drop.high > promise.max_drop) {
    out.push_back(std::string(proof.answers.classes ? "accuracy" : "R2") + " may fall by up to " +
                  points(proof.answers.drop.high) + ", allowed are " + points(promise.max_drop) +
                  " (it fell by " + points(proof.answers.drop.value) + ")");
  }
  if (promise.goal == ShrinkGoal::kSize && proof.times_smaller < least_gain(promise)) {
    out.push_back("not smaller: " + to_text(proof.times_smaller, 3) + "x");
  }
  const bool wants_speed = promise.goal == ShrinkGoal::kLatency;
  if (wants_speed ? faster.low < least_gain(promise) : may_be_worse(faster, promise)) {
    out.push_back("not proven faster: " + interval_text(faster, "x as fast"));
  }
  const bool wants_joules = promise.goal == ShrinkGoal::kEnergy;
  if (wants_joules && !joules) {
    out.push_back("energy is not known here: " + proof.pairs.no_joules);
  }
  if (joules &&
      (wants_joules ? joules->low < least_gain(promise) : may_be_worse(*joules, promise))) {
    out.push_back("not proven frugal: " + interval_text(*joules, "x fewer joules"));
  }
  for (const LimitCheck& check : proof.limits) {
    if (!check.holds) out.push_back(check.reason);
  }
  return out;
}

Result<ShrinkProof> prove(const ProofPair& pair, const ShrinkRows& rows, const Promise& promise,
                          Meter& meter, Clock& clock, const std::function<Status()>& may_go_on) {
  ShrinkProof out;
  TENBIN_TRY(const RowAnswers answers,
             answer_rows(rows, rows.prove, pair.wide != nullptr ? *pair.wide : pair.candidate,
                         StopQuestion(may_go_on)));
  out.answers =
      compare_answers(rows, rows.prove, pair.original_answers, answers, promise.confidence);
  PairPlan plan = promise.plan;
  if (promise.limits.p99) plan.runs = std::max(plan.runs, static_cast<int>(kForP99 / plan.pairs));
  TENBIN_TRY(const PairSide original, proof_side(rows, pair.original, plan.batch));
  TENBIN_TRY(const PairSide candidate, proof_side(rows, pair.candidate, plan.batch));
  TENBIN_TRY(out.pairs, run_pairs(original, candidate, plan, meter, clock, may_go_on));
  out.times_smaller = static_cast<double>(pair.original_size.count) /
                      static_cast<double>(pair.candidate_size.count);
  out.p50 = quantile_of_runs(out.pairs.candidate_runs, 0.5);
  out.p99 = quantile_of_runs(out.pairs.candidate_runs, 0.99);
  Limits goals = promise.limits;
  goals.time.reset();
  goals.energy.reset();
  goals.money.reset();
  goals.carbon.reset();
  Reached reached;
  if (out.p50) reached.p50 = seconds(*out.p50);
  if (out.p99) reached.p99 = seconds(*out.p99);
  reached.size = pair.candidate_size;
  reached.score = out.answers.candidate_score;
  if (!out.pairs.candidate_joules.empty()) {
    double sum = 0;
    for (const double j : out.pairs.candidate_joules) sum += j;
    const double rows_run =
        static_cast<double>(out.pairs.candidate_joules.size()) * static_cast<double>(plan.batch);
    reached.energy_per_1000 = joules(1000 * sum / rows_run);
  }
  out.limits = check_limits(goals, reached);
  out.failures = broken_promises(out, promise);
  return out;
}

}  // namespace tenbin
