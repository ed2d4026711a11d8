// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/trials.h"

#include <algorithm>
#include <utility>

#include "app/folder_run.h"
#include "app/shrink/pair_runs.h"
#include "app/shrink/shrink.h"
#include "graph/onnx.h"
#include "platform/clock.h"
#include "platform/digest.h"

namespace tenbin {
namespace {

constexpr int kQuickPairs = 9;
constexpr double kFaster = 1.02;  // less is not told from noise by so few pairs

}  // namespace

Result<std::unique_ptr<Trials>> Trials::open(const CandidateSource& source, FileSystem& files) {
  std::unique_ptr<Trials> out(new Trials(source));
  const ShrinkRows& rows = source.rows;
  const auto sample = [&](const Session& session) {
    const auto some = std::min(rows.prove.size(), static_cast<std::size_t>(source.options.batch));
    return rows.rows.at(session.inputs(), std::span(rows.prove).first(some));
  };
  const EngineRequest request{"auto", source.options.model, source.run.threads(),
                              Precision::kFloat32};
  TENBIN_TRY(out->original_, open_engine(request, source.model, sample, files, source.clock));
  // All rows are answered on all threads; what is measured runs on those asked for.
  std::unique_ptr<Session> wide;
  if (out->original_.name == "native" && out->all_threads() > source.run.threads()) {
    TENBIN_TRY(wide, Session::create(source.model, {out->all_threads()}));
  }
  Session& session = wide != nullptr ? *wide : *out->original_.session;
  TENBIN_TRY(out->choose_, answer_rows(rows, rows.choose, session, source.may_go_on));
  TENBIN_TRY(out->prove_, answer_rows(rows, rows.prove, session, source.may_go_on));
  return out;
}

Comparison Trials::itself() const {
  return compare_answers(source_.rows, source_.rows.prove, prove_, prove_, 0.95);
}

int Trials::all_threads() const {
  return std::max(source_.run.machine().threads, source_.run.threads());
}

Result<std::unique_ptr<Session>> Trials::session_of(const Attempt& attempt, int threads) const {
  TENBIN_TRY(const Model written, parse_onnx(std::as_bytes(std::span(attempt.bytes))));
  return Session::create(written, {threads});
}

Status Trials::make(Attempt& a, Candidates& candidates) {
  TENBIN_TRY(ShrunkModel made, candidates.make(a.trial.recipe));
  a.notes = made.notes;
  a.model.macs = made.macs;
  a.model.parameters = made.parameters;
  made.model.metadata["tenbin.shrink"] = a.trial.recipe.name();
  TENBIN_TRY(a.bytes, write_onnx(made.model));
  a.model.size = Bytes{static_cast<std::int64_t>(a.bytes.size())};
  a.model.sha256 = sha256_hex(a.bytes);
  return {};
}

// Size, answers on the rows to choose by, speed beside the original.
Status Trials::weigh(Attempt& a, Session& session, Bytes original_size) {
  const ShrinkRows& rows = source_.rows;
  TENBIN_TRY(const auto wide, session_of(a, all_threads()));
  TENBIN_TRY(const RowAnswers answers, answer_rows(rows, rows.choose, *wide, source_.may_go_on));
  a.choose = compare_answers(rows, rows.choose, choose_, answers, 0.95);
  a.trial.drop = a.choose.drop;
  const PairPlan plan{source_.options.batch, source_.run.threads(), kQuickPairs, 10ms, 10};
  TENBIN_TRY(const PairSide original, proof_side(rows, *original_.session, plan.batch));
  TENBIN_TRY(const PairSide side, proof_side(rows, session, plan.batch));
  TENBIN_TRY(const PairRuns pairs,
             run_pairs(original, side, plan, source_.run.meter(), source_.clock,
                       [this] { return source_.may_go_on(); }));
  a.trial.times_faster = pairs.faster.value;
  if (pairs.fewer_joules) a.trial.times_fewer_joules = pairs.fewer_joules->value;
  a.original_seconds = quantile_of_runs(pairs.original_runs, 0.5).value_or(0);
  a.seconds = quantile_of_runs(pairs.candidate_runs, 0.5).value_or(0);
  a.trial.times_smaller =
      static_cast<double>(original_size.count) / static_cast<double>(a.model.size.count);
  if (a.trial.times_faster < kFaster) {
    TENBIN_TRY(const WhereTimeGoes where, watch_time(session, side.inputs.front(), source_.clock));
    a.why_not = "not faster (" + to_text(a.trial.times_faster, 3) + "x): " + dominant_cause(where);
  }
  a.trial.ran = true;
  return {};
}

Result<Attempt> Trials::attempt(const ShrinkRecipe& recipe, Candidates& candidates,
                                Bytes original_size) {
  Attempt a;
  a.trial.recipe = recipe;
  Meter& meter = source_.run.meter();
  const Duration began = meter.sample();
  Status worked = make(a, candidates);
  if (worked.ok()) {
    auto session = session_of(a, source_.run.threads());
    worked = session.ok() ? weigh(a, **session, original_size) : Status(session.error());
  }
  const Duration ended = meter.sample();
  a.took = ended - began;
  a.energy = meter.between(began, ended);
  if (worked.ok()) return a;
  const ErrorCode code = worked.error().code();
  if (code == ErrorCode::kInterrupted || code == ErrorCode::kBudgetExceeded) return worked.error();
  a.failed = worked.error().message();
  a.why_not = a.failed;
  return a;
}

Result<ShrinkProof> Trials::prove(const Attempt& attempt, const Promise& promise,
                                  Bytes original_size) {
  TENBIN_TRY(const auto session, session_of(attempt, source_.run.threads()));
  TENBIN_TRY(const auto wide, session_of(attempt, all_threads()));
  const ProofPair pair{*original_.session, *session, original_size,
                       attempt.model.size, prove_,   wide.get()};
  return tenbin::prove(pair, source_.rows, promise, source_.run.meter(), source_.clock,
                       [this] { return source_.may_go_on(); });
}

Trials::Difference Trials::compare_time(const Attempt& attempt) {
  Difference out;
  const auto watch = [this](Session& session) -> std::optional<WhereTimeGoes> {
    const auto side = proof_side(source_.rows, session, source_.options.batch);
    if (!side.ok()) return std::nullopt;
    auto seen = watch_time(session, side->inputs.front(), source_.clock);
    return seen.ok() ? std::optional(std::move(*seen)) : std::nullopt;
  };
  out.before = watch(*original_.session);
  if (const auto session = session_of(attempt, source_.run.threads()); session.ok())
    out.after = watch(**session);
  return out;
}

}  // namespace tenbin
