// SPDX-License-Identifier: Apache-2.0
// Rows of a table by tokens, entries of an axis by constant indices, and ranges of axes.
#include <algorithm>
#include <cstring>

#include "engine/dnn/pieces.h"
#include "graph/schema.h"

namespace tenbin::dnn {
namespace {

// n: tokens, row size, rows of the table. A token outside picks the nearest row.
std::int64_t row_of(const KernelArgs& a, float token) {
  const auto index = static_cast<std::int64_t>(token);
  return std::clamp<std::int64_t>(index < 0 ? index + a.n[2] : index, 0, a.n[2] - 1);
}
// dst, table, tokens.
void look_up_kernel(const KernelArgs& a) {
  for (std::int64_t i = 0; i < a.n[0]; ++i) {
    std::memcpy(a.p[0] + i * a.n[1], a.p[1] + row_of(a, a.p[2][i]) * a.n[1],
                static_cast<std::size_t>(a.n[1]) * sizeof(float));
  }
}
// diff_table, diff_dst, tokens.
void look_up_backward_kernel(const KernelArgs& a) {
  std::fill_n(a.p[0], a.n[1] * a.n[2], 0.0F);
  for (std::int64_t i = 0; i < a.n[0]; ++i) {
    float* to = a.p[0] + row_of(a, a.p[2][i]) * a.n[1];
    for (std::int64_t k = 0; k < a.n[1]; ++k) to[k] += a.p[1][i * a.n[1] + k];
  }
}

// Rows of a constant table by tokens that arrive as floats.
Status lower_look_up(Builder& b, const OpCall& node) {
  const Tensor& table = *b.constant(node.inputs[0]);
  const Builder::Value tokens = b.value(node.inputs[1]);
  if (table.type() != ElementType::kFloat32 || table.shape().size() != 2 ||
      node.integer("axis", 0) != 0) {
    return no_kernel(node, "a table that is not [rows, size] of float32");
  }
  const Desc plain = plain_desc(table.shape());
  const int parameter = b.parameters().declare(node.inputs[0], plain, plain, true);
  Shape shape = tokens.shape;
  shape.push_back(table.shape()[1]);
  const Ref dst = b.program().arena_ref(plain_desc(shape));
  b.define(node.outputs[0], shape, dst);
  if (b.parameter_memory == nullptr) return {};  // the pass that only finds out layouts
  TENBIN_TRY(const Ref picked, b.plain(tokens));
  KernelArgs args;
  args.n[0] = count_of(tokens.shape);
  args.n[1] = table.shape()[1];
  args.n[2] = table.shape()[0];
  b.program().add(look_up_kernel, args, {dst, b.weights(parameter), picked});
  if (!b.trains()) return {};
  b.on_backward([&b, &node, dst, parameter, picked, args]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(node.outputs[0]).gradient, dst.desc));
    b.program().add(look_up_backward_kernel, args, {b.gradient(parameter), diff_dst, picked});
    return {};
  });
  return {};
}

// Entries `picked` of an axis, one after another.
Status emit_pick(Builder& b, const std::string& src_name, const std::string& dst_name,
                 std::size_t axis, const std::vector<std::int64_t>& picked, const Shape& shape) {
  const Builder::Value source = b.value(src_name);
  const std::int64_t single[] = {1};  // less than a block: row-major
  const Cut cut = cut_along(b, source.shape, axis, single);
  TENBIN_TRY(const Ref src, b.plain(source));
  const Ref dst = b.program().arena_ref(plain_desc(shape));
  const auto count = static_cast<std::int64_t>(picked.size());
  std::vector<Piece> pieces;  // neighbours are copied as one
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t at = picked[static_cast<std::size_t>(i)];
    if (!pieces.empty() && pieces.back().src_at + pieces.back().count == at) {
      ++pieces.back().count;
    } else {
      pieces.push_back({1, at, source.shape[axis], i, count});
    }
  }
  for (const Piece& piece : pieces) copy_piece(b, cut, piece, src, dst);
  b.define(dst_name, shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, src, dst, cut, pieces]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const Ref diff_src = b.program().arena_ref(src.desc);
    zero(b, diff_src);
    for (const Piece& piece : pieces) copy_piece(b, cut, piece.reversed(), diff_dst, diff_src);
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

// Integers of a constant input, or of the attribute that it was before.
Result<std::vector<std::int64_t>> integers_of(const Builder& b, const OpCall& node, std::size_t i,
                                              const char* attribute) {
  if (i >= node.inputs.size() || node.inputs[i].empty()) return node.integers(attribute);
  const Tensor* given = b.constant(node.inputs[i]);
  if (given == nullptr) return no_kernel(node, "bounds that are not constant");
  if (given->type() == ElementType::kInt32) {
    const auto values = given->data<std::int32_t>();
    return std::vector<std::int64_t>(values.begin(), values.end());
  }
  if (given->type() != ElementType::kInt64) return no_kernel(node, "bounds of another type");
  const auto values = given->data<std::int64_t>();
  return std::vector<std::int64_t>(values.begin(), values.end());
}

}  // namespace

Status lower_gather(Builder& b, const OpCall& node) {
  if (b.has_value(node.inputs[1])) {
    if (b.has_value(node.inputs[0])) return no_kernel(node, "two computed operands");
    return lower_look_up(b, node);
  }
  TENBIN_TRY(std::vector<std::int64_t> picked, integers_of(b, node, 1, "indices"));
  const Shape source = b.value(node.inputs[0]).shape;
  TENBIN_TRY(const std::size_t axis, normal_axis(node.integer("axis", 0), source.size()));
  for (std::int64_t& at : picked) {
    if (at < 0) at += source[axis];
    if (at < 0 || at >= source[axis]) return no_kernel(node, "an index outside of the axis");
  }
  // Scattering back adds nothing up, so an entry may be read once.
  std::vector<std::int64_t> sorted = picked;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return no_kernel(node, "an index that is read twice");
  }
  Shape shape = source;
  const auto place = shape.begin() + static_cast<std::ptrdiff_t>(axis);
  const Shape& sizes = b.constant(node.inputs[1])->shape();
  shape.insert(shape.erase(place), sizes.begin(), sizes.end());
  return emit_pick(b, node.inputs[0], node.outputs[0], axis, picked, shape);
}

Status lower_slice(Builder& b, const OpCall& node) {
  TENBIN_TRY(const auto starts, integers_of(b, node, 1, "starts"));
  TENBIN_TRY(const auto ends, integers_of(b, node, 2, "ends"));
  TENBIN_TRY(auto axes, integers_of(b, node, 3, "axes"));
  TENBIN_TRY(auto steps, integers_of(b, node, 4, "steps"));
  if (axes.empty()) {
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (steps.empty()) steps.assign(axes.size(), 1);
  if (starts.size() != axes.size() || ends.size() != axes.size() || steps.size() != axes.size()) {
    return no_kernel(node, "starts, ends, axes and steps of different lengths");
  }
  std::string name = node.inputs[0];
  for (std::size_t i = 0; i < axes.size(); ++i) {
    Shape shape = b.value(name).shape;
    TENBIN_TRY(const std::size_t axis, normal_axis(axes[i], shape.size()));
    const std::int64_t size = shape[axis];
    if (steps[i] < 1) return no_kernel(node, "a step that is not positive");
    const auto wrapped = [size](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
    };
    std::vector<std::int64_t> picked;
    for (std::int64_t at = wrapped(starts[i]); at < wrapped(ends[i]); at += steps[i]) {
      picked.push_back(at);
    }
    if (picked.empty()) return no_kernel(node, "a range without entries");
    shape[axis] = static_cast<std::int64_t>(picked.size());
    const bool last = i + 1 == axes.size();
    const std::string to = last ? node.outputs[0] : node.outputs[0] + "/" + std::to_string(i);
    if (!last) b.add_inner(name, to);
    TENBIN_CHECK(emit_pick(b, name, to, axis, picked, shape));
    name = to;
  }
  return axes.empty() ? Status(no_kernel(node, "no axes")) : Status();
}

}  // namespace tenbin::dnn
