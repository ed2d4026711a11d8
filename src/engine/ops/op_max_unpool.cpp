// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

// The size that MaxPool had before it.
Result<Shape> pooled_shape(const OpCall& call, const Shape& src) {
  const std::size_t rank = src.size() < 3 ? 0 : src.size() - 2;
  const auto kernel = call.integers("kernel_shape");
  const auto strides = call.integers("strides", std::vector<std::int64_t>(rank, 1));
  const auto pads = call.integers("pads", std::vector<std::int64_t>(2 * rank, 0));
  if (rank == 0 || kernel.size() != rank || strides.size() != rank || pads.size() != 2 * rank) {
    return bad_operands(call, "attributes of another rank than " + to_text(src));
  }
  Shape shape = src;
  for (std::size_t d = 0; d < rank; ++d) {
    std::int64_t size = 0, pad = 0;
    if (__builtin_mul_overflow(src[d + 2] - 1, strides[d], &size) ||
        __builtin_add_overflow(size, kernel[d], &size) ||
        __builtin_add_overflow(pads[d], pads[d + rank], &pad) ||
        __builtin_sub_overflow(size, pad, &shape[d + 2])) {
      return bad_operands(call, "sizes past every limit");
    }
  }
  return shape;
}

// The number in a larger tensor of the element that has this number in a smaller one; -1: none.
std::int64_t moved_place(std::int64_t place, const Shape& small, const Shape& large) {
  std::int64_t out = 0, step = 1;
  for (std::size_t d = small.size(); d-- > 0;) {
    const std::int64_t at = place % small[d];
    if (at >= large[d]) return -1;
    out += at * step;
    step *= large[d];
    place /= small[d];
  }
  return place == 0 ? out : -1;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& src = *inputs[0];
  TENBIN_CHECK(need_type(call, *inputs[1], ElementType::kInt64));
  if (inputs[1]->shape() != src.shape()) {
    return bad_operands(call,
                        "indices " + to_text(inputs[1]->shape()) + " of " + to_text(src.shape()));
  }
  TENBIN_TRY(const Shape pooled, pooled_shape(call, src.shape()));
  TENBIN_CHECK(element_count(pooled));
  Shape shape = pooled;
  if (const Tensor* given = input_of(inputs, 2); given != nullptr) {
    TENBIN_TRY(shape, integers_of(call, *given));
    if (shape.size() != pooled.size()) return bad_operands(call, "output_shape of another rank");
  }
  TENBIN_TRY(Tensor out, checked_tensor(src.type(), shape));
  std::vector<std::int64_t> places;
  for (const std::int64_t place : inputs[1]->data<std::int64_t>()) {
    const bool inside = place >= 0 && place < count_of(pooled);
    places.push_back(inside ? moved_place(place, pooled, shape) : -1);
    if (places.back() >= 0) continue;
    return bad_operands(call, "place " + std::to_string(place) + " of " + to_text(shape));
  }
  moved(src.type(), [&]<class T>() {
    const auto from = cells<T>(src);
    const auto to = cells<T>(out);
    for (std::size_t i = 0; i < from.size(); ++i) to[static_cast<std::size_t>(places[i])] = from[i];
  });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {
      {"back to their places",
       op_call("MaxUnpool", 2,
               {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                {"strides", std::vector<std::int64_t>{2, 2}}}),
       {Tensor::of<float>({1, 1, 1, 2}, {5, 6}), Tensor::of<std::int64_t>({1, 1, 1, 2}, {4, 3})},
       {},
       false}};
}

}  // namespace

const OpEntry& op_max_unpool() {
  static const OpEntry entry{"",      {"MaxUnpool"}, "What MaxPool found, back in its places.",
                             compute, nullptr,       probes};
  return entry;
}

}  // namespace tenbin
