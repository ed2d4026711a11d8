// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/shrink/pair_runs.h"
#include "app/shrink/row_answers.h"
#include "plan/limits.h"
#include "plan/shrink_plan.h"

namespace tenbin {

class Clock;
class Meter;

// What a smaller model promises, and is measured against again by --verify.
struct Promise {
  ShrinkGoal goal = ShrinkGoal::kLatency;
  double max_drop = 0.005;
  double confidence = 0.95;  // of the drop: higher when several results are put to the proof
  Limits limits;             // its goals
  PairPlan plan;
  // Measured again: what was shipped must still be better; to be shipped it must be so by three per
  // cent, or chance could take that away.
  bool again = false;
};

// One result put to the proof.
struct ShrinkProof {
  Comparison answers;
  PairRuns pairs;
  double times_smaller = 1;
  std::optional<double> p50, p99;  // of the candidate [s]
  std::vector<LimitCheck> limits;
  std::vector<std::string> failures;  // why it is not proven; empty: it is
  bool holds() const { return failures.empty(); }
};

// The two models of a proof.
struct ProofPair {
  Session& original;
  Session& candidate;
  Bytes original_size, candidate_size;
  const RowAnswers& original_answers;  // to rows.prove
  Session* wide = nullptr;             // the candidate on more threads, to answer all rows sooner
};

// Answers all rows kept for the proof and measures in pairs. Errors: those of the sessions and of
// `may_go_on`.
Result<ShrinkProof> prove(const ProofPair& pair, const ShrinkRows& rows, const Promise& promise,
                          Meter& meter, Clock& clock, const std::function<Status()>& may_go_on);

// A side with the inputs of up to 32 different runs of `batch` rows of those for the proof.
Result<PairSide> proof_side(const ShrinkRows& rows, Session& session, std::int64_t batch);

// Why a result breaks its promise; pure.
std::vector<std::string> broken_promises(const ShrinkProof& proof, const Promise& promise);

}  // namespace tenbin
