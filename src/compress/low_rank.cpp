// SPDX-License-Identifier: Apache-2.0
#include "compress/low_rank.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "compress/layer_samples.h"
#include "compress/layers.h"
#include "compress/svd.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

constexpr std::size_t kLargestSide = 1024;

bool can_factor(const Graph& graph, const OpCall& node, std::int64_t largest) {
  if (!is_layer(graph, node)) return false;
  const Tensor& weights = graph.initializers.at(node.inputs[1]);
  if (node.op == "Conv" ? node.integer("group", 1) != 1 : weights.shape().size() != 2) return false;
  const LayerMatrix m = matrix_of(node, weights.shape());
  const auto [less, more] = std::minmax(m.inputs, m.outputs);
  return less > 1 && less <= kLargestSide &&
         less * less * more <= static_cast<std::size_t>(largest);
}

struct Cut {
  std::size_t rank = 0;
  double energy = 0;  // kept
};

// The least rank that keeps the energy, or the largest that the multiply-adds allow.
Cut cut_of(const std::vector<double>& values, const LayerMatrix& m, const LowRankOptions& options) {
  double all = 0;
  for (const double v : values) all += v * v;
  const double full = static_cast<double>(m.inputs) * static_cast<double>(m.outputs);
  const double allowed = options.macs_kept < 1
                             ? options.macs_kept * full / static_cast<double>(m.inputs + m.outputs)
                             : full;
  Cut cut;
  double kept = 0;
  while (cut.rank < values.size() && (cut.rank == 0 || kept < options.energy_kept * all) &&
         (cut.rank == 0 || static_cast<double>(cut.rank + 1) <= allowed)) {
    kept += values[cut.rank] * values[cut.rank];
    ++cut.rank;
  }
  cut.energy = all > 0 ? kept / all : 1;
  return cut;
}

class Writer {
 public:
  explicit Writer(const Graph& graph) : out_(graph) { out_.nodes.clear(); }
  void add(const OpCall& node) { out_.nodes.push_back(node); }
  void add_factors(const OpCall& node, const LayerMatrix& m, const Svd& svd, std::size_t rank);
  Graph take() && { return std::move(out_); }

 private:
  std::string constant(const std::string& base, Tensor value) {
    const std::string name = out_.fresh_name(base);
    out_.initializers[name] = std::move(value);
    return name;
  }
  std::string fresh_value(const std::string& base) {
    const std::string name = out_.fresh_name(base);
    out_.values[name] = ValueInfo{name, ElementType::kUndefined, {}, false};  // taken
    return name;
  }

  Graph out_;
};

// Both get the square root of each singular value, so that their weights have one range.
void Writer::add_factors(const OpCall& node, const LayerMatrix& m, const Svd& svd,
                         std::size_t rank) {
  const Tensor& weights = out_.initializers.at(node.inputs[1]);
  const std::size_t n = svd.values.size();
  const auto r = static_cast<std::int64_t>(rank);
  const auto inputs = static_cast<std::int64_t>(m.inputs),
             outputs = static_cast<std::int64_t>(m.outputs);
  Shape first_shape = {inputs, r}, second_shape = {r, outputs};
  if (m.outputs_first) {
    first_shape = weights.shape();
    first_shape[0] = r;
    second_shape = node.op == "Conv" ? Shape(weights.shape().size(), 1) : Shape{outputs, r};
    second_shape[0] = outputs;
    second_shape[1] = r;
  }
  Tensor first(ElementType::kFloat32, first_shape), second(ElementType::kFloat32, second_shape);
  for (std::size_t k = 0; k < rank; ++k) {
    const double root = std::sqrt(svd.values[k]);
    for (std::size_t i = 0; i < m.inputs; ++i) {  // left [inputs, n]
      first.data<float>()[m.outputs_first ? k * m.inputs + i : i * rank + k] =
          static_cast<float>(svd.left[i * n + k] * root);
    }
    for (std::size_t o = 0; o < m.outputs; ++o) {  // right [n, outputs]
      second.data<float>()[m.outputs_first ? o * rank + k : k * m.outputs + o] =
          static_cast<float>(svd.right[k * m.outputs + o] * root);
    }
  }
  OpCall thin = node, wide = node;
  thin.outputs = {fresh_value(node.outputs[0] + "_thin")};
  thin.name = thin.outputs[0];
  thin.inputs = {node.inputs[0], constant(node.inputs[1] + "_first", std::move(first))};
  wide.inputs[0] = thin.outputs[0];
  wide.inputs[1] = constant(node.inputs[1] + "_second", std::move(second));
  if (node.op == "Gemm") {
    thin.attributes.erase("beta");
    wide.attributes.erase("alpha");
    wide.attributes.erase("transA");
  } else if (node.op == "Conv") {
    wide.attributes = {};
  }
  out_.nodes.push_back(std::move(thin));
  out_.nodes.push_back(std::move(wide));
}

// The weights as [inputs, outputs].
std::vector<float> matrix_values(const Tensor& weights, const LayerMatrix& m) {
  std::vector<float> out(m.inputs * m.outputs);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = weights.data<float>()[m.weight(0, i / m.outputs, i % m.outputs)];
  }
  return out;
}

}  // namespace

Result<Factored> factor_layers(const Graph& graph, const LowRankOptions& options,
                               const std::set<std::string>& untouched,
                               const StopQuestion& may_go_on) {
  for (const double share : {options.energy_kept, options.macs_kept}) {
    if (share >= 0 && share <= 1) continue;
    return Error(ErrorCode::kBadValue,
                 "share " + std::to_string(share) + " to keep, expected 0 to 1");
  }
  Writer writer(graph);
  Factored out;
  for (const OpCall& node : graph.nodes) {
    if (untouched.contains(node.name) || !can_factor(graph, node, options.largest)) {
      writer.add(node);
      continue;
    }
    TENBIN_CHECK(may_go_on());
    const Tensor& weights = graph.initializers.at(node.inputs[1]);
    const LayerMatrix m = matrix_of(node, weights.shape());
    const Svd svd = decompose(matrix_values(weights, m), m.inputs, m.outputs);
    const Cut cut = cut_of(svd.values, m, options);
    const double macs = static_cast<double>(cut.rank * (m.inputs + m.outputs)) /
                        static_cast<double>(m.inputs * m.outputs);
    if (macs >= 1 || macs > options.macs_kept) {
      writer.add(node);
      continue;
    }
    writer.add_factors(node, m, svd, cut.rank);
    out.layers.push_back({node.name, cut.rank, cut.energy, macs});
  }
  out.graph = std::move(writer).take();
  remove_unused_initializers(out.graph);
  TENBIN_CHECK(check_and_sort(out.graph));
  TENBIN_CHECK(infer_shapes(out.graph));
  return out;
}

}  // namespace tenbin
