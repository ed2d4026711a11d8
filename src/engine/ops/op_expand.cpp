// SPDX-License-Identifier: Apache-2.0
#include "engine/axes.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> expand(const OpCall& call, const Tensor& in, const Shape& wanted) {
  for (const std::int64_t size : wanted) {
    if (size < 0) return bad_operands(call, "shape " + to_text(wanted));
  }
  TENBIN_TRY(const Shape shape, broadcast(in.shape(), wanted));
  TENBIN_CHECK(element_count(shape));
  const Tensor source = with_rank(in, shape.size());
  TENBIN_TRY(Tensor out, picked(source, shape, [&](std::size_t d, std::int64_t i) {
               return source.shape()[d] == 1 ? 0 : i;
             }));
  return one(std::move(out));
}

Result<std::vector<Tensor>> tile(const OpCall& call, const Tensor& in,
                                 const std::vector<std::int64_t>& repeats) {
  Shape shape = in.shape();
  if (repeats.size() != shape.size()) {
    return bad_operands(call, std::to_string(repeats.size()) + " repeats of a tensor of rank " +
                                  std::to_string(shape.size()));
  }
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (repeats[d] < 0 || __builtin_mul_overflow(shape[d], repeats[d], &shape[d])) {
      return bad_operands(call, "repeats of " + std::to_string(repeats[d]));
    }
  }
  TENBIN_TRY(Tensor out,
             picked(in, shape, [&](std::size_t d, std::int64_t i) { return i % in.shape()[d]; }));
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  TENBIN_TRY(const auto sizes, integers_of(call, *inputs[1]));
  return call.op == "Tile" ? tile(call, *inputs[0], sizes) : expand(call, *inputs[0], sizes);
}

std::vector<OpProbe> probes() {
  return {{"a column to a matrix",
           op_call("Expand", 2),
           {Tensor::of<float>({2, 1}, {1, 2}), Tensor::of<std::int64_t>({3}, {2, 1, 3})},
           {false, true},
           false},
          {"twice across",
           op_call("Tile", 2),
           {Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<std::int64_t>({2}, {1, 2})},
           {false, true},
           false}};
}

}  // namespace

const OpEntry& op_expand() {
  static const OpEntry entry{
      "", {"Expand", "Tile"}, "The same elements again and again.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
