// SPDX-License-Identifier: Apache-2.0
// Means and sums over axes: the gradients of an operand that broadcasts, and back.
#include "engine/dnn/builder.h"
#include "engine/kernels/broadcast.h"
#include "engine/kernels/kernels.h"
#include "graph/schema.h"

namespace tenbin::dnn {
namespace {

using kernels::Binary;

// Shape: of the source, the result as operand b.
const kernels::Broadcast& shape_of(const KernelArgs& a) {
  return *static_cast<const kernels::Broadcast*>(a.state);
}
// dst, src; n: results; f: factor.
void forward_kernel(const KernelArgs& a) {
  kernels::broadcast_gradient_b(Binary::kAdd, shape_of(a), a.p[1], nullptr, nullptr, a.p[0]);
  if (a.f[0] != 1) kernels::scale(a.p[0], a.p[0], a.n[0], a.f[0]);
}
// diff_src, diff_dst; f: factor. The source's shape with the result's gradient repeated.
void backward_kernel(const KernelArgs& a) {
  kernels::Broadcast shape = shape_of(a);
  for (int d = 0; d < shape.rank; ++d) {
    shape.a_step[d] = shape.b_step[d];
    shape.b_step[d] = 0;
  }
  kernels::broadcast(Binary::kMultiply, shape, a.p[1], a.f, a.p[0]);
}

// The axes, counted from the front; all where none are given.
Result<std::vector<bool>> reduced_axes(Builder& b, const OpCall& node, std::size_t rank) {
  std::vector<std::int64_t> axes = node.integers("axes");
  if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
    const Tensor* given = b.constant(node.inputs[1]);
    if (given == nullptr || given->type() != ElementType::kInt64) {
      return no_kernel(node, "axes that are not constant");
    }
    axes.assign(given->data<std::int64_t>().begin(), given->data<std::int64_t>().end());
  }
  const bool none = axes.empty() && node.integer("noop_with_empty_axes", 0) != 0;
  std::vector<bool> gone(rank, axes.empty() && !none);
  for (const std::int64_t axis : axes) {
    TENBIN_TRY(const std::size_t at, normal_axis(axis, rank));
    gone[at] = true;
  }
  return gone;
}

}  // namespace

Status lower_reduce(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0], dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  if (source.shape.size() > kernels::Broadcast::kMostRank) return no_kernel(node, "so many axes");
  TENBIN_TRY(const std::vector<bool> gone, reduced_axes(b, node, source.shape.size()));
  Shape kept = source.shape, shape;
  for (std::size_t d = 0; d < gone.size(); ++d) {
    if (gone[d]) kept[d] = 1;
    if (!gone[d] || node.integer("keepdims", 1) != 0) shape.push_back(kept[d]);
  }
  TENBIN_TRY(const Ref src, b.plain(source));
  const Ref dst = b.program().arena_ref(plain_desc(shape));
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<kernels::Broadcast>(
      kernels::broadcast_of(source.shape, kept, source.shape)));
  args.n[0] = count_of(kept);
  args.f[0] = node.op == "ReduceSum"
                  ? 1.0F
                  : static_cast<float>(args.n[0]) / static_cast<float>(count_of(source.shape));
  b.program().add(forward_kernel, args, {dst, src});
  b.define(dst_name, shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, dst, args]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const Ref diff_src = b.program().arena_ref(plain_desc(from.shape));
    b.program().add(backward_kernel, args, {diff_src, diff_dst});
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

}  // namespace tenbin::dnn
