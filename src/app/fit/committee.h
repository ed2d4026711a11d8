// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// Graphs that were fitted alike, each to other rows: features [batch, width] -> logits,
// probabilities of trees, or values.
struct CommitteeMember {
  std::string name;
  std::vector<Graph> graphs;
};

// One graph whose answer is the mean: the graphs of a member meet before the softmax (linear models
// and trees become one of their kind, exactly), the members after it, each with equal weight.
// `classes` 0: values; else the output is probabilities [batch, classes]. Error kBug: no member, or
// a member without graphs.
Result<Graph> committee_graph(const std::vector<CommitteeMember>& members, std::int64_t width,
                              std::int64_t classes);

}  // namespace tenbin
