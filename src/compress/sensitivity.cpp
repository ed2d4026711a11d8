// SPDX-License-Identifier: Apache-2.0
#include "compress/sensitivity.h"

#include <algorithm>

#include "compress/insert_grids.h"
#include "compress/layers.h"
#include "compress/observe.h"

namespace tenbin {
namespace {

Status check_names(const Graph& graph) {
  std::set<std::string> names;
  for (const OpCall& node : graph.nodes) {
    if (!node.name.empty() && names.insert(node.name).second) continue;
    return Error(ErrorCode::kBadValue,
                 "node '" + node.name + "' (" + node.op + ") has no name of its own");
  }
  return {};
}

std::size_t largest(std::span<const float> row) {
  return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
}

void compare(const Tensor& wanted, const Tensor& found, LayerSensitivity& out) {
  const auto a = wanted.data<float>(), b = found.data<float>();
  const auto rows = static_cast<std::size_t>(wanted.shape()[0]);
  const std::size_t width = a.size() / rows;
  double error = 0, size = 0, other = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto x = a.subspan(r * width, width), y = b.subspan(r * width, width);
    for (std::size_t i = 0; i < width; ++i) {
      const double off = static_cast<double>(x[i]) - static_cast<double>(y[i]);
      error += off * off;
      size += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    }
    other += largest(x) != largest(y) ? 1 : 0;
  }
  out.relative_error = size > 0 ? error / size : error;
  out.other_labels = other / static_cast<double>(rows);
}

}  // namespace

Result<std::vector<LayerSensitivity>> rank_layers(const Graph& graph, const Ranges& ranges,
                                                  const Tensor& rows, const ChosenWeights& chosen,
                                                  const StopQuestion& may_go_on) {
  TENBIN_CHECK(check_names(graph));
  const std::string& answer = graph.outputs.front().name;
  TENBIN_TRY(const Tensor wanted, values_of(graph, answer, rows));
  std::set<std::string> all;
  for (const OpCall& node : graph.nodes) all.insert(node.name);
  std::vector<LayerSensitivity> ranked;
  for (const OpCall& node : graph.nodes) {
    if (!is_layer(graph, node)) continue;
    TENBIN_CHECK(may_go_on());
    std::set<std::string> others = all;
    others.erase(node.name);
    TENBIN_TRY(const Graph stored, insert_grids(graph, ranges, others, chosen));
    TENBIN_TRY(const Tensor found, values_of(stored, answer, rows));
    LayerSensitivity& layer = ranked.emplace_back();
    layer.layer = node.name;
    layer.weights = graph.initializers.at(node.inputs[1]).count();
    compare(wanted, found, layer);
  }
  std::ranges::stable_sort(ranked, [](const LayerSensitivity& a, const LayerSensitivity& b) {
    return a.relative_error > b.relative_error;
  });
  return ranked;
}

std::set<std::string> most_sensitive(const std::vector<LayerSensitivity>& ranked,
                                     double error_allowed) {
  double sum = 0;
  for (const LayerSensitivity& layer : ranked) sum += layer.relative_error;
  std::set<std::string> in_floats;
  for (const LayerSensitivity& layer : ranked) {
    if (sum <= error_allowed) break;
    in_floats.insert(layer.layer);
    sum -= layer.relative_error;
  }
  return in_floats;
}

}  // namespace tenbin
