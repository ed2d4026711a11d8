// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// Writes a graph call by call; each method returns the name of the value it made.
//   GraphBuilder b;
//   auto x = b.input("x", ElementType::kFloat32, {-1, 4});
//   auto y = b.node("Relu", {b.node("MatMul", {x, b.constant("w", std::move(w))})});
//   b.output(y, "y");
//   TENBIN_TRY(Graph graph, std::move(b).build());
// Attributes are values of the Attribute variant: std::int64_t{1}, 0.5f, std::vector<std::int64_t>.
class GraphBuilder {
 public:
  explicit GraphBuilder(std::string name = "tenbin") { graph_.name = std::move(name); }

  std::string input(const std::string& name, ElementType type, Shape shape);
  // An initialiser; the name is a proposal.
  std::string constant(const std::string& name, Tensor value);
  // One operator with one output, named after the operator.
  std::string node(const std::string& op, std::vector<std::string> inputs,
                   Attributes attributes = {}, const std::string& domain = "");
  // One with several.
  std::vector<std::string> nodes(const std::string& op, std::vector<std::string> inputs,
                                 std::size_t outputs, Attributes attributes = {},
                                 const std::string& domain = "");
  // Marks a value as an output of the graph. With a name, the value is renamed to it, which must
  // be new and `value` the result of a node.
  void output(const std::string& value, const std::string& name = "");

  // Checks, sorts and infers shapes. Errors kBadModel, kBadShape.
  Result<Graph> build() &&;

 private:
  std::string fresh(const std::string& base);
  Graph graph_;
  std::map<std::string, std::size_t> used_;  // how often a name was asked for
};

}  // namespace tenbin
