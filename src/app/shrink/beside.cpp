// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/beside.h"

#include "base/limits.h"
#include "engine/onnxruntime/ort_session.h"
#include "graph/onnx.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr int kPairs = 31;
constexpr int kBesidePairs = 15;

}  // namespace

Promise promise_of(const ShrinkOptions& options, const Limits& goals, int threads) {
  Promise out;
  out.goal = options.goal;
  out.max_drop = options.max_drop.value;
  out.limits = goals;
  out.plan.batch = options.batch;
  out.plan.threads = threads;
  out.plan.pairs = kPairs;
  return out;
}

Result<Beside> measure_beside(const BesideFiles& of, const ShrinkRows& rows, FileSystem& files,
                              Meter& meter, Clock& clock,
                              const std::function<Status()>& may_go_on) {
  Beside out;
  out.engine = "onnxruntime";
  const auto version = onnxruntime_version();
  if (!version.ok()) {
    out.reason = version.error().message();
    return out;
  }
  out.version = *version;
  const auto work = [&]() -> Status {
    TENBIN_TRY(const std::string original, files.read_text(of.original, limits::kModelBytes));
    TENBIN_TRY(const auto there, create_onnxruntime_session(original, {of.threads}));
    TENBIN_TRY(const auto same, create_onnxruntime_session(of.shrunk, {of.threads}));
    TENBIN_TRY(const Model model, parse_onnx(std::as_bytes(std::span(of.shrunk))));
    TENBIN_TRY(const auto here, Session::create(model, {of.threads}));
    const StopQuestion question(may_go_on);
    TENBIN_TRY(const RowAnswers theirs, answer_rows(rows, rows.prove, *same, question));
    TENBIN_TRY(const RowAnswers ours, answer_rows(rows, rows.prove, *here, question));
    if (ours.classes) {
      out.equal_labels = compare_answers(rows, rows.prove, theirs, ours, 0.95).equal_labels;
    }
    PairPlan plan;
    plan.batch = of.batch;
    plan.threads = of.threads;
    plan.pairs = kBesidePairs;
    TENBIN_TRY(const PairSide here_side, proof_side(rows, *here, of.batch));
    for (auto& [session, to] :
         {std::pair(there.get(), &out.original), std::pair(same.get(), &out.shrunk)}) {
      TENBIN_TRY(const PairSide there_side, proof_side(rows, *session, of.batch));
      TENBIN_TRY(const PairRuns pairs,
                 run_pairs(there_side, here_side, plan, meter, clock, may_go_on));
      *to = pairs.faster;
    }
    return {};
  };
  if (const Status worked = work(); !worked.ok()) {
    const ErrorCode code = worked.error().code();
    if (code == ErrorCode::kInterrupted) return worked.error();
    out.reason = worked.error().message();
  }
  return out;
}

}  // namespace tenbin
