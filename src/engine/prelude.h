// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace tenbin {

// What prepares the floats of a region element by element: pixels cast, shifted and scaled, gaps
// filled. A run of nodes that stands right before the region, as passes over one buffer that stays
// from run to run. The results are those of the nodes, bit by bit.
class Prelude {
 public:
  using ReadCounts = std::map<std::string, int>;  // how often each value is read, as an output too
  // The longest that makes `value` for nodes [begin, ...), which alone read it; nothing if none
  // does. Shapes inferred.
  static std::optional<Prelude> before(const Graph& graph, std::size_t begin,
                                       const std::string& value, const ReadCounts& reads);

  std::size_t begin() const { return begin_; }
  const std::string& source() const { return source_; }
  // What its nodes write, in order.
  const std::vector<std::string>& results() const { return results_; }
  // The prepared floats; null when the operand is not what the nodes were compiled for. Valid until
  // the next run.
  const Tensor* run(const Tensor& source);

 private:
  enum class Pass { kAdd, kSubtract, kMultiply, kDivide, kFillNaN, kFillNotFinite };
  struct Step {
    Pass pass = Pass::kAdd;
    Tensor constant;
  };
  bool take(const Graph& graph, const ReadCounts& reads);
  bool take_fill(const Graph& graph, const OpCall& where, const ReadCounts& reads);
  bool take_pass(const Graph& graph, const OpCall& node);
  bool take_cast(const Graph& graph, const OpCall& node);
  bool take_transpose(const Graph& graph, const OpCall& node);
  void step_back(const std::string& source, std::size_t nodes, int reads = 1);

  std::size_t begin_ = 0;
  std::string source_;
  int reads_ = 1;  // of the source by the nodes taken
  std::vector<std::string> results_;
  std::vector<Step> steps_;          // first one first
  std::vector<std::size_t> places_;  // dimension d of the result is places_[d] of the source
  ElementType type_ = ElementType::kFloat32;
  Tensor room_;
};

}  // namespace tenbin
