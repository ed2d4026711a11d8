// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "tensor/tensor.h"

namespace tenbin {

// What kind of value a name of a graph stands for.
enum class ValueKind : std::uint8_t { kTensor, kSequence, kOptional, kOptionalSequence };

// Tensors of one element type, in order; each may have a shape of its own. Tensors never change
// once they are in a sequence, so that copies of it share them.
struct Sequence {
  ElementType type = ElementType::kUndefined;  // known also when it is empty
  std::vector<std::shared_ptr<const Tensor>> items;
};

// What flows along an edge of a graph. An optional that holds something is what it holds; an empty
// one is nothing. Default: nothing.
class Value {
 public:
  Value() = default;
  Value(Tensor tensor) : held_(std::move(tensor)) {}        // NOLINT(google-explicit-constructor)
  Value(Sequence sequence) : held_(std::move(sequence)) {}  // NOLINT(google-explicit-constructor)

  bool nothing() const { return held_.index() == 0; }
  const Tensor* tensor() const { return std::get_if<Tensor>(&held_); }  // null: no tensor
  Tensor* tensor() { return std::get_if<Tensor>(&held_); }
  const Sequence* sequence() const { return std::get_if<Sequence>(&held_); }
  Sequence* sequence() { return std::get_if<Sequence>(&held_); }

 private:
  std::variant<std::monostate, Tensor, Sequence> held_;
};

// A value borrowed for a call.
struct ValueRef {
  const Tensor* tensor = nullptr;
  const Sequence* sequence = nullptr;
  bool given = false;  // false: an optional input left out, or a value not made yet

  ValueRef() = default;
  explicit ValueRef(const Tensor& t) : tensor(&t), given(true) {}
  explicit ValueRef(const Value& v) : tensor(v.tensor()), sequence(v.sequence()), given(true) {}

  bool nothing() const { return tensor == nullptr && sequence == nullptr; }
  Value copy() const {
    if (tensor != nullptr) return Value(*tensor);
    return sequence != nullptr ? Value(*sequence) : Value();
  }
};

}  // namespace tenbin
