// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace tenbin::bench {

// One engine that does the benches' work; bench/README.md describes the words it is asked with.
class Worker {
 public:
  virtual ~Worker() = default;
  // {name, version, source, settings: [...]}: the settings worth trying for work of this
  // kind ("train", "gradient", "infer", "load") with up to `threads` threads in this precision
  // ("fp32", "bf16"). Error: it cannot do such work here.
  virtual Result<Json> hello(const std::string& kind, int threads,
                             const std::string& precision) = 0;
  // Makes ready for a piece of work with one of the settings, from its initial state.
  virtual Status prepare(const Json& work) = 0;
  // One iteration: a training step, a forward pass, or the next batch. Throws or asserts nothing
  // that a prepared worker can meet.
  virtual Status iterate() = 0;
  // `count` iterations whose results are looked at: losses of training steps, samples of the
  // gradient of each learned weight in a first step ("gradient"), outputs of forward passes, or
  // {rows, sum of row numbers, sum of labels} of one whole epoch.
  virtual Result<std::vector<double>> answer(std::int64_t count) = 0;
  // Names of the kernels at work, if it tells.
  virtual std::vector<std::string> kernels() { return {}; }
};

// Answers lines on stdin until "quit" or its end. Returns the exit code of the process.
int serve(Worker& worker);

// At most 64 values of a tensor, evenly spaced from its first on: what a gradient is compared by.
std::vector<double> samples_of(const float* values, std::int64_t count);

// A whole file of numbers.
Result<std::vector<float>> read_floats(const std::string& path);
Result<std::vector<std::int64_t>> read_integers(const std::string& path);
std::vector<std::int64_t> integers_of(const Json& array);

}  // namespace tenbin::bench
