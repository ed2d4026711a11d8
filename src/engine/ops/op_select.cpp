// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/axes.h"

namespace tenbin {
namespace {

// Slices whose condition holds; without an axis, of all elements in a row.
Result<std::vector<Tensor>> compress(const OpCall& call, OpInputs inputs) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  TENBIN_CHECK(need_type(call, *inputs[1], ElementType::kBool));
  Tensor in = *inputs[0];
  if (call.find("axis") == nullptr) in.reshape({in.count()});
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), in.shape().size()));
  const auto along = static_cast<std::size_t>(axis);
  const auto keep = inputs[1]->data<bool>();
  std::vector<std::int64_t> kept;
  const std::size_t most =
      std::min(keep.size(), static_cast<std::size_t>(in.shape()[along]));  // the rest is left out
  for (std::size_t i = 0; i < most; ++i) {
    if (keep[i]) kept.push_back(static_cast<std::int64_t>(i));
  }
  Shape shape = in.shape();
  shape[along] = static_cast<std::int64_t>(kept.size());
  TENBIN_TRY(Tensor out, picked(in, shape, [&](std::size_t d, std::int64_t i) {
               return d == along ? kept[static_cast<std::size_t>(i)] : i;
             }));
  return one(std::move(out));
}

// Places of what is not zero, one column each.
template <class T> Result<std::vector<Tensor>> non_zero(const Tensor& in) {
  const auto values = in.data<T>();
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != T{0}) found.push_back(static_cast<std::int64_t>(i));
  }
  const std::vector<std::int64_t> strides = strides_of(in.shape());
  const auto count = static_cast<std::int64_t>(found.size());
  const auto rank = static_cast<std::int64_t>(in.shape().size());
  TENBIN_TRY(Tensor out, checked_tensor(ElementType::kInt64, {rank, count}));
  auto to = out.data<std::int64_t>().begin();
  for (std::size_t d = 0; d < strides.size(); ++d) {
    for (const std::int64_t at : found) *to++ = at / strides[d] % in.shape()[d];
  }
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  if (call.op == "Compress") return compress(call, inputs);
  return typed(call, inputs[0]->type(), kNumbers + kBools,
               [&]<class T>() { return non_zero<T>(*inputs[0]); });
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 0, 3, 0, 5, 6});
  return {{"columns",
           op_call("Compress", 2, {{"axis", std::int64_t{1}}}),
           {x, Tensor::of<bool>({3}, {false, true, true})},
           {},
           false},
          {"places", op_call("NonZero", 1), {x}, {}, false}};
}

}  // namespace

const OpEntry& op_select() {
  static const OpEntry entry{
      "", {"Compress", "NonZero"}, "What a condition holds for.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
