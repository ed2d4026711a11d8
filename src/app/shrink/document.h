// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/measure.h"
#include "app/shrink/proof.h"
#include "app/shrink/shrink.h"
#include "app/shrink/where_time_goes.h"
#include "graph/counts.h"

namespace tenbin {

// A model as it is weighed.
struct WeighedModel {
  Bytes size;
  std::int64_t macs = 0, parameters = 0;  // of its network
  std::string sha256;
};

// One recipe, and what came of it.
struct Attempt {
  ShrinkTrial trial;
  std::string failed;  // why it did not run; empty: it did
  WeighedModel model;
  double original_seconds = 0, seconds = 0;  // of a run, side by side
  Comparison choose;                         // on the rows to choose by
  Duration took{};
  EnergyEstimate energy;           // of the trial itself
  std::vector<std::string> notes;  // what was left as it is
  std::string why_not;             // why it is not shipped; empty: it is
  std::optional<ShrinkProof> proof;
  std::string bytes;  // the file
};

// The same file in the other engine, for comparison.
struct Beside {
  std::string engine, version;
  std::optional<Proven> original, shrunk;  // times that the shipped model is faster here
  std::optional<double> equal_labels;      // of the shipped file there and here
  std::string reason;                      // why one is missing
};

struct ShrinkFacts {
  const ShrinkOptions* options = nullptr;
  WeighedModel original;
  std::string original_engine, original_why;  // what runs it here
  double original_score = 0;                  // on the rows for the proof
  bool classes = true, labelled = false;
  std::string rows_why;
  std::vector<std::string> notes;
  std::vector<Attempt> attempts;
  std::optional<std::size_t> shipped;
  double confidence = 0.95;  // of the proof of the drop
  std::string stopped;       // why the search ended
  std::optional<WhereTimeGoes> before, after;
  Beside beside;
  std::string outcome, reason;  // "shipped", "not_proven", "interrupted"
  int exit_code = 0;
  RunTotals totals;
  std::string meter, measured, cpu, engine_version;
};

// "4.8x faster (95 %: 4.5 to 5.1), ...", or "nothing here beats what you have: ...".
std::string shrink_verdict(const ShrinkFacts& facts);
Json shrink_document(const ShrinkFacts& facts);
Json to_json(const Proven& proven);
Json to_json(const ShrinkProof& proof);

}  // namespace tenbin
