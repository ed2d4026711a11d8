// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "graph/graph.h"
#include "plan/fit_plan.h"

namespace tenbin {

// What is known of a network before it is trained: counted, and of images measured.
struct NetworkFacts {
  NetworkProfile profile;  // name, size of the weights; times where they were measured
  std::string learner;     // "cnn" or "mlp"
  Macs macs;               // of one row
  std::int64_t parameters = 0;
};

// Counts a network; nothing is measured. Errors: those of count().
Result<NetworkFacts> network_facts(const std::string& name, const std::string& learner,
                                   const Graph& graph);

// {name, learner, macs, parameters, size_bytes, p50?, p99?, epoch_seconds?}
Json to_json(const NetworkFacts& network);
// The same read back; what is not there is not known.
NetworkFacts network_from_json(const Json& json);

}  // namespace tenbin
