// SPDX-License-Identifier: Apache-2.0
#include "engine/regions.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/step_watch.h"

namespace tenbin {
namespace {

constexpr std::size_t kPlansKept = 8;       // batch sizes that stay compiled
constexpr std::int64_t kLargestPlan = 256;  // larger batches run in pieces: they stay in the cache

constexpr std::size_t kMostEdges = 8;  // values that enter or leave a region

bool reads_constants_only(const Graph& g, const OpCall& call) {
  const auto reads = reads_of(call);
  return std::all_of(reads.begin(), reads.end(),
                     [&](const std::string& name) { return g.initializers.contains(name); });
}

// Worth a plan of its own.
bool is_heavy(const Graph& g, const OpCall& call) {
  if (!call.domain.empty() || reads_constants_only(g, call)) return false;
  return call.op == "Conv" || call.op == "Gemm" || call.op == "MatMul" ||
         call.op == "QuantizeLinear" || call.op == "LSTM" || call.op == "GRU";
}

// Recurrent layers take steps first: the call that brings batches there belongs to them, for plans
// exchange values whose rows come first.
bool brings_steps_first(const Graph& g, std::size_t node, std::size_t layer) {
  const OpCall &turn = g.nodes[node], &call = g.nodes[layer];
  return turn.op == "Transpose" && turn.domain.empty() && (call.op == "LSTM" || call.op == "GRU") &&
         turn.outputs.front() == call.inputs.front();
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

// Grows [begin, ...) node by node.
struct Growth {
  const Graph& graph;
  const Readers& readers;
  std::vector<std::string> inputs;
  std::map<std::string, int> open;  // values made inside that are read outside: reads still to come
  std::set<std::string> made, integers;

  // False: the run cannot go on.
  bool add(const OpCall& node) {
    if (!InferencePlan::supports(node)) return false;
    std::vector<std::string> fresh;
    for (const std::string& name : reads_of(node)) {
      if (made.contains(name) || graph.initializers.contains(name)) continue;
      const auto info = graph.info(name);
      if (info && info->type != ElementType::kUndefined && info->type != ElementType::kFloat32) {
        return false;  // plans exchange floats
      }
      if (std::find(inputs.begin(), inputs.end(), name) == inputs.end()) fresh.push_back(name);
    }
    if (inputs.size() + fresh.size() > kMostEdges) return false;
    inputs.insert(inputs.end(), fresh.begin(), fresh.end());
    for (const std::string& name : reads_of(node)) {
      const auto found = open.find(name);
      if (found != open.end() && --found->second == 0) open.erase(found);
    }
    for (const std::string& name : node.outputs) {
      made.insert(name);
      if (node.op == "QuantizeLinear") integers.insert(name);
      const auto read = readers.find(name);
      if (read != readers.end()) open[name] = read->second;
    }
    return true;
  }

  // Whether a plan may end here: only floats leave it.
  bool may_end() const {
    return !inputs.empty() && !open.empty() && open.size() <= kMostEdges &&
           std::none_of(open.begin(), open.end(),
                        [&](const auto& value) { return integers.contains(value.first); });
  }
};

// Gives a region what prepares one of its inputs, if nothing else reads that one.
void add_prelude(const Graph& graph, const Readers& readers, std::size_t free_from,
                 Region& region) {
  const std::vector<std::string> inputs = region.inputs();
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    int inside = 0;
    for (std::size_t i = region.begin(); i < region.end(); ++i) {
      inside += reads_of(graph.nodes[i]).contains(inputs[k]) ? 1 : 0;
    }
    const auto all = readers.find(inputs[k]);
    if (all == readers.end() || all->second != inside) continue;
    auto prelude = Prelude::before(graph, region.begin(), inputs[k], readers);
    if (!prelude || prelude->begin() < free_from) continue;
    return region.prepare(k, std::move(*prelude));
  }
}

}  // namespace

void sink_constant_calls(Graph& graph) {
  std::map<std::string, std::size_t> writer;  // of calls that wait for their first reader
  std::vector<OpCall> order;
  std::vector<OpCall> nodes = std::move(graph.nodes);
  std::vector<bool> placed(nodes.size(), false);
  const auto place = [&](std::size_t i) {
    placed[i] = true;
    for (const std::string& name : nodes[i].outputs) writer.erase(name);
    order.push_back(std::move(nodes[i]));
  };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (reads_constants_only(graph, nodes[i])) {
      for (const std::string& name : nodes[i].outputs) writer[name] = i;
      continue;
    }
    for (const std::string& name : reads_of(nodes[i])) {
      if (const auto waiting = writer.find(name); waiting != writer.end()) place(waiting->second);
    }
    place(i);
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!placed[i]) order.push_back(std::move(nodes[i]));  // nobody read it
  }
  graph.nodes = std::move(order);
}

Region::Region(const Graph& graph, std::size_t begin, std::size_t end,
               std::vector<std::string> inputs, std::vector<std::string> outputs)
    : begin_(begin), end_(end), input_names_(std::move(inputs)), output_names_(std::move(outputs)) {
  graph_.nodes.assign(graph.nodes.begin() + static_cast<std::ptrdiff_t>(begin),
                      graph.nodes.begin() + static_cast<std::ptrdiff_t>(end));
  for (const OpCall& node : graph_.nodes) {
    for (const auto& name : node.inputs) {
      const auto found = graph.initializers.find(name);
      if (found != graph.initializers.end()) graph_.initializers.insert(*found);
    }
  }
  for (const std::string& name : input_names_) {
    graph_.inputs.push_back({name, ElementType::kFloat32, {}});
  }
  for (const std::string& name : output_names_) {
    graph_.outputs.push_back({name, ElementType::kFloat32, {}});
  }
}

std::vector<std::string> Region::kernels() const {
  return plans_.empty() ? std::vector<std::string>() : plans_.front()->kernels();
}

Result<InferencePlan*> Region::plan_for(std::span<const Tensor* const> in, std::int64_t batch,
                                        const PlanOptions& options) {
  const auto fits = [&](const InferencePlan& plan) {
    if (plan.batch() != batch) return false;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Shape& known = plan.input_shapes()[i];
      const Shape& given = in[i]->shape();
      if (!std::equal(known.begin() + 1, known.end(), given.begin() + 1, given.end())) return false;
    }
    return true;
  };
  for (auto it = plans_.begin(); it != plans_.end(); ++it) {
    if (!fits(**it)) continue;
    plans_.splice(plans_.begin(), plans_, it);
    return plans_.front().get();
  }
  for (std::size_t i = 0; i < in.size(); ++i) graph_.inputs[i].shape = in[i]->shape();
  // Kernels trust attributes and operands that shape inference has let pass.
  TENBIN_CHECK(infer_shapes(graph_));
  TENBIN_TRY(auto plan, InferencePlan::compile(graph_, batch, options));
  plans_.push_front(std::move(plan));
  if (plans_.size() > kPlansKept) plans_.pop_back();
  return plans_.front().get();
}

void Region::prepare(std::size_t input, Prelude prelude) {
  prepared_ = input;
  input_names_[input] = prelude.source();
  prelude_ = std::move(prelude);
}

Result<std::vector<Tensor>> Region::run(std::span<const Tensor* const> in,
                                        const PlanOptions& options, StepWatch* watch) {
  if (refused_) return std::vector<Tensor>();
  if (!prelude_) return run_ready(in, options, watch);
  if (watch != nullptr) watch->begin();
  ready_.assign(in.begin(), in.end());
  ready_[prepared_] = prelude_->run(*in[prepared_]);
  if (ready_[prepared_] == nullptr) return std::vector<Tensor>();
  if (watch != nullptr) watch->done({prelude_->results(), "prepare:own", StepKind::kCompiled});
  return run_ready(ready_, options, watch);
}

Result<std::vector<Tensor>> Region::run_ready(std::span<const Tensor* const> in,
                                              const PlanOptions& options, StepWatch* watch) {
  const std::int64_t rows = in.front()->shape().empty() ? 0 : in.front()->shape()[0];
  for (const Tensor* tensor : in) {
    const bool fits = tensor->type() == ElementType::kFloat32 && tensor->shape().size() >= 2 &&
                      tensor->count() > 0 && tensor->shape()[0] == rows;
    if (!fits) return std::vector<Tensor>();
  }
  std::vector<Tensor> out;
  std::vector<std::span<const float>> from(in.size());
  std::vector<std::span<float>> to;
  for (std::int64_t at = 0; at < rows;) {
    const std::int64_t take = std::min(rows - at, kLargestPlan);
    auto plan = plan_for(in, take, options);
    if (!plan.ok()) {
      refused_ = true;
      return std::vector<Tensor>();
    }
    for (std::size_t k = 0; out.size() < output_names_.size(); ++k) {
      Shape shape = (*plan)->output_shapes()[k];
      shape[0] = rows;
      out.emplace_back(ElementType::kFloat32, shape);
    }
    const auto part = [&](auto span) {
      const std::size_t row = span.size() / static_cast<std::size_t>(rows);
      return span.subspan(static_cast<std::size_t>(at) * row, static_cast<std::size_t>(take) * row);
    };
    for (std::size_t i = 0; i < in.size(); ++i) from[i] = part(in[i]->data<float>());
    to.clear();
    for (Tensor& tensor : out) to.push_back(part(tensor.data<float>()));
    (*plan)->run(from, to, watch);
    at += take;
  }
  return out;
}

std::vector<Region> find_regions(const Graph& graph) {
  const Readers readers = readers_of(graph);
  std::vector<Region> regions;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!is_heavy(graph, graph.nodes[i])) continue;
    // What it reads of constants stands right before it.
    std::size_t begin = i;
    while (begin > (regions.empty() ? 0 : regions.back().end()) &&
           (reads_constants_only(graph, graph.nodes[begin - 1]) ||
            brings_steps_first(graph, begin - 1, i)) &&
           InferencePlan::supports(graph.nodes[begin - 1])) {
      --begin;
    }
    Growth growth{graph, readers, {}, {}, {}, {}};
    std::size_t best = begin;
    std::vector<std::string> inputs, outputs;
    for (std::size_t end = begin; end < graph.nodes.size() && growth.add(graph.nodes[end]); ++end) {
      if (end < i || !growth.may_end()) continue;
      best = end + 1;
      inputs = growth.inputs;
      outputs.clear();
      for (const auto& [name, reads] : growth.open) outputs.push_back(name);
    }
    if (best == begin) continue;
    const std::size_t free_from = regions.empty() ? 0 : regions.back().end();
    regions.emplace_back(graph, begin, best, std::move(inputs), std::move(outputs));
    add_prelude(graph, readers, free_from, regions.back());
    i = best - 1;
  }
  return regions;
}

}  // namespace tenbin
