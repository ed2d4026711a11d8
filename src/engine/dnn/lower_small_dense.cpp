// SPDX-License-Identifier: Apache-2.0
// Dense layers so small that a call of oneDNN costs more than their arithmetic: our own products,
// forwards and backwards, without a call, an allocation or a change of layout.
#include "engine/dnn/lower_dense.h"
#include "engine/kernels/small_gemm.h"

namespace tenbin::dnn {
namespace {

using kernels::SmallGemm;
constexpr std::int64_t kMostProducts = 1 << 19;  // multiply-adds of a layer

// n: rows, in, out, whether a ReLU follows.
// src, weights [in, out], bias, dst.
void forward_kernel(const KernelArgs& a) {
  const SmallGemm product{a.n[0], a.n[2], a.n[1], a.n[1], 1, false, a.p[2], a.n[3] != 0};
  kernels::small_gemm(product, a.p[0], a.p[1], a.p[3]);
}
// src, diff_dst, diff_weights, diff_bias.
void weights_kernel(const KernelArgs& a) {
  const SmallGemm product{a.n[1], a.n[2], a.n[0], 1, a.n[1]};
  kernels::small_gemm(product, a.p[0], a.p[1], a.p[2]);
  if (a.p[3] != nullptr) kernels::sum_rows(a.p[1], a.n[0], a.n[2], a.p[3]);
}
// diff_dst, weights, turned weights (scratch), diff_src.
void source_kernel(const KernelArgs& a) {
  kernels::transpose(a.p[1], a.n[1], a.n[2], a.p[2]);
  const SmallGemm product{a.n[0], a.n[1], a.n[2], a.n[2], 1};
  kernels::small_gemm(product, a.p[0], a.p[2], a.p[3]);
}

}  // namespace

bool is_small(const Builder& b, const DenseShape& d) {
  constexpr auto kF32 = dnnl::memory::data_type::f32;
  return b.options().mode != Mode::kInfer && b.has_own_kernels() && b.options().type == kF32 &&
         d.rows * d.in * d.out <= kMostProducts;
}

Status lower_small_dense(Builder& b, const DenseShape& d, bool relu) {
  constexpr auto kF32 = dnnl::memory::data_type::f32;
  const Desc held({d.out, d.in}, kF32, dnnl::memory::format_tag::ba);
  const Desc vector({d.out}, kF32, dnnl::memory::format_tag::a);
  const int weights = b.parameters().declare(d.weights, d.plain_weights, held, true);
  const int bias = d.bias.empty() ? -1 : b.parameters().declare(d.bias, vector, vector, false);
  const Ref dst = b.program().arena_ref(plain_desc(d.dst_shape));
  if (b.parameter_memory == nullptr) {  // the pass that only finds out layouts
    b.define(d.dst, d.dst_shape, dst);
    return {};
  }
  TENBIN_TRY(const Ref src, b.plain(b.value(d.src)));
  TENBIN_TRY(const Ref packed, b.as(b.weights(weights), held));
  KernelArgs args;
  args.n[0] = d.rows;
  args.n[1] = d.in;
  args.n[2] = d.out;
  args.n[3] = relu ? 1 : 0;
  b.program().add(forward_kernel, args, {src, packed, bias >= 0 ? b.weights(bias) : Ref{}, dst},
                  "dense:own:avx512");
  b.define(d.dst, d.dst_shape, dst).kept = relu && b.trains();
  if (!b.trains()) return {};
  b.on_backward([&b, d, args, src, packed, dst, held, relu, weights, bias]() -> Status {
    const Builder::Value& result = b.value(d.dst);
    TENBIN_TRY(const Ref diff_dst,
               relu ? gradient_under_relu(b, result, dst) : b.as(result.gradient, dst.desc));
    const bool direct = b.parameters()[weights].desc == held;
    const Ref into = direct ? b.gradient(weights) : b.program().arena_ref(held);
    b.program().add(weights_kernel, args,
                    {src, diff_dst, into, bias >= 0 ? b.gradient(bias) : Ref{}},
                    "dense_bwd_w:own:avx512");
    if (!direct) TENBIN_CHECK(b.program().add_reorder(into, b.gradient(weights)));
    Builder::Value& source = b.value(d.src);
    if (!source.wants_gradient) return {};
    const Ref turned = b.program().arena_ref(held), diff_src = b.program().arena_ref(src.desc);
    b.program().add(source_kernel, args, {diff_dst, packed, turned, diff_src},
                    "dense_bwd_d:own:avx512");
    return b.add_gradient(source, diff_src, false);
  });
  return {};
}

}  // namespace tenbin::dnn
