// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "app/folder_run.h"
#include "app/shrink/candidates.h"
#include "app/shrink/shrink.h"
#include "compress/trees/distil_trees.h"
#include "compress/trees/merge_trees.h"
#include "compress/trees/prune_trees.h"
#include "compress/trees/tree_nodes.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostRows = 20'000;
// What distillation asks for: shallow trees are walked fast and over-fit little.
constexpr std::int64_t kDepth = 4;

class TreeCandidates final : public Candidates {
 public:
  explicit TreeCandidates(const CandidateSource& source) : source_(source) {}

  Status open() {
    TENBIN_TRY(nodes_, count_tree_nodes(source_.model.graph));
    const auto& train = source_.rows.train;
    const auto most = std::min(train.size(), kMostRows);
    TENBIN_TRY(const auto inputs,
               source_.rows.rows.at(source_.model.graph.inputs, std::span(train).first(most)));
    TENBIN_TRY(features_, tree_features(source_.model.graph, inputs));
    TENBIN_TRY(merged_, merge_trees(source_.model.graph));
    return {};
  }

  std::int64_t macs() const override { return 0; }
  std::int64_t parameters() const override { return nodes_; }
  std::vector<std::string> allow(ShrinkState& state) const override {
    state.may_quantise = state.may_prune = state.may_train = false;
    state.may_cut_trees = true;
    return {};
  }

  Result<ShrunkModel> make(const ShrinkRecipe& recipe) override {
    ShrunkModel out;
    out.model = source_.model;
    TENBIN_TRY(out.model.graph, graph_of(recipe));
    TENBIN_TRY(out.parameters, count_tree_nodes(out.model.graph));
    out.notes.push_back(std::to_string(out.parameters) + " nodes of trees, of " +
                        std::to_string(nodes_));
    return out;
  }

 private:
  Result<Graph> graph_of(const ShrinkRecipe& recipe) const {
    if (!recipe.cuts_trees()) return merged_;
    if (recipe.tree_cut == "distil") return distilled(recipe.nodes_kept);
    PruneTreesOptions options;
    TENBIN_TRY(options.cut, OptionText<TreeCut>::parse(recipe.tree_cut));
    return prune_trees(merged_, features_, recipe.nodes_kept, options, source_.may_go_on);
  }

  // So many trees of a depth that, full, they have as many nodes as are kept.
  Result<Graph> distilled(double kept) const {
    TENBIN_TRY(const std::size_t place, find_tree_node(merged_));
    TENBIN_TRY(const Forest forest, read_forest(merged_.nodes[place]));
    const auto outputs = static_cast<std::int64_t>(std::max<std::size_t>(1, forest.outputs));
    const auto nodes = static_cast<std::int64_t>(kept * static_cast<double>(nodes_));
    TreeOptions student;
    student.max_depth = kDepth;
    constexpr std::int64_t kFull = (std::int64_t{2} << kDepth) - 1;
    student.rounds = std::max<std::int64_t>(1, nodes / (kFull * outputs));
    student.learning_rate = std::clamp(8.0 / static_cast<double>(student.rounds), 0.1, 0.5);
    student.early_stop = 0;
    student.threads = source_.run.machine().threads;
    student.seed = static_cast<std::uint64_t>(source_.options.seed);
    TENBIN_TRY(Graph small, distil_trees(merged_, features_, student, {}, source_.may_go_on));
    return merge_trees(small);
  }

  CandidateSource source_;
  Graph merged_;
  Tensor features_;  // [rows, columns], as the ensemble reads them
  std::int64_t nodes_ = 0;
};

}  // namespace

Result<std::unique_ptr<Candidates>> tree_candidates(const CandidateSource& source) {
  auto out = std::make_unique<TreeCandidates>(source);
  TENBIN_CHECK(out->open());
  return Result<std::unique_ptr<Candidates>>(std::move(out));
}

}  // namespace tenbin
