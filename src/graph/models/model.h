// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// What a model of the zoo can be asked for. Those that a model does not take keep their defaults.
struct ModelOptions {
  Shape input = {};           // of one row: {channels, height, width}, {length, channels} ...
  std::int64_t classes = 10;  // outputs
  double width = 1;           // factor of the channels
  std::int64_t depth = 0;     // layers, counted as the model's entry says; 0: its own default
  std::int64_t vocabulary = 10'000;  // tokens that are told apart
  std::uint64_t seed = 1;            // of the weights
};

// The file of one architecture in graph/models/.
struct ModelEntry {
  std::string_view name;                // "resnet18"
  std::string_view title;               // as its authors write it: "ResNet18"
  std::string_view doc;                 // one line
  std::string_view axes;                // what the input's sizes are: "channels x height x width"
  Shape input;                          // what it is built for unless told otherwise
  std::vector<std::string_view> takes;  // of width, depth, vocabulary
  // Input "x" [batch, input ...] to output "logits" [batch, classes]; the same options give the
  // same weights on every machine. Errors kBadShape (a plane that vanishes), kBadValue.
  Result<Graph> (*build)(const ModelOptions& options) = nullptr;
};

// All models of graph/models/ (written by the build).
std::span<const ModelEntry* const> model_catalogue();
// By name, in any case of letters; null: unknown.
const ModelEntry* find_model(std::string_view name);

// Checks the options against the entry (rank and sizes of the input, what the model does not take)
// and builds. An empty input: the entry's own. Errors kBadValue, kUnknownOption, kBadShape.
Result<Graph> build_model(const ModelEntry& entry, ModelOptions options);

}  // namespace tenbin
