// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/faster_in_floats.h"

#include <algorithm>
#include <map>

#include "app/profile/batch_run.h"
#include "app/profile/node_rows.h"
#include "compress/layers.h"
#include "compress/observe.h"
#include "engine/session.h"

namespace tenbin {
namespace {

constexpr int kTurns = 5, kRunsATurn = 20;
constexpr double kNotWorthIt = 0.97;  // a layer that gains less stays on its grid

using LayerTimes = std::map<std::string, double>;  // by name of the layer [s]

// Values that layers write, with the name of the layer.
std::map<std::string, std::string> layers_by_result(const Graph& floats) {
  std::map<std::string, std::string> out;
  for (const OpCall& node : floats.nodes) {
    if (is_layer(floats, node)) out[node.outputs.front()] = node.name;
  }
  return out;
}

std::set<std::string> results_of(const Graph& graph, const std::string& op) {
  std::set<std::string> out;
  for (const OpCall& node : graph.nodes) {
    if (node.op == op) out.insert(node.outputs.front());
  }
  return out;
}

class Watched {
 public:
  Watched(const Graph& graph, std::vector<Tensor> inputs, Clock& clock)
      : graph_(graph), inputs_(std::move(inputs)), times_(clock) {}

  Status open(int threads) {
    Model model;
    model.graph = graph_;
    TENBIN_TRY(session_, Session::create(model, {threads}));
    return run(kRunsATurn, false);
  }
  Status run(int runs, bool watched = true) {
    for (int i = 0; i < runs; ++i) {
      if (watched) {
        TENBIN_CHECK(session_->run(inputs_, times_));
        times_.end_run();
      } else {
        TENBIN_CHECK(session_->run(inputs_));
      }
    }
    return {};
  }

  LayerTimes times(const std::map<std::string, std::string>& layers) const {
    const std::set<std::string> quantised = results_of(graph_, "QuantizeLinear");
    LayerTimes out;
    std::string layer;
    double ahead = 0;  // of changes that wait for their layer
    for (const StepTimes::Slot& slot : times_.slots()) {
      if (slot.runs.empty()) continue;
      const double time = in_seconds(spread_of(slot.runs).median);
      const auto of = std::ranges::find_if(
          slot.results, [&](const std::string& r) { return layers.contains(r); });
      const bool change = slot.kind == StepKind::kConversion ||
                          std::ranges::all_of(slot.results, [&](const std::string& r) {
                            return quantised.contains(r);
                          });
      if (slot.kind != StepKind::kConversion && of != slot.results.end()) {
        layer = layers.at(*of);
        out[layer] += ahead + time;
        ahead = 0;
      } else if (change || layer.empty()) {
        ahead += time;
      } else {
        out[layer] += time;
      }
    }
    return out;
  }

 private:
  const Graph& graph_;
  std::vector<Tensor> inputs_;
  StepTimes times_;
  std::unique_ptr<Session> session_;
};

Tensor first_rows(const Tensor& rows, std::int64_t most) {
  Shape shape = rows.shape();
  const std::int64_t width = rows.count() / shape.front();
  shape.front() = std::min(shape.front(), most);
  return Tensor::of<float>(
      shape, rows.data<float>().first(static_cast<std::size_t>(shape.front() * width)));
}

}  // namespace

Result<std::set<std::string>> faster_in_floats(const Graph& floats, const Graph& on_grids,
                                               const Tensor& rows, const LayerTiming& timing,
                                               Clock& clock) {
  const std::vector<Tensor> inputs = {as_input(floats, first_rows(rows, timing.batch))};
  Watched one(floats, inputs, clock), other(on_grids, inputs, clock);
  TENBIN_CHECK(one.open(timing.threads));
  TENBIN_CHECK(other.open(timing.threads));
  for (int turn = 0; turn < kTurns; ++turn) {
    TENBIN_CHECK(one.run(kRunsATurn));
    TENBIN_CHECK(other.run(kRunsATurn));
  }
  const auto layers = layers_by_result(floats);
  const LayerTimes in_floats = one.times(layers), on_integers = other.times(layers);
  std::set<std::string> out;
  for (const auto& [layer, time] : in_floats) {
    const auto found = on_integers.find(layer);
    if (found != on_integers.end() && time < kNotWorthIt * found->second) out.insert(layer);
  }
  return out;
}

}  // namespace tenbin
