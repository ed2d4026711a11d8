// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/fit/fit.h"
#include "app/ledger_view.h"
#include "app/meter_command.h"
#include "app/predict.h"

// The use cases on this machine: real files, real clock, real processes.
namespace tenbin::here {

Result<FitOutcome> fit(const FitOptions& options, FitObserver& observer);
Result<PredictOutcome> predict(const PredictOptions& options);
Result<MeterOutcome> meter(const MeterCommandOptions& options,
                           const std::function<void(const MeterProgress&)>& progress);
Result<LedgerView> ledger(const std::string& path, const LedgerViewOptions& options);

// One line of `tenbin doctor`.
struct Check {
  std::string name;
  bool ok = false;
  std::string found;   // what is there, or why not
  std::string remedy;  // how to mend it; empty if ok
};
std::vector<Check> doctor();

void watch_interrupts();
bool is_terminal(int stream);
std::string environment(const char* name);
double steady_seconds();

}  // namespace tenbin::here
