// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/engine_choice.h"
#include "app/shrink/candidates.h"
#include "app/shrink/document.h"
#include "app/shrink/row_answers.h"

namespace tenbin {

// The original on the scales: what candidates are weighed against. One thread.
class Trials {
 public:
  // Opens the original in the fastest engine and answers the rows to choose by and to prove on.
  // Errors: those of engines and of answer_rows. Borrowed: all of `source`, files.
  static Result<std::unique_ptr<Trials>> open(const CandidateSource& source, FileSystem& files);

  const ChosenEngine& original() const { return original_; }
  // The original against itself, on the rows for the proof.
  Comparison itself() const;

  // Makes the model of a recipe and weighs it: size, answers, speed beside the original's of that
  // size. What the method or the engine refuses is told in the attempt. Errors: kBudgetExceeded,
  // kInterrupted.
  Result<Attempt> attempt(const ShrinkRecipe& recipe, Candidates& candidates, Bytes original_size);

  // Puts an attempt to the proof. Errors: as attempt.
  Result<ShrinkProof> prove(const Attempt& attempt, const Promise& promise, Bytes original_size);

  // Where the time of a run goes, before and after.
  struct Difference {
    std::optional<WhereTimeGoes> before, after;
  };
  Difference compare_time(const Attempt& attempt);

 private:
  explicit Trials(const CandidateSource& source) : source_(source) {}
  Status make(Attempt& attempt, Candidates& candidates);
  Status weigh(Attempt& attempt, Session& session, Bytes original_size);
  Result<std::unique_ptr<Session>> session_of(const Attempt& attempt, int threads) const;
  int all_threads() const;

  CandidateSource source_;
  ChosenEngine original_;
  RowAnswers choose_, prove_;  // of the original
};

}  // namespace tenbin
