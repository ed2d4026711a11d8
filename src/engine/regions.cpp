// SPDX-License-Identifier: Apache-2.0
#include "engine/regions.h"

#include <algorithm>
#include <map>
#include <set>

namespace tenbin {
namespace {

constexpr std::size_t kPlansKept = 4;       // batch sizes that stay compiled
constexpr std::int64_t kLargestPlan = 256;  // larger batches run in pieces: they stay in the cache

bool is_heavy(const OpCall& call) {
  return call.domain.empty() && (call.op == "Conv" || call.op == "Gemm" || call.op == "MatMul");
}

using Readers = std::map<std::string, int>;  // how often a value is read, as an output too

Readers readers_of(const Graph& g) {
  Readers readers;
  for (const OpCall& node : g.nodes) {
    for (const std::string& name : reads_of(node)) ++readers[name];
  }
  for (const ValueInfo& output : g.outputs) ++readers[output.name];
  return readers;
}

// Grows [begin, ...) node by node and remembers the longest run with one value in and one out.
struct Growth {
  const Graph& graph;
  const Readers& readers;
  std::string input;
  std::map<std::string, int> open;  // values made inside that are read outside: reads still to come

  // False: the run cannot go on.
  bool add(const OpCall& node) {
    if (!InferencePlan::supports(node)) return false;
    for (const std::string& name : reads_of(node)) {
      if (const auto made = open.find(name); made != open.end()) {
        if (--made->second == 0) open.erase(made);
      } else if (!graph.initializers.contains(name)) {
        if (!input.empty() && input != name) return false;
        input = name;
      }
    }
    for (const std::string& name : node.outputs) {
      const auto read = readers.find(name);
      if (read != readers.end()) open[name] = read->second;
    }
    return true;
  }
};

}  // namespace

Region::Region(const Graph& graph, std::size_t begin, std::size_t end, std::string input,
               std::string output)
    : begin_(begin), end_(end), input_(std::move(input)), output_(std::move(output)) {
  graph_.nodes.assign(graph.nodes.begin() + static_cast<std::ptrdiff_t>(begin),
                      graph.nodes.begin() + static_cast<std::ptrdiff_t>(end));
  for (const OpCall& node : graph_.nodes) {
    for (const auto& name : node.inputs) {
      const auto found = graph.initializers.find(name);
      if (found != graph.initializers.end()) graph_.initializers.insert(*found);
    }
  }
  graph_.inputs = {{input_, ElementType::kFloat32, {}}};
  graph_.outputs = {{output_, ElementType::kFloat32, {}}};
}

std::vector<std::string> Region::kernels() const {
  return plans_.empty() ? std::vector<std::string>() : plans_.front()->kernels();
}

Result<InferencePlan*> Region::plan_for(const Shape& shape, std::int64_t batch, int threads,
                                        Team* team) {
  for (auto it = plans_.begin(); it != plans_.end(); ++it) {
    if ((*it)->batch() != batch) continue;
    const Shape& known = (*it)->input_shape();
    if (!std::equal(known.begin() + 1, known.end(), shape.begin() + 1, shape.end())) continue;
    plans_.splice(plans_.begin(), plans_, it);
    return plans_.front().get();
  }
  graph_.inputs.front().shape = shape;
  TENBIN_TRY(auto plan, InferencePlan::compile(graph_, batch, threads, team));
  plans_.push_front(std::move(plan));
  if (plans_.size() > kPlansKept) plans_.pop_back();
  return plans_.front().get();
}

Result<Tensor> Region::run(const Tensor& in, int threads, Team* team) {
  const bool fits = in.type() == ElementType::kFloat32 && in.shape().size() >= 2 && in.count() > 0;
  if (refused_ || !fits) return Tensor();
  const std::int64_t rows = in.shape()[0];
  const std::int64_t row = in.count() / rows;
  Tensor out;
  for (std::int64_t at = 0; at < rows;) {
    const std::int64_t take = std::min(rows - at, kLargestPlan);
    auto plan = plan_for(in.shape(), take, threads, team);
    if (!plan.ok()) {
      refused_ = true;
      return Tensor();
    }
    const std::int64_t width = count_of((*plan)->output_shape()) / take;
    if (!out.defined()) {
      Shape shape = (*plan)->output_shape();
      shape[0] = rows;
      out = Tensor(ElementType::kFloat32, shape);
    }
    const auto part = [](auto span, std::int64_t begin, std::int64_t count) {
      return span.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
    };
    (*plan)->run(part(in.data<float>(), at * row, take * row),
                 part(out.data<float>(), at * width, take * width));
    at += take;
  }
  return out;
}

std::vector<Region> find_regions(const Graph& graph) {
  const Readers readers = readers_of(graph);
  std::vector<Region> regions;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!is_heavy(graph.nodes[i])) continue;
    Growth growth{graph, readers, {}, {}};
    std::size_t best = i;
    std::string output;
    for (std::size_t end = i; end < graph.nodes.size() && growth.add(graph.nodes[end]); ++end) {
      if (growth.open.size() != 1 || growth.input.empty()) continue;
      best = end + 1;
      output = growth.open.begin()->first;
    }
    if (best == i) continue;
    // The input may have grown past the best end, but never to a second one.
    regions.emplace_back(graph, i, best, growth.input, std::move(output));
    i = best - 1;
  }
  return regions;
}

}  // namespace tenbin
