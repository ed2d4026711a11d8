// SPDX-License-Identifier: Apache-2.0
#include "engine/routine.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "engine/stack.h"
#include "engine/step_watch.h"

namespace tenbin {
namespace {

constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);

std::string place(const OpCall& call) {
  return "node '" + (call.name.empty() ? call.op : call.name) + "'";
}

// What making a value cost; of a sequence, the list alone: its tensors were made before.
std::int64_t bytes_of(const Value& value) {
  constexpr std::int64_t kItem = 32;
  if (value.tensor() != nullptr) return tensor_bytes(*value.tensor());
  const Sequence* sequence = value.sequence();
  return sequence == nullptr ? 0 : static_cast<std::int64_t>(sequence->items.size()) * kItem;
}

}  // namespace

// The bodies of one step, with what they capture lent from the routine around them.
class Routine::StepBodies : public Bodies {
 public:
  StepBodies(Routine& outer, Step& step, RunState& state)
      : outer_(outer), step_(step), state_(state) {}

  Result<const Graph*> graph(std::string_view attribute) const override {
    const Body* body = find(attribute);
    if (body == nullptr) return absent(attribute);
    return &body->routine->graph();
  }

  Result<std::vector<Value>> run(std::string_view attribute, std::vector<Value> inputs) override {
    const Body* body = find(attribute);
    if (body == nullptr) return absent(attribute);
    Routine& routine = *body->routine;
    const std::size_t wanted = routine.graph().inputs.size();
    if (inputs.size() != wanted) {
      return Error(ErrorCode::kBadModel, std::string(attribute) + " takes " +
                                             std::to_string(wanted) + " inputs, expected " +
                                             std::to_string(inputs.size()));
    }
    if (++state_.trips > limits::kLoopTrips) {
      return Error(ErrorCode::kTooLarge, "more than " + std::to_string(limits::kLoopTrips) +
                                             " passes through subgraphs in one run");
    }
    for (const Body::Capture& capture : body->captures) {
      routine.lend(capture.inner, outer_.view_[capture.outer]);
    }
    for (std::size_t i = 0; i < wanted; ++i) routine.bind(i, std::move(inputs[i]));
    TENBIN_CHECK(routine.run(state_));
    std::vector<Value> out;
    out.reserve(routine.graph().outputs.size());
    for (std::size_t i = 0; i < routine.graph().outputs.size(); ++i) {
      out.push_back(routine.take(i));
      state_.bytes += bytes_of(out.back());
    }
    if (state_.bytes > limits::kLoopBytes) {
      return Error(ErrorCode::kTooLarge, "more than " + std::to_string(limits::kLoopBytes) +
                                             " bytes made by subgraphs in one run");
    }
    return out;
  }

 private:
  const Body* find(std::string_view attribute) const {
    for (const Body& body : step_.bodies) {
      if (body.attribute == attribute) return &body;
    }
    return nullptr;
  }
  static Error absent(std::string_view attribute) {
    return Error(ErrorCode::kBadModel,
                 "no graph in attribute '" + std::string(attribute) + "', expected one");
  }

  Routine& outer_;
  Step& step_;
  RunState& state_;
};

Result<std::unique_ptr<Routine>> Routine::compile(const Graph& graph, Missing& missing) {
  std::unique_ptr<Routine> routine(new Routine(graph));
  for (const ValueInfo& input : graph.inputs) routine->new_slot(input.name);
  for (const auto& [name, tensor] : graph.initializers) {
    routine->view_[routine->new_slot(name)] = ValueRef(tensor);
  }
  for (const OpCall& node : graph.nodes) TENBIN_CHECK(routine->compile_node(node, missing));
  for (const ValueInfo& output : graph.outputs) {
    routine->outputs_.push_back(routine->slot_of(output.name));
  }
  routine->place_regions();
  routine->plan_lifetimes();
  routine->slots_.clear();
  return routine;
}

std::size_t Routine::new_slot(const std::string& name) {
  slots_[name] = view_.size();
  view_.emplace_back();
  own_.emplace_back();
  return view_.size() - 1;
}

// What no node has written yet comes from outside.
std::size_t Routine::slot_of(const std::string& name) {
  if (const auto found = slots_.find(name); found != slots_.end()) return found->second;
  return captures_[name] = new_slot(name);
}

Result<Routine::Body> Routine::compile_body(const OpCall& node, const std::string& attribute,
                                            const Graph& graph, Missing& missing) {
  TENBIN_TRY(std::unique_ptr<Routine> routine, compile(graph, missing));
  Body body{attribute, std::move(routine), {}};
  for (const auto& [name, inner] : body.routine->captures()) {
    if (name.empty()) return Error(ErrorCode::kBadModel, "output without a name", place(node));
    body.captures.push_back({inner, slot_of(name)});
  }
  return body;
}

Status Routine::compile_node(const OpCall& node, Missing& missing) {
  Step step;
  step.entry = find_op(node.domain, node.op);
  if (step.entry == nullptr) {
    std::string& nodes = missing[node.domain.empty() ? node.op : node.domain + "." + node.op];
    const std::string first = node.outputs.empty() ? node.op : node.outputs[0];
    nodes += (nodes.empty() ? "" : ", ") + (node.name.empty() ? first : node.name);
  } else if (step.entry->prepare != nullptr) {
    auto prepared = step.entry->prepare(node);
    if (!prepared.ok()) return Error(prepared.error()).at(place(node));
    step.prepared = std::move(prepared).value();
  }
  for (const std::string& name : node.inputs) {
    step.inputs.push_back(name.empty() ? kNoSlot : slot_of(name));
  }
  for (const auto& [key, attribute] : node.attributes) {
    const auto* graph = std::get_if<std::shared_ptr<const Subgraph>>(&attribute);
    if (graph == nullptr || *graph == nullptr) continue;
    TENBIN_TRY(Body body, compile_body(node, key, (*graph)->graph, missing));
    step.bodies.push_back(std::move(body));
  }
  for (const std::string& name : node.outputs) {
    step.outputs.push_back(name.empty() ? kNoSlot : new_slot(name));
  }
  steps_.push_back(std::move(step));
  return {};
}

void Routine::place_regions() {
  regions_ = find_regions(graph_);
  region_at_.assign(steps_.size(), kNoSlot);
  for (std::size_t r = 0; r < regions_.size(); ++r) {
    region_at_[regions_[r].begin()] = r;
    RegionSlots& slots = region_slots_.emplace_back();
    for (const auto& name : regions_[r].inputs()) slots.inputs.push_back(slots_.at(name));
    for (const auto& name : regions_[r].outputs()) slots.outputs.push_back(slots_.at(name));
  }
}

void Routine::plan_lifetimes() {
  std::vector<std::size_t> last(view_.size(), kNoSlot);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    for (const std::size_t slot : steps_[i].inputs) {
      if (slot != kNoSlot) last[slot] = i;
    }
    for (const Body& body : steps_[i].bodies) {
      for (const Body::Capture& capture : body.captures) last[capture.outer] = i;
    }
  }
  std::vector<bool> stays(view_.size(), false);
  for (const std::size_t slot : outputs_) stays[slot] = true;
  for (Step& step : steps_) {
    for (std::size_t& slot : step.outputs) {
      if (slot == kNoSlot || stays[slot]) continue;
      if (last[slot] == kNoSlot) {
        slot = kNoSlot;
      } else {
        steps_[last[slot]].dead_after.push_back(slot);
      }
    }
  }
  for (std::size_t slot = 0; slot < graph_.inputs.size(); ++slot) {
    if (!stays[slot] && last[slot] != kNoSlot) steps_[last[slot]].dead_after.push_back(slot);
  }
}

void Routine::keep(std::size_t slot, Value value) {
  own_[slot] = std::move(value);
  view_[slot] = ValueRef(own_[slot]);
}

void Routine::release(std::size_t i) {
  for (const std::size_t slot : steps_[i].dead_after) {
    own_[slot] = Value();
    view_[slot] = ValueRef();
  }
}

Result<std::vector<Value>> Routine::compute(std::size_t i, RunState& state) {
  const OpCall& node = graph_.nodes[i];
  Step& step = steps_[i];
  tensors_.clear();
  bool tensors_only = step.entry->compute != nullptr;
  for (std::size_t k = 0; k < step.inputs.size(); ++k) {
    const std::size_t slot = step.inputs[k];
    if (slot == kNoSlot) {
      tensors_.push_back(nullptr);
      continue;
    }
    if (!view_[slot].given) {
      return Error(ErrorCode::kBadModel,
                   "value '" + node.inputs[k] + "' is read before it is made");
    }
    tensors_only = tensors_only && view_[slot].tensor != nullptr;
    tensors_.push_back(view_[slot].tensor);
  }
  if (tensors_only) {
    TENBIN_TRY(std::vector<Tensor> tensors,
               step.entry->compute(node, tensors_, step.prepared.get()));
    return std::vector<Value>(std::make_move_iterator(tensors.begin()),
                              std::make_move_iterator(tensors.end()));
  }
  if (step.entry->compute_values == nullptr) {
    return Error(ErrorCode::kUnsupportedOp,
                 node.op + " of a sequence or an optional, expected tensors");
  }
  values_.clear();
  for (const std::size_t slot : step.inputs) {
    values_.push_back(slot == kNoSlot ? ValueRef() : view_[slot]);
  }
  StepBodies bodies(*this, step, state);
  return step.entry->compute_values(node, values_, bodies);
}

Status Routine::run_step(std::size_t i, RunState& state) {
  // Steps of bodies are part of the step they belong to.
  StepWatch* const watch = std::exchange(state.watch, nullptr);
  if (watch != nullptr) watch->begin();
  auto results = compute(i, state);
  if (watch != nullptr) watch->done({graph_.nodes[i].outputs, "plain", StepKind::kPlain});
  state.watch = watch;
  if (!results.ok()) return Error(results.error()).at(place(graph_.nodes[i]));
  const std::vector<std::size_t>& outputs = steps_[i].outputs;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (outputs[k] == kNoSlot) continue;
    if (k >= results->size()) {
      return Error(ErrorCode::kUnsupportedOp,
                   "output " + std::to_string(k) + " of " + graph_.nodes[i].op +
                       " is read, expected at most " + std::to_string(results->size()) + " outputs",
                   place(graph_.nodes[i]));
    }
    keep(outputs[k], std::move((*results)[k]));
  }
  return {};
}

Result<bool> Routine::run_region(std::size_t i, RunState& state) {
  if (region_at_[i] == kNoSlot) return false;
  const RegionSlots& slots = region_slots_[region_at_[i]];
  tensors_.clear();
  for (const std::size_t slot : slots.inputs) {
    if (view_[slot].tensor == nullptr) return false;
    tensors_.push_back(view_[slot].tensor);
  }
  TENBIN_TRY(auto out, regions_[region_at_[i]].run(tensors_, state.plan, state.watch));
  if (out.empty()) return false;
  for (std::size_t k = 0; k < out.size(); ++k) keep(slots.outputs[k], std::move(out[k]));
  return true;
}

Status Routine::run(RunState& state) {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    TENBIN_TRY(const bool compiled, run_region(i, state));
    if (!compiled) {
      TENBIN_CHECK(run_step(i, state));
      release(i);
      continue;
    }
    const std::size_t end = regions_[region_at_[i]].end();
    for (; i < end; ++i) release(i);
    --i;
  }
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    if (view_[outputs_[k]].given) continue;
    return Error(ErrorCode::kBadModel,
                 "output '" + graph_.outputs[k].name + "' is written by no node");
  }
  return {};
}

Value Routine::take(std::size_t output) {
  const std::size_t slot = outputs_[output];
  const bool again = std::find(outputs_.begin() + static_cast<std::ptrdiff_t>(output) + 1,
                               outputs_.end(), slot) != outputs_.end();
  const bool owned =
      view_[slot].tensor == own_[slot].tensor() && view_[slot].sequence == own_[slot].sequence();
  if (again || !owned) return view_[slot].copy();
  view_[slot] = ValueRef();
  return std::exchange(own_[slot], Value());
}

std::vector<std::string> Routine::kernels() const {
  std::vector<std::string> names;
  for (const Region& region : regions_) {
    const auto of = region.kernels();
    names.insert(names.end(), of.begin(), of.end());
  }
  return names;
}

}  // namespace tenbin
