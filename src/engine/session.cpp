// SPDX-License-Identifier: Apache-2.0
#include "engine/session.h"

#include <algorithm>
#include <list>
#include <map>
#include <set>

#include "engine/elementwise.h"
#include "engine/inference_plan.h"
#include "engine/op.h"
#include "platform/team.h"

namespace tenbin {
namespace {

constexpr std::size_t kPlansKept = 4;       // batch sizes that stay compiled
constexpr std::int64_t kLargestPlan = 256;  // larger batches run in pieces: they stay in the cache

bool is_heavy(const OpCall& call) {
  return call.domain.empty() && (call.op == "Conv" || call.op == "Gemm" || call.op == "MatMul");
}

// A run of nodes that becomes one compiled plan: one float value in, one out.
struct Region {
  std::size_t begin = 0, end = 0;  // nodes [begin, end)
  std::string input, output;
  Graph graph;
  bool refused = false;                             // compiling failed once: run op by op
  std::list<std::unique_ptr<InferencePlan>> plans;  // most recently used first
};

// The names that nodes [begin, end) read from outside, constants apart, and write for outside.
void edges(const Graph& g, std::size_t begin, std::size_t end, std::set<std::string>& in,
           std::set<std::string>& out) {
  std::set<std::string> made;
  for (std::size_t i = begin; i < end; ++i) {
    for (const auto& name : g.nodes[i].inputs) {
      if (!name.empty() && !made.contains(name) && !g.initializers.contains(name)) in.insert(name);
    }
    made.insert(g.nodes[i].outputs.begin(), g.nodes[i].outputs.end());
  }
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    if (i >= begin && i < end) continue;
    for (const auto& name : g.nodes[i].inputs) {
      if (made.contains(name)) out.insert(name);
    }
  }
  for (const ValueInfo& output : g.outputs) {
    if (made.contains(output.name)) out.insert(output.name);
  }
}

// From each product of matrices or convolution on, as far as the plan reaches.
std::vector<Region> find_regions(const Graph& g) {
  std::vector<Region> regions;
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    if (!is_heavy(g.nodes[i])) continue;
    for (std::size_t end = g.nodes.size(); end > i; --end) {
      const bool all =
          std::all_of(g.nodes.begin() + static_cast<std::ptrdiff_t>(i),
                      g.nodes.begin() + static_cast<std::ptrdiff_t>(end), InferencePlan::supports);
      std::set<std::string> in, out;
      if (all) edges(g, i, end, in, out);
      if (!all || in.size() != 1 || out.size() != 1) continue;
      Region region{i, end, *in.begin(), *out.begin(), {}, false, {}};
      region.graph.nodes.assign(g.nodes.begin() + static_cast<std::ptrdiff_t>(i),
                                g.nodes.begin() + static_cast<std::ptrdiff_t>(end));
      for (const OpCall& node : region.graph.nodes) {
        for (const auto& name : node.inputs) {
          const auto found = g.initializers.find(name);
          if (found != g.initializers.end()) region.graph.initializers.insert(*found);
        }
      }
      region.graph.inputs = {{region.input, ElementType::kFloat32, {}}};
      region.graph.outputs = {{region.output, ElementType::kFloat32, {}}};
      regions.push_back(std::move(region));
      i = end - 1;
      break;
    }
  }
  return regions;
}

class GraphSession : public Session {
 public:
  GraphSession(const Model& model, const SessionOptions& options)
      : graph_(model.graph), options_(options) {
    stamp_opsets(graph_, model.opsets);
  }

  Status build();
  const std::vector<ValueInfo>& inputs() const override { return graph_.inputs; }
  const std::vector<ValueInfo>& outputs() const override { return graph_.outputs; }
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) override;
  std::vector<std::string> kernels() const override {
    std::vector<std::string> names;
    for (const Region& region : regions_) {
      if (region.plans.empty()) continue;
      const auto& of = region.plans.front()->kernels();
      names.insert(names.end(), of.begin(), of.end());
    }
    return names;
  }

 private:
  struct Step {
    const OpEntry* entry = nullptr;
    std::shared_ptr<const void> prepared;
    std::vector<std::string> dead_after;  // values nobody reads later
  };

  Status check_inputs(std::span<const Tensor> inputs) const;
  Status run_node(std::size_t i, std::map<std::string, Tensor>& values);
  Result<bool> run_region(Region& region, std::map<std::string, Tensor>& values);
  Result<InferencePlan*> plan_for(Region& region, const Shape& shape, std::int64_t batch);
  void plan_lifetimes();

  // Threads for large batches, made when first asked for; null: this session has one thread.
  Team* team() {
    if (options_.threads > 1 && team_ == nullptr) team_ = std::make_unique<Team>(options_.threads);
    return team_.get();
  }

  Graph graph_;
  SessionOptions options_;
  std::unique_ptr<Team> team_;
  std::vector<Step> steps_;
  std::vector<Region> regions_;
};

Status GraphSession::build() {
  TENBIN_CHECK(check_and_sort(graph_));
  std::map<std::string, std::string> missing;  // op -> nodes
  for (const OpCall& node : graph_.nodes) {
    Step step;
    step.entry = find_op(node.domain, node.op);
    if (step.entry == nullptr) {
      std::string& nodes = missing[node.domain.empty() ? node.op : node.domain + "." + node.op];
      nodes += (nodes.empty() ? "" : ", ") + (node.name.empty() ? node.outputs[0] : node.name);
    } else if (step.entry->prepare != nullptr) {
      TENBIN_TRY(step.prepared, step.entry->prepare(node));
    }
    steps_.push_back(std::move(step));
  }
  if (!missing.empty()) {
    std::string text;
    for (const auto& [op, nodes] : missing) {
      text += (text.empty() ? "" : "; ") + op;
      text += " in " + nodes;
    }
    return Error(ErrorCode::kUnsupportedOp,
                 std::to_string(missing.size()) + " unsupported operators: " + text);
  }
  regions_ = find_regions(graph_);
  plan_lifetimes();
  return {};
}

void GraphSession::plan_lifetimes() {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    for (const auto& name : graph_.nodes[i].inputs) last[name] = i;
    for (const auto& name : graph_.nodes[i].outputs) last.try_emplace(name, i);
  }
  for (const ValueInfo& output : graph_.outputs) last.erase(output.name);
  for (const auto& [name, i] : last) {
    if (!graph_.initializers.contains(name)) steps_[i].dead_after.push_back(name);
  }
}

Status GraphSession::check_inputs(std::span<const Tensor> inputs) const {
  if (inputs.size() != graph_.inputs.size()) {
    return Error(ErrorCode::kInputMismatch, std::to_string(inputs.size()) + " inputs, expected " +
                                                std::to_string(graph_.inputs.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ValueInfo& want = graph_.inputs[i];
    bool fits = inputs[i].shape().size() == want.shape.size() || !want.has_shape;
    for (std::size_t d = 0; fits && want.has_shape && d < want.shape.size(); ++d) {
      fits = want.shape[d] < 0 || want.shape[d] == inputs[i].shape()[d];
    }
    if (!fits || inputs[i].type() != want.type) {
      return Error(ErrorCode::kInputMismatch,
                   "input '" + want.name + "' is " + std::string(element_name(inputs[i].type())) +
                       " " + to_text(inputs[i].shape()) + ", expected " +
                       std::string(element_name(want.type)) + " " + to_text(want.shape));
    }
  }
  return {};
}

Status GraphSession::run_node(std::size_t i, std::map<std::string, Tensor>& values) {
  const OpCall& node = graph_.nodes[i];
  std::vector<const Tensor*> inputs;
  for (const auto& name : node.inputs) {
    const Tensor* tensor = nullptr;
    if (const auto found = values.find(name); found != values.end()) tensor = &found->second;
    if (const auto found = graph_.initializers.find(name); found != graph_.initializers.end()) {
      tensor = &found->second;
    }
    inputs.push_back(tensor);
  }
  TENBIN_TRY(auto outputs, steps_[i].entry->compute(node, inputs, steps_[i].prepared.get()));
  for (std::size_t k = 0; k < node.outputs.size() && k < outputs.size(); ++k) {
    if (!node.outputs[k].empty()) values[node.outputs[k]] = std::move(outputs[k]);
  }
  return {};
}

Result<InferencePlan*> GraphSession::plan_for(Region& region, const Shape& shape,
                                              std::int64_t batch) {
  for (auto it = region.plans.begin(); it != region.plans.end(); ++it) {
    if ((*it)->batch() != batch) continue;
    const Shape& known = (*it)->input_shape();
    if (!std::equal(known.begin() + 1, known.end(), shape.begin() + 1, shape.end())) continue;
    region.plans.splice(region.plans.begin(), region.plans, it);
    return region.plans.front().get();
  }
  region.graph.inputs.front().shape = shape;
  TENBIN_TRY(auto plan, InferencePlan::compile(region.graph, batch, options_.threads, team()));
  region.plans.push_front(std::move(plan));
  if (region.plans.size() > kPlansKept) region.plans.pop_back();
  return region.plans.front().get();
}

// True when the plan ran it; false: it has to go op by op.
Result<bool> GraphSession::run_region(Region& region, std::map<std::string, Tensor>& values) {
  const Tensor& in = values.at(region.input);
  const bool fits = in.type() == ElementType::kFloat32 && in.shape().size() >= 2 &&
                    in.shape()[0] > 0 && in.count() > 0;
  if (region.refused || !fits) return false;
  const std::int64_t rows = in.shape()[0];
  const std::int64_t row = in.count() / rows;
  Tensor out;
  for (std::int64_t at = 0; at < rows;) {
    const std::int64_t take = std::min(rows - at, kLargestPlan);
    auto plan = plan_for(region, in.shape(), take);
    if (!plan.ok()) {
      region.refused = true;
      return false;
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
  values[region.output] = std::move(out);
  return true;
}

Result<std::vector<Tensor>> GraphSession::run(std::span<const Tensor> inputs) {
  TENBIN_CHECK(check_inputs(inputs));
  std::map<std::string, Tensor> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) values[graph_.inputs[i].name] = inputs[i];
  auto region = regions_.begin();
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    while (region != regions_.end() && region->begin < i) ++region;
    std::size_t next = i + 1;
    bool compiled = false;
    if (region != regions_.end() && region->begin == i) {
      TENBIN_TRY(compiled, run_region(*region, values));
    }
    if (compiled) {
      next = region->end;
    } else {
      TENBIN_CHECK(run_node(i, values));
    }
    for (; i < next; ++i) {
      for (const auto& name : steps_[i].dead_after) values.erase(name);
    }
    --i;
  }
  std::vector<Tensor> out;
  for (const ValueInfo& output : graph_.outputs) {
    const auto found = values.find(output.name);
    if (found == values.end()) {
      const auto constant = graph_.initializers.find(output.name);
      if (constant == graph_.initializers.end()) {
        return Error(ErrorCode::kBadModel, "output '" + output.name + "' is written by no node");
      }
      out.push_back(constant->second);
      continue;
    }
    out.push_back(found->second);
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::create(const Model& model,
                                                 const SessionOptions& options) {
  auto session = std::make_unique<GraphSession>(model, options);
  TENBIN_CHECK(session->build());
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace tenbin
