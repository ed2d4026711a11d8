// SPDX-License-Identifier: Apache-2.0
// What moves values without computing: reshape and its kin, transpose, identity.
#include <algorithm>

#include "engine/dnn/builder.h"
#include "graph/schema.h"

namespace tenbin::dnn {
namespace {

// Integers of a constant input, or of the attribute that it was before.
Result<std::vector<std::int64_t>> integers_of(const Builder& b, const OpCall& node,
                                              const char* attribute) {
  if (node.inputs.size() < 2 || node.inputs[1].empty()) return node.integers(attribute);
  const Tensor* given = b.constant(node.inputs[1]);
  if (given == nullptr || given->type() != ElementType::kInt64) {
    return no_kernel(node, "a shape or axes that are not constant");
  }
  const auto values = given->data<std::int64_t>();
  return std::vector<std::int64_t>(values.begin(), values.end());
}

// The shape a Reshape asks for.
Result<Shape> reshaped(const Builder& b, const OpCall& node, const Shape& src) {
  TENBIN_TRY(Shape shape, integers_of(b, node, "shape"));
  const bool copies = node.integer("allowzero", 0) == 0;
  std::int64_t known = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 0 && copies && d < src.size()) shape[d] = src[d];
    if (shape[d] > 0) known *= shape[d];
  }
  for (std::int64_t& size : shape) {
    if (size == -1) size = count_of(src) / std::max<std::int64_t>(known, 1);
  }
  return shape;
}

Result<Shape> squeezed(const Builder& b, const OpCall& node, const Shape& src) {
  TENBIN_TRY(const auto axes, integers_of(b, node, "axes"));
  std::vector<bool> gone(src.size(), false);
  for (const std::int64_t axis : axes) {
    TENBIN_TRY(const std::size_t at, normal_axis(axis, src.size()));
    gone[at] = true;
  }
  Shape shape;
  for (std::size_t d = 0; d < src.size(); ++d) {
    if (!(axes.empty() ? src[d] == 1 : gone[d])) shape.push_back(src[d]);
  }
  return shape;
}

Result<Shape> unsqueezed(const Builder& b, const OpCall& node, const Shape& src) {
  TENBIN_TRY(const auto axes, integers_of(b, node, "axes"));
  std::vector<bool> fresh(src.size() + axes.size(), false);
  for (const std::int64_t axis : axes) {
    TENBIN_TRY(const std::size_t at, normal_axis(axis, fresh.size()));
    fresh[at] = true;
  }
  Shape shape;
  auto next = src.begin();
  for (const bool one : fresh) {
    if (!one && next == src.end()) return no_kernel(node, "an axis that is named twice");
    shape.push_back(one ? 1 : *next++);
  }
  return shape;
}

Result<Shape> shape_after(const Builder& b, const OpCall& node, const Shape& src) {
  if (node.op == "Reshape") return reshaped(b, node, src);
  if (node.op == "Squeeze") return squeezed(b, node, src);
  if (node.op == "Unsqueeze") return unsqueezed(b, node, src);
  const std::int64_t axis = node.integer("axis", 1), rank = static_cast<std::int64_t>(src.size());
  std::int64_t rows = 1;
  for (std::int64_t d = 0; d < (axis < 0 ? axis + rank : axis) && d < rank; ++d) {
    rows *= src[static_cast<std::size_t>(d)];
  }
  return Shape{rows, count_of(src) / rows};
}

}  // namespace

// Flatten, Reshape, Squeeze, Unsqueeze: a view of the plain layout.
Status lower_reshape(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  TENBIN_TRY(const Shape shape, shape_after(b, node, source.shape));
  if (shape.empty() || count_of(shape) != count_of(source.shape)) {
    return no_kernel(node, "a change from " + to_text(source.shape) + " to " + to_text(shape));
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
  auto order = node.integers("perm");
  if (order.empty()) {  // all turned round
    for (std::size_t d = source.shape.size(); d-- > 0;) {
      order.push_back(static_cast<std::int64_t>(d));
    }
  }
  std::vector<std::int64_t> sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t d = 0; d < sorted.size(); ++d) {
    if (sorted.size() == source.shape.size() && sorted[d] == static_cast<std::int64_t>(d)) continue;
    return no_kernel(node, "an order that is none of " + to_text(source.shape));
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
