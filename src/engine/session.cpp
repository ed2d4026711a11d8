// SPDX-License-Identifier: Apache-2.0
#include "engine/session.h"

#include "engine/fold_constants.h"
#include "engine/routine.h"
#include "engine/step_watch.h"
#include "graph/rewrites/rewrites.h"
#include "platform/team.h"

namespace tenbin {
namespace {

std::string describe(ValueKind kind, ElementType type, const Shape* shape) {
  std::string text(element_name(type));
  if (shape != nullptr) text += " " + to_text(*shape);
  switch (kind) {
    case ValueKind::kTensor: return text;
    case ValueKind::kSequence: return "sequence of " + text;
    case ValueKind::kOptional: return "optional " + text;
    case ValueKind::kOptionalSequence: return "optional sequence of " + text;
  }
  return text;
}

std::string describe(const Value& value) {
  if (const Tensor* t = value.tensor()) return describe(ValueKind::kTensor, t->type(), &t->shape());
  if (value.sequence() == nullptr) return "nothing";
  return describe(ValueKind::kSequence, value.sequence()->type, nullptr);
}

Error mismatch(const ValueInfo& want, const std::string& found) {
  return Error(ErrorCode::kInputMismatch,
               "input '" + want.name + "' is " + found + ", expected " +
                   describe(want.kind, want.type, want.has_shape ? &want.shape : nullptr));
}

bool type_fits(const ValueInfo& want, ElementType type) {
  return want.type == ElementType::kUndefined || want.type == type;
}

bool tensor_fits(const ValueInfo& want, const Tensor& tensor) {
  if (!type_fits(want, tensor.type())) return false;
  if (!want.has_shape) return true;
  const Shape& shape = tensor.shape();
  if (shape.size() != want.shape.size()) return false;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (want.shape[d] >= 0 && want.shape[d] != shape[d]) return false;
  }
  return true;
}

bool value_fits(const ValueInfo& want, const Value& value) {
  const bool sequence =
      want.kind == ValueKind::kSequence || want.kind == ValueKind::kOptionalSequence;
  if (value.nothing()) return want.kind != ValueKind::kTensor && want.kind != ValueKind::kSequence;
  if (value.tensor() != nullptr) return !sequence && tensor_fits(want, *value.tensor());
  return sequence && (value.sequence()->items.empty() || type_fits(want, value.sequence()->type));
}

class GraphSession final : public Session {
 public:
  GraphSession(const Model& model, const SessionOptions& options)
      : graph_(model.graph), options_(options) {
    stamp_opsets(graph_, model.opsets);
  }

  Status build() {
    TENBIN_CHECK(check_and_sort(graph_));
    fold_constants(graph_);
    drop_zero_states(graph_);
    // Types decide what is compiled. A graph that contradicts itself is told when it runs.
    if (!infer_shapes(graph_).ok()) graph_.values.clear();
    sink_constant_calls(graph_);
    Routine::Missing missing;
    TENBIN_TRY(routine_, Routine::compile(graph_, missing));
    if (missing.empty()) return {};
    std::string text;
    for (const auto& [op, nodes] : missing) {
      text += (text.empty() ? "" : "; ") + op;
      text += " in " + nodes;
    }
    return Error(ErrorCode::kUnsupportedOp,
                 std::to_string(missing.size()) + " unsupported operators: " + text);
  }

  const std::vector<ValueInfo>& inputs() const override { return graph_.inputs; }
  const std::vector<ValueInfo>& outputs() const override { return graph_.outputs; }
  std::vector<std::string> kernels() const override { return routine_->kernels(); }

  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) override {
    return run_told(inputs, nullptr);
  }
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs, StepWatch& watch) override {
    return run_told(inputs, &watch);
  }
  Result<std::vector<Tensor>> run_told(std::span<const Tensor> inputs, StepWatch* watch) {
    TENBIN_CHECK(check_count(inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const ValueInfo& want = graph_.inputs[i];
      const bool sequence =
          want.kind == ValueKind::kSequence || want.kind == ValueKind::kOptionalSequence;
      if (sequence || !tensor_fits(want, inputs[i])) return mismatch(want, describe(inputs[i]));
      routine_->bind(i, inputs[i]);
    }
    TENBIN_CHECK(run_bound(watch));
    std::vector<Tensor> out;
    out.reserve(graph_.outputs.size());
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      Value value = routine_->take(i);
      if (value.tensor() == nullptr) {
        return Error(ErrorCode::kUnsupportedOp, "output '" + graph_.outputs[i].name + "' is " +
                                                    describe(value) + ", expected a tensor");
      }
      out.push_back(std::move(*value.tensor()));
    }
    return out;
  }

  Result<std::vector<Value>> run_values(std::vector<Value> inputs) override {
    TENBIN_CHECK(check_count(inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!value_fits(graph_.inputs[i], inputs[i])) {
        return mismatch(graph_.inputs[i], describe(inputs[i]));
      }
      routine_->bind(i, std::move(inputs[i]));
    }
    TENBIN_CHECK(run_bound(nullptr));
    std::vector<Value> out;
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) out.push_back(routine_->take(i));
    return out;
  }

 private:
  Status check_count(std::size_t inputs) const {
    if (inputs == graph_.inputs.size()) return {};
    return Error(ErrorCode::kInputMismatch, std::to_string(inputs) + " inputs, expected " +
                                                std::to_string(graph_.inputs.size()));
  }

  Status run_bound(StepWatch* watch) {
    RunState state{{options_.threads, team(), options_.precision}, watch};
    return routine_->run(state);
  }

  // Threads for large batches, made when first asked for; null: this session has one thread.
  Team* team() {
    if (options_.threads > 1 && team_ == nullptr) team_ = std::make_unique<Team>(options_.threads);
    return team_.get();
  }

  Graph graph_;
  SessionOptions options_;
  std::unique_ptr<Team> team_;
  std::unique_ptr<Routine> routine_;
};

}  // namespace

Result<std::vector<Tensor>> Session::run(std::span<const Tensor> /*inputs*/, StepWatch& /*watch*/) {
  return Error(ErrorCode::kMissingCapability, "this engine does not tell its steps");
}

Result<std::vector<Value>> Session::run_values(std::vector<Value> inputs) {
  std::vector<Tensor> tensors;
  for (Value& input : inputs) {
    if (input.tensor() == nullptr) {
      return Error(ErrorCode::kUnsupportedOp,
                   "input is " + describe(input) + ", expected a tensor");
    }
    tensors.push_back(std::move(*input.tensor()));
  }
  TENBIN_TRY(std::vector<Tensor> out, run(tensors));
  return std::vector<Value>(std::make_move_iterator(out.begin()),
                            std::make_move_iterator(out.end()));
}

Result<std::unique_ptr<Session>> Session::create(const Model& model,
                                                 const SessionOptions& options) {
  TENBIN_CHECK(check_precision(options.precision));
  auto session = std::make_unique<GraphSession>(model, options);
  TENBIN_CHECK(session->build());
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace tenbin
