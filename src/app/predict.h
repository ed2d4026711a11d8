// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "data/read.h"
#include "engine/precision.h"

namespace tenbin {

class Clock;
class FileSystem;
struct Model;

struct PredictOptions {
  std::string model;
  std::string data;
  std::string output;  // CSV; empty or "-": returned as text
  int threads = 0;
  std::string engine = "auto";
  Precision precision = Precision::kFloat32;
  ReadOptions read;

  template <class Fields> static void describe(Fields& f) {
    f("output", &PredictOptions::output, "CSV file for the answers [-: standard output].");
    f("threads", &PredictOptions::threads, "Threads [0: as many as the process may use].");
    f("engine", &PredictOptions::engine,
      "What runs the model: native, onnxruntime, or auto, the one measured cheaper on the first "
      "rows.");
    f("precision", &PredictOptions::precision,
      "float32, or bfloat16: faster where the processor multiplies it; how far answers are from "
      "float32 is told.");
  }
};

// Who is told what while rows are answered; each may be empty.
struct PredictListeners {
  std::function<void(const std::string&)> detail;     // for somebody who looks for a fault
  std::function<void(const ReadProgress&)> progress;  // of reading, then of answering
};

struct PredictOutcome {
  std::int64_t rows = 0;
  std::string csv;                 // when no file was asked for
  std::string engine, engine_why;  // "native", "onnxruntime", and the reason
  std::vector<std::string> notes;  // unused columns, unseen values, how columns fill inputs
};

// Answers of any ONNX model for each row of new data. A model of `tenbin fit`: a column `label` and
// one a class with its probability, or `prediction`; another: its outputs, numbered where they have
// several values a row. How rows fill inputs: ModelRows. A model that fixes its number of rows is
// run in such pieces, the last one filled up.
// Errors: kInputMismatch (missing columns, wrong types, no answer a row), those of reading model
// and data, and of open_engine.
Result<PredictOutcome> predict(const PredictOptions& options, FileSystem& files, Clock& clock,
                               const PredictListeners& hear = {});

// A model whose errors name its file.
Result<Model> read_named_model(const std::string& path, FileSystem& files);

}  // namespace tenbin
