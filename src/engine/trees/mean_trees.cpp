// SPDX-License-Identifier: Apache-2.0
#include "engine/trees/mean_trees.h"

#include <algorithm>
#include <string>

namespace tenbin {
namespace {

using Ints = std::vector<std::int64_t>;
using Floats = std::vector<float>;
using Texts = std::vector<std::string>;

template <class List> void join(Attributes& into, const Attributes& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end()) return;
  const auto* more = std::get_if<List>(&found->second);
  auto* mine = std::get_if<List>(&into[name]);
  if (more != nullptr && mine != nullptr) mine->insert(mine->end(), more->begin(), more->end());
}

// The trees of `from`, numbered on from `first`.
void join_trees(Attributes& into, const Attributes& from, const std::string& prefix,
                std::int64_t first) {
  Attributes moved = from;
  for (const std::string& name : {std::string("nodes_treeids"), prefix + "_treeids"}) {
    auto* ids = std::get_if<Ints>(&moved[name]);
    for (std::size_t i = 0; ids != nullptr && i < ids->size(); ++i) (*ids)[i] += first;
  }
  for (const char* name :
       {"nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids",
        "nodes_falsenodeids", "nodes_missing_value_tracks_true"}) {
    join<Ints>(into, moved, name);
  }
  join<Texts>(into, moved, "nodes_modes");
  join<Floats>(into, moved, "nodes_values");
  for (const char* name : {"_treeids", "_nodeids", "_ids"}) {
    join<Ints>(into, moved, (prefix + name).c_str());
  }
  join<Floats>(into, moved, (prefix + "_weights").c_str());
}

void scale(Attributes& attributes, const std::string& name, float by) {
  auto* values = std::get_if<Floats>(&attributes[name]);
  for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) (*values)[i] *= by;
}

std::int64_t trees_of(const Attributes& attributes) {
  const auto* ids = std::get_if<Ints>(&attributes.at("nodes_treeids"));
  return ids == nullptr || ids->empty() ? 0 : *std::max_element(ids->begin(), ids->end()) + 1;
}

}  // namespace

Result<OpCall> mean_of_trees(std::span<const OpCall> ensembles) {
  if (ensembles.empty()) return Error(ErrorCode::kBug, "the mean of no trees");
  OpCall out = ensembles.front();
  const bool classify = out.op == "TreeEnsembleClassifier";
  const std::string prefix = classify ? "class" : "target";
  float base = 0;
  std::int64_t trees = 0;
  for (const OpCall& ensemble : ensembles) {
    const auto labels = ensemble.attributes.find("classlabels_int64s");
    const bool alike = ensemble.op == out.op && ensemble.inputs == out.inputs &&
                       ensemble.attributes.contains("nodes_treeids") &&
                       (!classify || (labels != ensemble.attributes.end() &&
                                      labels->second == out.attributes.at("classlabels_int64s")));
    if (!alike) return Error(ErrorCode::kBug, "the mean of trees that differ in kind");
    if (const auto found = ensemble.attributes.find("base_values");
        found != ensemble.attributes.end()) {
      const auto* values = std::get_if<Floats>(&found->second);
      if (values != nullptr && values->size() == 1) base += values->front();
    }
    if (trees > 0) join_trees(out.attributes, ensemble.attributes, prefix, trees);
    trees += trees_of(ensemble.attributes);
  }
  const float share = 1.0F / static_cast<float>(ensembles.size());
  scale(out.attributes, prefix + "_weights", share);
  if (!classify) out.attributes["base_values"] = Floats{base * share};
  return out;
}

}  // namespace tenbin
