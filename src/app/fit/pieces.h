// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/measure.h"
#include "base/stop_question.h"

namespace tenbin {

// Work that comes before the first training step, done in pieces: between two of them the budget
// and the user are asked. The longest piece is by how much a budget may be passed at most.
class Pieces {
 public:
  // `watch`: its own copy, so that slow pieces do not make training stop early. Borrowed: clock.
  Pieces(const BudgetWatch& watch, Clock& clock) : watch_(watch), clock_(clock) {}
  // The first piece begins now.
  void begin();
  // Ends a piece; kBudgetExceeded or kInterrupted when no other may begin. Borrows this.
  StopQuestion question();
  Duration longest() const { return longest_; }
  // Tells the ledger (event "pieces", value "longest_seconds") of the pieces since begin(), the one
  // that is under way left out; nothing if there was none.
  void tell(const char* name, RunRecorder& recorder) const;

 private:
  Status ask();
  BudgetWatch watch_;
  Clock& clock_;
  Duration began_{}, last_{}, longest_{};
  std::int64_t count_ = 0;
};

// A budget that ended before there was anything to train, in words and with a way out; other errors
// as they are.
Error before_training(const Error& error, const std::string& data);

}  // namespace tenbin
