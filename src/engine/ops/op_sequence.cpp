// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<const Sequence*> sequence_of(const OpCall& call, OpValues inputs) {
  if (inputs.empty() || inputs[0].sequence == nullptr) {
    return bad_operands(call, "first input must be a sequence");
  }
  return inputs[0].sequence;
}

// A position, counted from the end if negative; none when the input is left out.
Result<std::optional<std::size_t>> position_of(const OpCall& call, OpValues inputs, std::size_t i,
                                               std::size_t most) {
  if (i >= inputs.size() || inputs[i].nothing()) return std::optional<std::size_t>();
  const Tensor* tensor = inputs[i].tensor;
  std::int64_t at = 0;
  if (tensor != nullptr && tensor->count() == 1 && tensor->type() == ElementType::kInt64) {
    at = tensor->data<std::int64_t>()[0];
  } else if (tensor != nullptr && tensor->count() == 1 && tensor->type() == ElementType::kInt32) {
    at = tensor->data<std::int32_t>()[0];
  } else {
    return bad_operands(call, "position must be one int32 or int64");
  }
  const auto size = static_cast<std::int64_t>(most);
  // SequenceInsert may put behind the last one.
  const std::int64_t length = call.op == "SequenceInsert" ? size - 1 : size;
  if (at < -length || at >= size) {
    return bad_operands(
        call, "position " + std::to_string(at) + " in a sequence of " + std::to_string(length));
  }
  return std::optional<std::size_t>(static_cast<std::size_t>(at < 0 ? at + length : at));
}

Result<std::vector<Value>> construct(const OpCall& call, OpValues inputs) {
  Sequence out;
  for (const ValueRef& input : inputs) {
    if (input.tensor == nullptr) return bad_operands(call, "items must be tensors");
    if (!out.items.empty() && input.tensor->type() != out.type) {
      return bad_operands(call, std::string(element_name(out.type)) + " beside " +
                                    std::string(element_name(input.tensor->type())));
    }
    out.type = input.tensor->type();
    out.items.push_back(std::make_shared<const Tensor>(*input.tensor));
  }
  return std::vector<Value>{Value(std::move(out))};
}

Result<std::vector<Value>> insert(const OpCall& call, OpValues inputs) {
  TENBIN_TRY(const Sequence* sequence, sequence_of(call, inputs));
  const Tensor* item = inputs.size() > 1 ? inputs[1].tensor : nullptr;
  if (item == nullptr) return bad_operands(call, "second input must be a tensor");
  if (!sequence->items.empty() && item->type() != sequence->type) {
    return bad_operands(call, std::string(element_name(item->type())) + " into a sequence of " +
                                  std::string(element_name(sequence->type)));
  }
  TENBIN_TRY(const auto at, position_of(call, inputs, 2, sequence->items.size() + 1));
  Sequence out = *sequence;
  out.type = item->type();
  out.items.insert(out.items.begin() + static_cast<std::ptrdiff_t>(at.value_or(out.items.size())),
                   std::make_shared<const Tensor>(*item));
  return std::vector<Value>{Value(std::move(out))};
}

Result<std::vector<Value>> erase(const OpCall& call, OpValues inputs) {
  TENBIN_TRY(const Sequence* sequence, sequence_of(call, inputs));
  if (sequence->items.empty()) return bad_operands(call, "sequence is empty");
  TENBIN_TRY(const auto at, position_of(call, inputs, 1, sequence->items.size()));
  Sequence out = *sequence;
  out.items.erase(out.items.begin() +
                  static_cast<std::ptrdiff_t>(at.value_or(out.items.size() - 1)));
  return std::vector<Value>{Value(std::move(out))};
}

Result<std::vector<Value>> at(const OpCall& call, OpValues inputs) {
  TENBIN_TRY(const Sequence* sequence, sequence_of(call, inputs));
  TENBIN_TRY(const auto at, position_of(call, inputs, 1, sequence->items.size()));
  if (!at) return bad_operands(call, "no position");
  return std::vector<Value>{Value(*sequence->items[*at])};
}

Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies&) {
  if (call.op == "SequenceConstruct") return construct(call, inputs);
  if (call.op == "SequenceEmpty") {
    Sequence empty;
    empty.type = static_cast<ElementType>(call.integer("dtype", 1));
    return std::vector<Value>{Value(std::move(empty))};
  }
  if (call.op == "SequenceInsert") return insert(call, inputs);
  if (call.op == "SequenceErase") return erase(call, inputs);
  if (call.op == "SequenceAt") return at(call, inputs);
  TENBIN_TRY(const Sequence* sequence, sequence_of(call, inputs));
  return std::vector<Value>{
      Value(Tensor::scalar(static_cast<std::int64_t>(sequence->items.size())))};
}

}  // namespace

const OpEntry& op_sequence() {
  static const OpEntry entry{.domain = "",
                             .ops = {"SequenceConstruct", "SequenceEmpty", "SequenceInsert",
                                     "SequenceErase", "SequenceAt", "SequenceLength"},
                             .doc = "Sequences of tensors, one item at a time.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin
