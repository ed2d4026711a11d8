// SPDX-License-Identifier: Apache-2.0
// What moves values without computing: reshape, transpose, concat, identity.
#include <algorithm>
#include <cstring>

#include "engine/dnn/builder.h"

namespace tenbin::dnn {
namespace {

// The shape a Reshape asks for; the batch must stay in front, since it is the rows of the plan.
Result<Shape> reshaped(Builder& b, const OpCall& node, const Shape& src) {
  const Tensor* wanted = b.constant(node.inputs[1]);
  if (wanted == nullptr || wanted->type() != ElementType::kInt64) {
    return no_kernel(node, "a shape that is not constant");
  }
  const auto sizes = wanted->data<std::int64_t>();
  Shape shape(sizes.begin(), sizes.end());
  const bool copies = node.integer("allowzero", 0) == 0;
  std::int64_t known = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 0 && copies && d < src.size()) shape[d] = src[d];
    if (shape[d] > 0) known *= shape[d];
  }
  for (std::int64_t& size : shape) {
    if (size == -1) size = count_of(src) / std::max<std::int64_t>(known, 1);
  }
  if (shape.size() < 2 || shape.front() != src.front() || count_of(shape) != count_of(src)) {
    return no_kernel(node, "a change from " + to_text(src) + " to " + to_text(shape));
  }
  return shape;
}

// Rows of n[1] floats: dst and src step by n[2] and n[3], beginning at n[4] and n[5].
void copy_rows_kernel(const KernelArgs& a) {
  for (std::int64_t i = 0; i < a.n[0]; ++i) {
    std::memcpy(a.p[0] + a.n[4] + i * a.n[2], a.p[1] + a.n[5] + i * a.n[3],
                static_cast<std::size_t>(a.n[1]) * sizeof(float));
  }
}

}  // namespace

// Flatten and Reshape: a view of the plain layout.
Status lower_reshape(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  Shape shape = {source.shape.front(), count_of(source.shape) / source.shape.front()};
  if (node.op == "Flatten" && node.integer("axis", 1) != 1) return no_kernel(node, "axis");
  if (node.op == "Reshape") {
    TENBIN_TRY(shape, reshaped(b, node, source.shape));
  }
  const auto type = source.data.desc.data_type();
  TENBIN_TRY(const Ref plain, b.as(source.data, typed(plain_desc(source.shape), type)));
  const Desc result = typed(plain_desc(shape), type);
  b.define(dst_name, shape, {plain.buffer, result}).view = true;
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, result, type]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    const Builder::Value& to = b.value(dst_name);
    TENBIN_TRY(const Ref gradient, b.as(to.gradient, result));
    const Ref viewed{gradient.buffer, typed(plain_desc(from.shape), type)};
    TENBIN_TRY(const Ref laid, b.as(viewed, from.data.desc));
    return b.add_gradient(from, laid, to.shared_gradient && laid.buffer == gradient.buffer);
  });
  return {};
}

Status lower_transpose(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  const auto order = node.integers("perm");
  if (order.size() != source.shape.size() || order.front() != 0) {
    return no_kernel(node, "an order that moves the batch");
  }
  Shape shape;
  std::vector<int> to_source(order.size()), to_result(order.size());
  for (std::size_t d = 0; d < order.size(); ++d) {
    const auto from = static_cast<std::size_t>(order[d]);
    shape.push_back(source.shape[from]);
    to_result[from] = static_cast<int>(d);
    to_source[d] = order[d] < 0 ? 0 : static_cast<int>(order[d]);
  }
  TENBIN_TRY(const Ref plain, b.plain(source));
  const Ref dst = b.program().arena_ref(plain_desc(shape));
  const Ref turned{plain.buffer, plain.desc.permute_axes(to_result)};
  TENBIN_CHECK(b.program().add_reorder(turned, dst));
  b.define(dst_name, shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, shape, to_source]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, plain_desc(shape)));
    const Ref diff_src = b.program().arena_ref(plain_desc(from.shape));
    const Ref turned_back{diff_dst.buffer, diff_dst.desc.permute_axes(to_source)};
    TENBIN_CHECK(b.program().add_reorder(turned_back, diff_src));
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

Status lower_concat(Builder& b, const OpCall& node) {
  const std::string dst_name = node.outputs[0];
  for (const std::string& name : node.inputs) {
    if (b.constant(name) != nullptr) return no_kernel(node, "a constant operand");
  }
  Shape shape = b.value(node.inputs[0]).shape;
  const auto rank = static_cast<std::int64_t>(shape.size());
  const std::int64_t given = node.integer("axis", 1);
  const auto axis = static_cast<std::size_t>(given < 0 ? given + rank : given);
  if (axis < 1 || axis >= shape.size()) return no_kernel(node, "the axis of the batch");
  shape[axis] = 0;
  for (const std::string& name : node.inputs) {
    const Shape& other = b.value(name).shape;
    if (other.size() != shape.size()) return no_kernel(node, "operands of several ranks");
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (d != axis && other[d] != shape[d]) return no_kernel(node, "operands that do not fit");
    }
    shape[axis] += other[axis];
  }
  std::int64_t outer = 1, inner = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= shape[d];
  for (std::size_t d = axis + 1; d < shape.size(); ++d) inner *= shape[d];
  const Ref dst = b.program().arena_ref(plain_desc(shape));
  std::vector<KernelArgs> pieces;
  std::int64_t at = 0;
  for (const std::string& name : node.inputs) {
    TENBIN_TRY(const Ref src, b.plain(b.value(name)));
    KernelArgs args;
    args.n[0] = outer;
    args.n[1] = args.n[3] = b.value(name).shape[axis] * inner;
    args.n[2] = shape[axis] * inner;
    args.n[4] = at;
    at += args.n[1];
    b.program().add(copy_rows_kernel, args, {dst, src});
    pieces.push_back(args);
  }
  b.define(dst_name, shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, &node, dst, pieces]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(node.outputs[0]).gradient, dst.desc));
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Builder::Value& from = b.value(node.inputs[i]);
      if (!from.wants_gradient) continue;
      KernelArgs back = pieces[i];
      std::swap(back.n[2], back.n[3]);
      std::swap(back.n[4], back.n[5]);
      const Ref diff_src = b.program().arena_ref(plain_desc(from.shape));
      b.program().add(copy_rows_kernel, back, {diff_src, diff_dst});
      TENBIN_CHECK(b.add_gradient(from, diff_src, false));
    }
    return {};
  });
  return {};
}

Status lower_identity(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  b.define(dst_name, source.shape, source.data).view = true;
  if (b.trains()) {
    b.on_backward([&b, src_name, dst_name]() -> Status {
      return b.add_gradient(b.value(src_name), b.value(dst_name).gradient, true);
    });
  }
  return {};
}

}  // namespace tenbin::dnn
