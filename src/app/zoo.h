// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "base/units.h"

namespace tenbin {

class FileSystem;

// A model of the zoo as it is listed.
struct ZooModel {
  std::string name, title, doc;
  std::string axes, input;         // "channels x height x width", "3x32x32"
  std::vector<std::string> takes;  // options beside input, classes and seed
};
std::vector<ZooModel> zoo_models();

struct ZooOptions {
  std::string model;
  std::string output;  // the ONNX file
  std::string input;
  std::int64_t classes = 10;
  double width = 1;
  std::int64_t depth = 0;
  std::int64_t vocabulary = 10'000;
  std::int64_t seed = 1;

  template <class Fields> static void describe(Fields& f) {
    f("output", &ZooOptions::output, "ONNX file to write.");
    f("input", &ZooOptions::input, "Sizes of one row, as 3x32x32 [empty: the model's own].");
    f("classes", &ZooOptions::classes, "Outputs [1..65536].");
    f("width", &ZooOptions::width,
      "Factor of the channels [0.0625..16], where the model takes it.");
    f("depth", &ZooOptions::depth, "Layers or blocks [0: the model's own], where it takes it.");
    f("vocabulary", &ZooOptions::vocabulary, "Tokens told apart, where the model takes it.");
    f("seed", &ZooOptions::seed, "Seed of the weights.");
  }
};

struct ZooOutcome {
  std::string model, output, input;
  std::int64_t classes = 0, parameters = 0, file_bytes = 0;
  Macs macs;  // of one row
};

// Builds a model with fresh weights and writes it. Errors: kUnknownOption (model, with the nearest
// names), kMissingArgument (no output), kBadValue, kBadShape, kIo.
Result<ZooOutcome> build_zoo_model(const ZooOptions& options, FileSystem& files);

}  // namespace tenbin
