// SPDX-License-Identifier: Apache-2.0
#include "engine/matmul.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;
constexpr auto kTaken = kReals + Types<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t>();

template <class T> Outputs product(const OpCall& call, const Tensor& a, const Tensor& b) {
  TENBIN_TRY(const MatmulPlan plan, plan_matmul(call, a.shape(), b.shape()));
  TENBIN_TRY(Tensor out, checked_tensor(a.type(), plan.shape));
  const auto to = out.data<T>();
  using Sum = SumOf<T>;
  multiply<T, Sum>(plan, a.data<T>(), b.data<T>(),
                   [&](std::size_t i, Sum sum) { to[i] = static_cast<T>(sum); });
  return one(std::move(out));
}

// Where the elements of C stand for each element of a matrix.
Result<BroadcastWalk> stretched(const OpCall& call, const Tensor* c, const Shape& shape) {
  if (c == nullptr) return BroadcastWalk{shape, {{0, 0}}};
  TENBIN_TRY(BroadcastWalk w, broadcast_walk({&shape, &c->shape()}));
  if (w.shape != shape) return bad_operands(call, "C " + to_text(c->shape()) + " does not fit");
  w.strides.erase(w.strides.begin());
  return w;
}

template <class T>
Outputs gemm(const OpCall& call, const Tensor& a, const Tensor& b, const Tensor* c) {
  if (a.shape().size() != 2 || b.shape().size() != 2) {
    return bad_operands(
        call, to_text(a.shape()) + " by " + to_text(b.shape()) + ", expected two matrices");
  }
  const bool ta = call.integer("transA", 0) != 0, tb = call.integer("transB", 0) != 0;
  const std::int64_t m = a.shape()[ta ? 1 : 0], k = a.shape()[ta ? 0 : 1];
  const std::int64_t n = b.shape()[tb ? 0 : 1];
  if (b.shape()[tb ? 1 : 0] != k) {
    return bad_operands(call, to_text(a.shape()) + " by " + to_text(b.shape()));
  }
  using Sum = SumOf<T>;
  const auto alpha = static_cast<Sum>(call.number("alpha", 1));
  const auto beta = static_cast<Sum>(call.number("beta", 1));
  TENBIN_TRY(const BroadcastWalk from, stretched(call, c, {m, n}));
  TENBIN_TRY(Tensor out, checked_tensor(a.type(), {m, n}));
  const MatrixView<T> left{a.data<T>().data(), ta ? 1 : k, ta ? m : 1};
  const MatrixView<T> right{b.data<T>().data(), tb ? 1 : n, tb ? k : 1};
  const auto to = out.data<T>();
  std::vector<Sum> sums(static_cast<std::size_t>(n));
  walk(from, [&](std::int64_t at, std::int64_t bias, std::int64_t) {
    const std::int64_t row = at / n, column = at % n;
    if (column == 0) row_times_matrix<T, Sum>(left, right, row, k, sums);
    Sum sum = alpha * sums[static_cast<std::size_t>(column)];
    if (c != nullptr) {
      sum += beta * static_cast<Sum>(c->data<T>()[static_cast<std::size_t>(bias)]);
    }
    to[static_cast<std::size_t>(at)] = static_cast<T>(sum);
  });
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor &a = *inputs[0], &b = *inputs[1];
  TENBIN_CHECK(need_type(call, b, a.type()));
  const Tensor* c = input_of(inputs, 2);
  if (c != nullptr) TENBIN_CHECK(need_type(call, *c, a.type()));
  return typed(call, a.type(), kTaken, [&]<class T>() {
    return call.op == "Gemm" ? gemm<T>(call, a, b, c) : product<T>(call, a, b);
  });
}

std::vector<OpProbe> probes() {
  return {{"a layer with bias",
           op_call("Gemm", 3, {{"transB", std::int64_t{1}}}),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}),
            Tensor::of<float>({2, 3}, {1, 0, 1, 0, 1, 0}), Tensor::of<float>({2}, {10, 20})},
           {false, true, true}},
          {"a product",
           op_call("MatMul", 2),
           {Tensor::of<float>({1, 2}, {1, 2}), Tensor::of<float>({2, 2}, {1, 2, 3, 4})},
           {false, true}},
          {"a stack by one matrix",
           op_call("MatMul", 2),
           {Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4}), Tensor::of<float>({2, 2}, {1, 2, 3, 4})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_dense() {
  static const OpEntry entry{"",    {"Gemm", "MatMul"}, "Products of matrices.", compute, nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
