// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& a = *inputs[0];
  const Tensor& b = *inputs[1];
  if (a.type() != ElementType::kFloat32 || b.type() != ElementType::kFloat32) {
    return bad_element_type(call, a.type(), "float32");
  }
  if (a.shape().size() != 2 || b.shape().size() != 2) {
    return bad_operands(
        call, to_text(a.shape()) + " by " + to_text(b.shape()) + ", expected two matrices");
  }
  const bool gemm = call.op == "Gemm";
  const bool ta = gemm && call.integer("transA", 0) != 0;
  const bool tb = gemm && call.integer("transB", 0) != 0;
  const double alpha = gemm ? static_cast<double>(call.number("alpha", 1)) : 1;
  const double beta = gemm ? static_cast<double>(call.number("beta", 1)) : 0;
  const std::int64_t m = a.shape()[ta ? 1 : 0], k = a.shape()[ta ? 0 : 1];
  const std::int64_t n = b.shape()[tb ? 0 : 1];
  if (b.shape()[tb ? 1 : 0] != k) {
    return bad_operands(call, to_text(a.shape()) + " by " + to_text(b.shape()));
  }
  const Tensor* c = inputs.size() > 2 ? inputs[2] : nullptr;
  const Shape shape = {m, n};
  BroadcastWalk from{shape, {{0, 0}}};
  if (c != nullptr) {
    TENBIN_TRY(from, broadcast_walk({&shape, &c->shape()}));
    if (from.shape != shape)
      return bad_operands(call, "C " + to_text(c->shape()) + " does not fit");
    from.strides.erase(from.strides.begin());
  }
  Tensor out(ElementType::kFloat32, shape);
  const auto x = a.data<float>();
  const auto y = b.data<float>();
  auto z = out.data<float>();
  walk(from, [&](std::int64_t at, std::int64_t bias, std::int64_t) {
    const std::int64_t i = at / n, j = at % n;
    double sum = 0;
    for (std::int64_t p = 0; p < k; ++p) {
      sum += static_cast<double>(x[static_cast<std::size_t>(ta ? p * m + i : i * k + p)]) *
             static_cast<double>(y[static_cast<std::size_t>(tb ? j * k + p : p * n + j)]);
    }
    sum *= alpha;
    if (c != nullptr)
      sum += beta * static_cast<double>(c->data<float>()[static_cast<std::size_t>(bias)]);
    z[static_cast<std::size_t>(at)] = static_cast<float>(sum);
  });
  return one(std::move(out));
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
           {false, true}}};
}

}  // namespace

const OpEntry& op_dense() {
  static const OpEntry entry{"",    {"Gemm", "MatMul"}, "Products of matrices.", compute, nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
