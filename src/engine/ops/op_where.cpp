// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "engine/typed.h"

namespace tenbin {
namespace {

template <class T>
Result<std::vector<Tensor>> choose(const BroadcastWalk& w, const Tensor& mask, const Tensor& a,
                                   const Tensor& b) {
  TENBIN_TRY(Tensor out, checked_tensor(a.type(), w.shape));
  const auto m = mask.data<bool>();
  const auto x = cells<T>(a);
  const auto y = cells<T>(b);
  auto z = cells<T>(out);
  // Three operands: the walk carries two, the mask is walked beside them.
  BroadcastWalk masks{w.shape, {w.strides[0]}};
  std::vector<std::uint8_t> taken(static_cast<std::size_t>(count_of(w.shape)));
  walk(masks, [&](std::int64_t i, std::int64_t p, std::int64_t) {
    taken[static_cast<std::size_t>(i)] = m[static_cast<std::size_t>(p)] ? 1 : 0;
  });
  BroadcastWalk values{w.shape, {w.strides[1], w.strides[2]}};
  walk(values, [&](std::int64_t i, std::int64_t p, std::int64_t q) {
    const auto at = static_cast<std::size_t>(i);
    z[at] = taken[at] != 0 ? x[static_cast<std::size_t>(p)] : y[static_cast<std::size_t>(q)];
  });
  return one(std::move(out));
}

// A mask over all of the result, and two operands that fill it or repeat in it.
template <class T>
std::optional<Tensor> choose_rows(const Tensor& mask, const Tensor& a, const Tensor& b) {
  const Shape& shape = mask.shape();
  const std::int64_t total = mask.count();
  const std::int64_t p = period_in(a.shape(), shape), q = period_in(b.shape(), shape);
  if (p == 0 || q == 0) return std::nullopt;
  Tensor out(a.type(), shape);
  const bool* m = mask.data<bool>().data();
  const T *x = cells<T>(a).data(), *y = cells<T>(b).data();
  T* z = cells<T>(out).data();
  const std::int64_t inner = std::min(p == 1 ? total : p, q == 1 ? total : q);
  const std::int64_t x_step = p == 1 ? 0 : 1, y_step = q == 1 ? 0 : 1;
  for (std::int64_t at = 0; at < total; at += inner) {
    const T *from_x = p == total ? x + at : x, *from_y = q == total ? y + at : y;
    for (std::int64_t i = 0; i < inner; ++i) {
      z[at + i] = m[at + i] ? from_x[i * x_step] : from_y[i * y_step];
    }
  }
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  const Tensor& a = *inputs[1];
  if (inputs[0]->type() != ElementType::kBool || a.type() != inputs[2]->type()) {
    return bad_element_type(call, inputs[2]->type(), "a bool mask and two tensors of one type");
  }
  std::optional<Tensor> quick =
      moved(a.type(), [&]<class T>() { return choose_rows<T>(*inputs[0], a, *inputs[2]); });
  if (quick) return one(std::move(*quick));
  TENBIN_TRY(const BroadcastWalk w,
             broadcast_walk({&inputs[0]->shape(), &a.shape(), &inputs[2]->shape()}));
  return moved(a.type(), [&]<class T>() { return choose<T>(w, *inputs[0], a, *inputs[2]); });
}

std::vector<OpProbe> probes() {
  return {{"mask per row, scalar alternative",
           op_call("Where", 3),
           {Tensor::of<bool>({2, 1}, {true, false}), Tensor::of<float>({2, 2}, {1, 2, 3, 4}),
            Tensor::scalar(9.0F)},
           {},
           false}};
}

}  // namespace

const OpEntry& op_where() {
  static const OpEntry entry{"",      {"Where"}, "One of two tensors, element by element.",
                             compute, nullptr,   probes};
  return entry;
}

}  // namespace tenbin
