// SPDX-License-Identifier: Apache-2.0
// Concat and Split: pieces of an axis.
#include <algorithm>

#include "engine/dnn/pieces.h"
#include "graph/schema.h"

namespace tenbin::dnn {
namespace {

// Checks that operands agree off the axis; their sizes along it.
Result<std::vector<std::int64_t>> sizes_along(Builder& b, const OpCall& node, std::size_t axis) {
  const Shape first = b.value(node.inputs[0]).shape;
  std::vector<std::int64_t> sizes;
  for (const std::string& name : node.inputs) {
    const Shape& other = b.value(name).shape;
    if (other.size() != first.size()) return no_kernel(node, "operands of several ranks");
    for (std::size_t d = 0; d < first.size(); ++d) {
      if (d != axis && other[d] != first[d]) return no_kernel(node, "operands that do not fit");
    }
    sizes.push_back(other[axis]);
  }
  return sizes;
}

// Sizes of the parts: as given, else equal with a smaller last one.
Result<std::vector<std::int64_t>> parts_of(Builder& b, const OpCall& node, std::int64_t size) {
  std::vector<std::int64_t> parts = node.integers("split");
  if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
    const Tensor* given = b.constant(node.inputs[1]);
    if (given == nullptr || given->type() != ElementType::kInt64) {
      return no_kernel(node, "sizes that are not constant");
    }
    parts.assign(given->data<std::int64_t>().begin(), given->data<std::int64_t>().end());
  }
  const auto count = static_cast<std::int64_t>(node.outputs.size());
  std::int64_t rest = size;
  if (parts.empty()) {
    const std::int64_t each = (size + count - 1) / count;
    for (std::int64_t i = 0; i < count; ++i, rest -= parts.back()) {
      parts.push_back(std::min(each, rest));
    }
  } else {
    for (const std::int64_t part : parts) rest -= part;
  }
  const bool fits = rest == 0 && static_cast<std::int64_t>(parts.size()) == count &&
                    std::ranges::all_of(parts, [](std::int64_t part) { return part > 0; });
  if (!fits) return no_kernel(node, "sizes that do not sum to the axis");
  return parts;
}

}  // namespace

Status lower_concat(Builder& b, const OpCall& node) {
  for (const std::string& name : node.inputs) {
    if (!b.has_value(name)) return no_kernel(node, "a constant operand");
  }
  Shape shape = b.value(node.inputs[0]).shape;
  TENBIN_TRY(const std::size_t axis, normal_axis(node.integer("axis", 1), shape.size()));
  TENBIN_TRY(const auto sizes, sizes_along(b, node, axis));
  shape[axis] = 0;
  for (const std::int64_t size : sizes) shape[axis] += size;
  const Cut cut = cut_along(b, shape, axis, sizes);
  const Ref dst = b.program().arena_ref(cut.layout(b, shape));
  std::vector<Piece> pieces;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < sizes.size(); at += sizes[i++]) {
    const Builder::Value& from = b.value(node.inputs[i]);
    TENBIN_TRY(const Ref src, b.as(from.data, cut.layout(b, from.shape)));
    pieces.push_back({sizes[i], 0, sizes[i], at, shape[axis]});
    copy_piece(b, cut, pieces.back(), src, dst);
  }
  b.define(node.outputs[0], shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, &node, dst, cut, pieces]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(node.outputs[0]).gradient, dst.desc));
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Builder::Value& from = b.value(node.inputs[i]);
      if (!from.wants_gradient) continue;
      const Ref diff_src = b.program().arena_ref(cut.layout(b, from.shape));
      copy_piece(b, cut, pieces[i].reversed(), diff_dst, diff_src);
      TENBIN_CHECK(b.add_gradient(from, diff_src, false));
    }
    return {};
  });
  return {};
}

Status lower_split(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const Builder::Value source = b.value(src_name);
  TENBIN_TRY(const std::size_t axis, normal_axis(node.integer("axis", 0), source.shape.size()));
  TENBIN_TRY(const auto parts, parts_of(b, node, source.shape[axis]));
  const Cut cut = cut_along(b, source.shape, axis, parts);
  TENBIN_TRY(const Ref src, b.as(source.data, cut.layout(b, source.shape)));
  std::vector<Piece> pieces;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < parts.size(); at += parts[i++]) {
    pieces.push_back({parts[i], at, source.shape[axis], 0, parts[i]});
    if (node.outputs[i].empty()) continue;
    Shape shape = source.shape;
    shape[axis] = parts[i];
    const Ref dst = b.program().arena_ref(cut.layout(b, shape));
    copy_piece(b, cut, pieces.back(), src, dst);
    b.define(node.outputs[i], shape, dst);
  }
  if (!b.trains()) return {};
  b.on_backward([&b, &node, src_name, src, cut, pieces]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    const Ref diff_src = b.program().arena_ref(src.desc);
    bool whole = true;  // each part has a gradient
    const auto has_gradient = [&](std::size_t i) {
      return !node.outputs[i].empty() && static_cast<bool>(b.value(node.outputs[i]).gradient);
    };
    for (std::size_t i = 0; i < pieces.size(); ++i) whole = whole && has_gradient(i);
    if (!whole) zero(b, diff_src);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (!has_gradient(i)) continue;
      const Builder::Value& part = b.value(node.outputs[i]);
      TENBIN_TRY(const Ref diff_dst, b.as(part.gradient, cut.layout(b, part.shape)));
      copy_piece(b, cut, pieces[i].reversed(), diff_dst, diff_src);
    }
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

}  // namespace tenbin::dnn
