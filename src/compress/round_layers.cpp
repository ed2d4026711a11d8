// SPDX-License-Identifier: Apache-2.0
#include "compress/round_layers.h"

#include <algorithm>

#include "compress/insert_grids.h"
#include "compress/layer_samples.h"
#include "compress/layers.h"

namespace tenbin {
namespace {

// A single matrix, or a kernel, that this node alone reads.
bool can_round(const Graph& graph, const OpCall& node) {
  if (!is_layer(graph, node)) return false;
  const Shape& shape = graph.initializers.at(node.inputs[1]).shape();
  return (node.op == "Conv" || shape.size() == 2) && count_readers(graph, node.inputs[1]) == 1;
}

const OpCall* writer_of(const Graph& graph, const std::string& value) {
  for (const OpCall& node : graph.nodes) {
    if (std::ranges::find(node.outputs, value) != node.outputs.end()) return &node;
  }
  return nullptr;
}

// The steps of all groups, from samples [groups, samples, inputs] of both networks.
Result<GridWeights> rounded(const OpCall& layer, const Tensor& weights,
                            std::span<const float> wanted, std::span<const float> on_grid, int most,
                            const Rounder& rounder) {
  const LayerMatrix m = matrix_of(layer, weights.shape());
  GridWeights out = nearest_weights(weights, output_axis(layer, weights.shape()), most);
  const auto scales = out.scales.data<float>();
  const std::size_t block = wanted.size() / m.groups;
  std::vector<float> in_steps(m.inputs * m.outputs), steps(in_steps.size());
  for (std::size_t g = 0; g < m.groups; ++g) {
    for (std::size_t k = 0; k < m.inputs; ++k) {
      for (std::size_t o = 0; o < m.outputs; ++o) {
        in_steps[k * m.outputs + o] =
            weights.data<float>()[m.weight(g, k, o)] / scales[g * m.outputs + o];
      }
    }
    TENBIN_CHECK(rounder({block / m.inputs, m.inputs, m.outputs, wanted.subspan(g * block, block),
                          on_grid.subspan(g * block, block), in_steps, most},
                         steps));
    for (std::size_t k = 0; k < m.inputs; ++k) {
      for (std::size_t o = 0; o < m.outputs; ++o) {
        out.values.data<std::int8_t>()[m.weight(g, k, o)] =
            static_cast<std::int8_t>(steps[k * m.outputs + o]);
      }
    }
  }
  return out;
}

}  // namespace

Result<ChosenWeights> round_layers(const Graph& graph, const Ranges& ranges, const Tensor& rows,
                                   const std::set<std::string>& in_floats,
                                   const RoundingOptions& options, const Rounder& rounder,
                                   const StopQuestion& may_go_on) {
  ChosenWeights chosen;
  for (const OpCall& node : graph.nodes) {
    if (!can_round(graph, node) || in_floats.contains(node.name)) continue;
    TENBIN_CHECK(may_go_on());
    const Tensor& weights = graph.initializers.at(node.inputs[1]);
    TENBIN_TRY(const Graph stored, insert_grids(graph, ranges, in_floats, chosen));
    const OpCall* there = writer_of(stored, node.outputs[0]);
    TENBIN_TRY(const auto wanted,
               sample_inputs(graph, node.inputs[0], node, weights.shape(), rows, options.samples));
    TENBIN_TRY(const auto on_grid, sample_inputs(stored, there->inputs[0], node, weights.shape(),
                                                 rows, options.samples));
    TENBIN_TRY(chosen[node.inputs[1]],
               rounded(node, weights, wanted, on_grid, options.most, rounder));
  }
  return chosen;
}

}  // namespace tenbin
