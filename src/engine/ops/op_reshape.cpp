// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/limits.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

Result<Shape> wanted_shape(const OpCall& call, const Tensor& in,
                           const std::vector<std::int64_t>& given) {
  Shape shape;
  std::int64_t known = 1;
  std::ptrdiff_t open = -1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    std::int64_t size = given[i];
    if (size == 0 && call.integer("allowzero", 0) == 0) {
      if (i >= in.shape().size())
        return bad_operands(call, "size 0 copies a size that is not there");
      size = in.shape()[i];
    }
    if (size == -1) {
      if (open >= 0) return bad_operands(call, "more than one size is -1");
      open = static_cast<std::ptrdiff_t>(i);
    } else if (size < 0 || __builtin_mul_overflow(known, size, &known)) {
      return bad_operands(call, "size " + std::to_string(size));
    }
    shape.push_back(size);
  }
  if (open >= 0) shape[static_cast<std::size_t>(open)] = known == 0 ? 0 : in.count() / known;
  TENBIN_TRY(const std::int64_t count, element_count(shape));
  if (count != in.count()) {
    return bad_operands(call, to_text(in.shape()) + " cannot become " + to_text(shape));
  }
  return shape;
}

Result<std::vector<std::int64_t>> axes_of(const OpCall& call, OpInputs inputs, std::size_t rank) {
  TENBIN_TRY(auto axes, integers_of(call, inputs, 1, "axes"));
  for (std::int64_t& axis : axes) {
    TENBIN_TRY(axis, axis_of(call, axis, rank));
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

Result<Shape> new_shape(const OpCall& call, OpInputs inputs) {
  const Tensor& in = *inputs[0];
  const Shape& old = in.shape();
  if (call.op == "Reshape") {
    if (call.find("shape") == nullptr) TENBIN_CHECK(need_inputs(call, inputs, 2));
    TENBIN_TRY(const auto sizes, integers_of(call, inputs, 1, "shape"));
    return wanted_shape(call, in, sizes);
  }
  if (call.op == "Flatten") {
    const std::int64_t axis = call.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(old.size());
    const std::int64_t cut = axis < 0 ? axis + rank : axis;
    if (cut < 0 || cut > rank) return bad_operands(call, "axis " + std::to_string(axis));
    std::int64_t rows = 1;
    for (std::int64_t i = 0; i < cut; ++i) rows *= old[static_cast<std::size_t>(i)];
    std::int64_t columns = 1;
    for (std::int64_t i = cut; i < rank; ++i) columns *= old[static_cast<std::size_t>(i)];
    return Shape{rows, columns};
  }
  if (call.op == "Unsqueeze") {
    TENBIN_TRY(const auto given, integers_of(call, inputs, 1, "axes"));
    if (old.size() + given.size() > limits::kTensorRank) return bad_operands(call, "rank too high");
    TENBIN_TRY(const auto axes, axes_of(call, inputs, old.size() + given.size()));
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
      return bad_operands(call, "an axis given twice");
    }
    Shape shape = old;
    for (const std::int64_t axis : axes) shape.insert(shape.begin() + axis, 1);
    return shape;
  }
  TENBIN_TRY(const auto axes, axes_of(call, inputs, old.size()));
  Shape shape;
  for (std::size_t i = 0; i < old.size(); ++i) {
    const bool named =
        std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) != axes.end();
    if (named && old[i] != 1)
      return bad_operands(call, "size " + std::to_string(old[i]) + " is not 1");
    if (!(named || (axes.empty() && old[i] == 1))) shape.push_back(old[i]);
  }
  return shape;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  Tensor out = *inputs[0];
  TENBIN_TRY(Shape shape, new_shape(call, inputs));
  out.reshape(std::move(shape));
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"an open size",
           op_call("Reshape", 2),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<std::int64_t>({2}, {3, -1})},
           {false, true}},
          {"the batch kept, the rest in planes",
           op_call("Reshape", 2),
           {Tensor::of<float>({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
            Tensor::of<std::int64_t>({4}, {0, 2, -1, 1})},
           {false, true}},
          {"to rows", op_call("Flatten", 1), {Tensor(ElementType::kFloat32, {2, 3, 4})}, {}}};
}

}  // namespace

const OpEntry& op_reshape() {
  static const OpEntry entry{"",
                             {"Reshape", "Flatten", "Squeeze", "Unsqueeze"},
                             "Another shape of the same elements.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
