// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/shrink/shrink_rows.h"
#include "base/stop_question.h"
#include "engine/session.h"
#include "plan/paired_proof.h"

namespace tenbin {

// What a model says of some rows: a label each, or a number.
struct RowAnswers {
  bool classes = false;
  std::vector<std::string> labels;  // as text, however the model writes them
  std::vector<double> values;
};

// Runs rows through the session in pieces of at most `piece`. A label is the output of whole
// numbers or texts, one a row; else the largest of the last output of several floats a row, named
// by the target's classes if it has as many; a single float a row is a value.
// Errors: those of the session; kInputMismatch: no output answers a row; kBadValue: an answer that
// is not finite.
Result<RowAnswers> answer_rows(const ShrinkRows& rows, std::span<const std::int64_t> which,
                               Session& session, const StopQuestion& may_go_on);

// The original's and the candidate's answers to the same rows, against the truth: labels of the
// data, or the original itself where there are none.
struct Comparison {
  bool classes = true;
  PairedAnswers answers;                           // if classes
  double original_score = 0, candidate_score = 0;  // accuracy, or R2
  Proven drop;                                     // at `confidence`
  double equal_labels = 1;                         // share of rows both answer alike
};
Comparison compare_answers(const ShrinkRows& rows, std::span<const std::int64_t> which,
                           const RowAnswers& original, const RowAnswers& candidate,
                           double confidence);

}  // namespace tenbin
