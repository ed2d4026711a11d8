// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tenbin {

// A number with its 95 % interval.
struct Proven {
  double value = 0, low = 0, high = 0;
};

// How many times less the candidate takes than the original: the median over pairs of original /
// candidate, measured side by side, with its bootstrap interval. Both of one size, not empty, above
// zero.
Proven times_less(std::span<const double> original, std::span<const double> candidate);

// Answers of two models to the same rows.
struct PairedAnswers {
  std::int64_t rows = 0;
  std::int64_t original_right = 0;        // of all rows
  std::int64_t only_original_right = 0;   // of these the candidate loses,
  std::int64_t only_candidate_right = 0;  // and these it wins
  double accuracy() const;
  double accuracy_of_candidate() const;
};

// The drop of accuracy from original to candidate as a share of rows (0.01 is one point) with its
// interval at `confidence`: Wald's with half a row added to each kind of disagreement (Agresti and
// Min 2005), so that no disagreement does not prove certainty. Needs a row.
Proven accuracy_drop(const PairedAnswers& answers, double confidence = 0.95);

// How many rows would prove a drop of at most `bound`, if the two models differ as now; nothing: no
// number would, for the drop itself is at the bound.
std::optional<std::int64_t> rows_for_proof(const PairedAnswers& answers, double bound,
                                           double confidence = 0.95);
// How many it takes at least, for two models that never differ.
std::int64_t least_rows_for_proof(double bound, double confidence = 0.95);

// The drop of R2 from original to candidate, by paired bootstrap over rows: squared errors of both
// and the squared distances of targets from their mean, row by row. Needs two rows and a target
// that varies.
Proven r2_drop(std::span<const double> original_errors, std::span<const double> candidate_errors,
               std::span<const double> spreads, double confidence = 0.95);

}  // namespace tenbin
