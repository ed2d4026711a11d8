// SPDX-License-Identifier: Apache-2.0
// Softmax, dropout, and the ReLU that other layers take along.
#include <cstring>

#include "engine/dnn/builder.h"
#include "engine/kernels/kernels.h"
#include "engine/kernels/simd.h"

namespace tenbin::dnn {
namespace {

std::int64_t floats_of(const Ref& ref) {
  return static_cast<std::int64_t>(ref.desc.get_size() / sizeof(float));
}

// dst, src; n: rows, classes.
void softmax_kernel(const KernelArgs& a) {
  std::memcpy(a.p[0], a.p[1], static_cast<std::size_t>(a.n[0] * a.n[1]) * sizeof(float));
  kernels::softmax_rows(a.p[0], a.n[0], a.n[1]);
}
void softmax_back_kernel(const KernelArgs& a) {
  kernels::softmax_rows_backward(a.p[0], a.p[1], a.p[2], a.n[0], a.n[1]);
}

// diff_src, diff_dst, dst; n: count.
void relu_backward_kernel(const KernelArgs& a) {
  kernels::relu_backward(a.p[0], a.p[1], a.p[2], a.n[0]);
}

void relu_backward_half_kernel(const KernelArgs& a) {
  const auto half = [](float* memory) { return reinterpret_cast<kernels::Bfloat16*>(memory); };
  kernels::relu_backward(half(a.p[0]), half(a.p[1]), half(a.p[2]), a.n[0]);
}

// n: count, node index; state: the step counter.
void dropout_kernel(const KernelArgs& a) {
  const std::uint64_t step = *static_cast<const std::uint64_t*>(a.state);
  const std::uint64_t key = (step + 1) * 0x9E3779B97F4A7C15ULL ^
                            static_cast<std::uint64_t>(a.n[1]) * 0xD1B54A32D192ED03ULL;
  kernels::dropout(a.p[0], a.p[1], a.n[0], a.f[0], key);
}

}  // namespace

bool fuse_relu(Builder& b, std::string& dst_name, const Shape& shape, const Desc& dst,
               dnnl::primitive_attr& attributes) {
  const OpCall* next = b.only_consumer(dst_name);
  if (next == nullptr || next->op != "Relu") return false;
  // A pooling after it takes it cheaper: the backward pass then needs no values at all.
  if (b.trains() && pool_after_relu(b, *next, shape, dst) != nullptr) return false;
  dnnl::post_ops post;
  post.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
  attributes.set_post_ops(post);
  b.absorb(next);
  dst_name = next->outputs[0];
  return true;
}

Result<Ref> gradient_under_relu(Builder& b, const Builder::Value& result, const Ref& dst) {
  TENBIN_TRY(const Ref diff_dst, b.as(result.gradient, dst.desc));
  const bool half = dst.desc.data_type() == dnnl::memory::data_type::bf16;
  const bool in_place = !result.shared_gradient || diff_dst.buffer != result.gradient.buffer;
  const Ref diff_src = in_place ? diff_dst : b.program().arena_ref(dst.desc);
  KernelArgs args;
  args.n[0] = half ? 2 * floats_of(dst) : floats_of(dst);
  b.program().add(half ? relu_backward_half_kernel : relu_backward_kernel, args,
                  {diff_src, diff_dst, dst});
  return diff_src;
}

Status lower_dropout(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  float ratio = 0.5F;
  if (node.inputs.size() > 1) {
    const Tensor* given = b.constant(node.inputs[1]);
    if (given == nullptr || given->type() != ElementType::kFloat32) {
      return no_kernel(node, "a ratio that is not constant");
    }
    ratio = given->data<float>()[0];
  }
  const Builder::Value source = b.value(src_name);
  if (!b.trains() || ratio <= 0) {
    b.define(dst_name, source.shape, source.data).view = true;
    if (b.trains()) {
      b.on_backward([&b, src_name, dst_name]() -> Status {
        return b.add_gradient(b.value(src_name), b.value(dst_name).gradient, true);
      });
    }
    return {};
  }
  TENBIN_TRY(const Ref src, b.floats(source.data));
  const Ref dst = b.program().arena_ref(src.desc);
  KernelArgs args;
  args.n[0] = floats_of(dst);
  args.n[1] = static_cast<std::int64_t>(b.options().seed * 1000 + b.next_dropout());
  args.f[0] = ratio;
  args.state = b.step_counter;
  b.program().add(dropout_kernel, args, {dst, src});
  b.define(dst_name, source.shape, dst);
  b.on_backward([&b, src_name, dst_name, dst, args]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const Ref diff_src = b.program().arena_ref(dst.desc);
    b.program().add(dropout_kernel, args, {diff_src, diff_dst});
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

// Along the last dimension, as the ends of networks have it.
Status lower_softmax(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  const auto rank = static_cast<std::int64_t>(source.shape.size());
  const std::int64_t axis = node.integer("axis", -1);
  if (axis != -1 && axis != rank - 1) return no_kernel(node, "an axis that is not the last");
  TENBIN_TRY(const Ref src, b.plain(source));
  const Ref dst = b.program().arena_ref(src.desc);
  KernelArgs args;
  args.n[1] = source.shape.back();
  args.n[0] = floats_of(dst) / args.n[1];
  b.program().add(softmax_kernel, args, {dst, src});
  b.define(dst_name, source.shape, dst).kept = b.trains();
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, dst, args]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const Ref diff_src = b.program().arena_ref(dst.desc);
    b.program().add(softmax_back_kernel, args, {diff_src, diff_dst, dst});
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

}  // namespace tenbin::dnn
