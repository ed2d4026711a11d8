// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "graph/graph.h"

namespace tenbin::bench {

// A reference network with what one row costs (two operations a MAC; a step is forward and both
// backward products, without the gradient for the network's input, which nobody computes).
struct Net {
  std::string name;
  Graph graph;
  std::vector<std::int64_t> row;  // shape of one row
  std::int64_t classes = 0;
  double infer_flop = 0, train_flop = 0;
};
// cnn_28, res_64 (two residual blocks of 64 channels at 3x32x32), vit_2 (two blocks of the zoo's
// vit_tiny), mlp_tiny (14-64-32-2), mlp_20 (20-64-64-2), mlp_784 (784-256-128-10), mlp_1024
// (784-1024-1024-10), mlp_w32, mlp_w128 and mlp_w512 (64-w-w-10), and every model of the zoo as it
// is built unless told otherwise. Error kBadValue with the names.
Result<Net> reference_net(const std::string& name);

// The layers of a chain in the peers' words: {op: conv, relu, pool, flatten or dense; weights:
// shape; pad}. Error kUnsupportedOp.
Result<Json> layers_of(const Graph& graph);

// A network of any shape, for peers that know its operators: {nodes: [{op, in, out, attributes}],
// weights: [{name, shape, learned}] in the order of their file, integers: {name: values}, input,
// output}.
Json graph_of(const Graph& graph);

// Rows that can be learned: a fixed pattern a class plus noise, one label in ten wrong so that the
// loss stays away from zero. The same count and shape give the same rows.
struct Rows {
  std::vector<float> features;
  std::vector<std::int64_t> labels;
};
Rows learnable_rows(std::int64_t count, std::int64_t width, std::int64_t classes);
// The same in what the net takes: a net of tokens gets whole numbers below 100.
Rows rows_for(const Net& net, std::int64_t count);

// A folder of files that peers read: the same bytes for all. Removed when destroyed.
class CaseFiles {
 public:
  static Result<CaseFiles> create();
  CaseFiles(CaseFiles&& other) noexcept;
  CaseFiles(const CaseFiles&) = delete;
  CaseFiles& operator=(const CaseFiles&) = delete;
  CaseFiles& operator=(CaseFiles&&) = delete;
  ~CaseFiles();
  // Writes the net's model and weights; the names in the words of `prepare`. Nets that are not a
  // chain are told as a model and a graph.
  Result<Json> write_net(const Net& net);
  Result<Json> write_rows(const Rows& rows);
  // A model alone: where it lies.
  Result<std::string> write_model(const std::string& name, const Graph& graph);

 private:
  explicit CaseFiles(std::string folder) : folder_(std::move(folder)) {}
  Result<std::string> write(const std::string& name, std::string_view bytes);

  std::string folder_;  // empty: moved away
  std::vector<std::string> written_;
};

}  // namespace tenbin::bench
