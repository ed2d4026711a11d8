// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tenbin {

// One box of a drawn graph.
struct GraphNode {
  std::string title, detail;      // two short lines
  std::string tip;                // shown on hovering, and read aloud
  double share = 0;               // of the cost, 0..1: its colour
  bool dashed = false;            // did no work of its own
  std::vector<std::size_t> from;  // boxes that feed it, by index; must form no cycle
};

// Where boxes are placed: rows from top to bottom by longest path, in a row ordered so that few
// lines cross.
struct GraphLayout {
  std::vector<std::size_t> layer;  // of each node
  std::vector<double> x, y;        // centre of each node
  double width = 0, height = 0;
};
GraphLayout layered_layout(const std::vector<GraphNode>& nodes);

// The graph as SVG with the legend of its colours. Long lines bend around the boxes they pass.
// Empty text when there is no node.
std::string graph_chart(const std::string& title, const std::vector<GraphNode>& nodes);

}  // namespace tenbin
