// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/typed.h"

namespace tenbin {
namespace {

// Columns of row i that Trilu keeps: [first, last).
struct Columns {
  std::int64_t first, last;
};
Columns kept(bool upper, std::int64_t diagonal, std::int64_t row, std::int64_t width) {
  diagonal = std::clamp<std::int64_t>(diagonal, -(std::int64_t{1} << 40), std::int64_t{1} << 40);
  if (upper) return {std::clamp<std::int64_t>(row + diagonal, 0, width), width};
  return {0, std::clamp<std::int64_t>(row + diagonal + 1, 0, width)};
}

Result<std::vector<Tensor>> triangle(const OpCall& call, OpInputs inputs) {
  const Tensor& in = *inputs[0];
  if (in.shape().size() < 2) return bad_operands(call, to_text(in.shape()) + " is no matrix");
  std::int64_t diagonal = 0;
  if (const Tensor* k = input_of(inputs, 1); k != nullptr) {
    TENBIN_TRY(const auto given, integers_of(call, *k));
    if (given.size() != 1) return bad_operands(call, "more than one diagonal");
    diagonal = given[0];
  }
  const bool upper = call.integer("upper", 1) != 0;
  const std::int64_t width = in.shape().back(), height = in.shape()[in.shape().size() - 2];
  Tensor out(in.type(), in.shape());
  moved(in.type(), [&]<class T>() {
    const auto from = cells<T>(in);
    const auto to = cells<T>(out);
    for (std::int64_t at = 0, row = 0; at < in.count(); at += width, row = (row + 1) % height) {
      const Columns keep = kept(upper, diagonal, row, width);
      if (keep.first >= keep.last) continue;
      std::copy(from.begin() + at + keep.first, from.begin() + at + keep.last,
                to.begin() + at + keep.first);
    }
  });
  return one(std::move(out));
}

Result<std::vector<Tensor>> eye(const OpCall& call, const Tensor& in) {
  if (in.shape().size() != 2) return bad_operands(call, to_text(in.shape()) + " is no matrix");
  const auto same = static_cast<std::int64_t>(in.type());
  const auto type = static_cast<ElementType>(call.integer("dtype", same));
  const std::int64_t k = call.integer("k", 0);
  const std::int64_t height = in.shape()[0], width = in.shape()[1];
  return typed(call, type, kNumbers + kBools, [&]<class T>() -> Result<std::vector<Tensor>> {
    TENBIN_TRY(Tensor out, checked_tensor(type, in.shape()));
    const auto to = out.data<T>();
    for (std::int64_t row = 0; row < height; ++row) {
      std::int64_t column = 0;
      if (__builtin_add_overflow(row, k, &column) || column < 0 || column >= width) continue;
      to[static_cast<std::size_t>(row * width + column)] = static_cast<T>(1);
    }
    return one(std::move(out));
  });
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  return call.op == "Trilu" ? triangle(call, inputs) : eye(call, *inputs[0]);
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  return {
      {"ones above the diagonal", op_call("EyeLike", 1, {{"k", std::int64_t{1}}}), {x}, {}, false},
      {"the upper triangle", op_call("Trilu", 1), {x}, {}, false},
      {"the lower triangle, one more",
       op_call("Trilu", 2, {{"upper", std::int64_t{0}}}),
       {x, Tensor::scalar<std::int64_t>(1)},
       {},
       false}};
}

}  // namespace

const OpEntry& op_eye_like() {
  static const OpEntry entry{
      "", {"EyeLike", "Trilu"}, "Diagonals and triangles of matrices.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
