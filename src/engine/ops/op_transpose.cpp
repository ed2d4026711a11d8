// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "engine/typed.h"

namespace tenbin {
namespace {

template <class T>
void permute(const Tensor& in, const std::vector<std::int64_t>& strides, Tensor& out) {
  const T* from = cells<T>(in).data();
  T* to = cells<T>(out).data();
  const BroadcastWalk w{out.shape(), {strides}};
  walk(w, [&](std::int64_t i, std::int64_t p, std::int64_t) { to[i] = from[p]; });
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  const std::size_t rank = in.shape().size();
  std::vector<std::int64_t> order = call.integers("perm");
  if (order.empty()) {
    for (std::size_t i = rank; i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  }
  if (order.size() != rank) return bad_operands(call, "perm does not fit " + to_text(in.shape()));
  std::vector<std::int64_t> plain(rank, 1), strides(rank);
  for (std::size_t i = rank; i-- > 1;) plain[i - 1] = plain[i] * in.shape()[i];
  Shape shape(rank);
  std::vector<bool> taken(rank, false);
  for (std::size_t i = 0; i < rank; ++i) {
    TENBIN_TRY(const std::int64_t from, axis_of(call, order[i], rank));
    if (taken[static_cast<std::size_t>(from)]) return bad_operands(call, "an axis twice in perm");
    taken[static_cast<std::size_t>(from)] = true;
    shape[i] = in.shape()[static_cast<std::size_t>(from)];
    strides[i] = plain[static_cast<std::size_t>(from)];
  }
  // Where only dimensions of 1 change their places, no element does.
  std::int64_t last = -1;
  const bool still = std::ranges::all_of(order, [&](std::int64_t axis) {
    axis += axis < 0 ? static_cast<std::int64_t>(rank) : 0;
    if (in.shape()[static_cast<std::size_t>(axis)] == 1) return true;
    return std::exchange(last, axis) < axis;
  });
  if (still) {
    Tensor same(in);
    same.reshape(std::move(shape));
    return one(std::move(same));
  }
  Tensor out(in.type(), shape);
  moved(in.type(), [&]<class T>() { permute<T>(in, strides, out); });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"channels first",
           op_call("Transpose", 1, {{"perm", std::vector<std::int64_t>{0, 2, 1}}}),
           {Tensor::of<float>({1, 2, 3}, {1, 2, 3, 4, 5, 6})},
           {}}};
}

}  // namespace

const OpEntry& op_transpose() {
  static const OpEntry entry{"",      {"Transpose"}, "Dimensions in another order.",
                             compute, nullptr,       probes};
  return entry;
}

}  // namespace tenbin
