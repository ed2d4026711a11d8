// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "data/read.h"

namespace tenbin {

class FileSystem;

struct PredictOptions {
  std::string model;
  std::string data;
  std::string output;  // CSV; empty or "-": returned as text
  int threads = 0;
  ReadOptions read;

  template <class Fields> static void describe(Fields& f) {
    f("output", &PredictOptions::output, "CSV file for the answers [-: standard output].");
    f("threads", &PredictOptions::threads, "Threads [0: as many as the process may use].");
  }
};

struct PredictOutcome {
  std::int64_t rows = 0;
  std::string csv;                 // when no file was asked for
  std::vector<std::string> notes;  // unused columns, unseen values
};

// Answers of a model for each row of new data: a column `label` and one a class with its
// probability, or `prediction`. Columns are found by name, whatever their order.
// Errors: kInputMismatch (missing columns, wrong types), those of reading model and data.
Result<PredictOutcome> predict(const PredictOptions& options, FileSystem& files);

}  // namespace tenbin
