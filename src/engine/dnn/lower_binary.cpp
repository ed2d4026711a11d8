// SPDX-License-Identifier: Apache-2.0
// Sums, differences and products of two activations, or of an activation and a constant.
#include "engine/dnn/builder.h"
#include "engine/kernels/kernels.h"

namespace tenbin::dnn {
namespace {

std::int64_t floats_of(const Ref& ref) {
  return static_cast<std::int64_t>(ref.desc.get_size() / sizeof(float));
}

// dst, a, b; n: count.
void add_kernel(const KernelArgs& a) { kernels::add(a.p[0], a.p[1], a.p[2], a.n[0], false); }
void subtract_kernel(const KernelArgs& a) { kernels::subtract(a.p[0], a.p[1], a.p[2], a.n[0]); }
void multiply_kernel(const KernelArgs& a) { kernels::multiply(a.p[0], a.p[1], a.p[2], a.n[0]); }
// dst, src; n: count; f: factor.
void scale_kernel(const KernelArgs& a) { kernels::scale(a.p[0], a.p[1], a.n[0], a.f[0]); }

// dst, a, row: the kernel above for each row of n[1] values of a and the one row that all share.
template <Kernel kernel, bool constant_first> void each_row(const KernelArgs& a) {
  KernelArgs row = a;
  row.n[0] = a.n[1];
  for (std::int64_t at = 0; at < a.n[0]; at += a.n[1]) {
    row.p[0] = a.p[0] + at;
    row.p[constant_first ? 2 : 1] = a.p[1] + at;
    row.p[constant_first ? 1 : 2] = a.p[2];
    kernel(row);
  }
}

Kernel kernel_of(const std::string& op) {
  return op == "Add" ? add_kernel : op == "Sub" ? subtract_kernel : multiply_kernel;
}

Kernel row_kernel_of(const std::string& op, bool constant_first) {
  if (op == "Add") return each_row<add_kernel, false>;
  if (op == "Mul") return each_row<multiply_kernel, false>;
  return constant_first ? each_row<subtract_kernel, true> : each_row<subtract_kernel, false>;
}

// The constant as every row of the activation sees it; nothing when it differs from row to row or
// makes the result larger.
std::optional<std::vector<float>> spread_over_row(const Tensor& constant, const Shape& shape) {
  const Shape& own = constant.shape();
  if (constant.type() != ElementType::kFloat32 || own.size() > shape.size()) return std::nullopt;
  const std::size_t skip = shape.size() - own.size();
  if (skip == 0 && own.front() != 1) return std::nullopt;
  std::vector<std::int64_t> steps(shape.size(), 0);
  std::int64_t step = 1;
  for (std::size_t d = shape.size(); d-- > skip;) {
    const std::int64_t size = own[d - skip];
    if (size != 1 && size != shape[d]) return std::nullopt;
    steps[d] = size == 1 ? 0 : step;
    step *= size;
  }
  std::vector<float> row(static_cast<std::size_t>(count_of(shape) / shape.front()));
  for (std::size_t i = 0; i < row.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t from = 0;
    for (std::size_t d = shape.size(); d-- > 1;) {
      from += rest % shape[d] * steps[d];
      rest /= shape[d];
    }
    row[i] = constant.data<float>()[static_cast<std::size_t>(from)];
  }
  return row;
}

Status lower_with_constant(Builder& b, const OpCall& node, bool constant_first) {
  const std::string name = node.inputs[constant_first ? 1 : 0];
  const Builder::Value source = b.value(name);
  const auto row = spread_over_row(*b.constant(node.inputs[constant_first ? 0 : 1]), source.shape);
  if (!row) return no_kernel(node, "a constant that is not one row of " + to_text(source.shape));
  TENBIN_TRY(const Ref src, b.plain(source));
  const Ref constant{b.program().constant_buffer(*row), {}};
  const Ref dst = b.program().arena_ref(src.desc);
  KernelArgs args;
  args.n[0] = floats_of(dst);
  args.n[1] = static_cast<std::int64_t>(row->size());
  b.program().add(row_kernel_of(node.op, constant_first), args, {dst, src, constant});
  b.define(node.outputs[0], source.shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, &node, name, constant, args, constant_first]() -> Status {
    Builder::Value& from = b.value(name);
    const Ref gradient = b.value(node.outputs[0]).gradient;
    const bool same = node.op == "Add" || (node.op == "Sub" && !constant_first);
    if (same) return b.add_gradient(from, gradient, true);
    TENBIN_TRY(const Ref diff_dst, b.as(gradient, plain_desc(from.shape)));
    const Ref diff_src = b.program().arena_ref(diff_dst.desc);
    if (node.op == "Mul") {
      b.program().add(each_row<multiply_kernel, false>, args, {diff_src, diff_dst, constant});
    } else {
      KernelArgs negate = args;
      negate.f[0] = -1;
      b.program().add(scale_kernel, negate, {diff_src, diff_dst});
    }
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

Status backward_of_product(Builder& b, const OpCall& node, const Ref& left, const Ref& right) {
  TENBIN_TRY(const Ref diff_dst, b.as(b.value(node.outputs[0]).gradient, left.desc));
  KernelArgs args;
  args.n[0] = floats_of(left);
  for (const bool first : {true, false}) {
    Builder::Value& from = b.value(node.inputs[first ? 0 : 1]);
    if (!from.wants_gradient) continue;
    const Ref diff_src = b.program().arena_ref(left.desc);
    b.program().add(multiply_kernel, args, {diff_src, diff_dst, first ? right : left});
    TENBIN_CHECK(b.add_gradient(from, diff_src, false));
  }
  return {};
}

}  // namespace

Status lower_binary(Builder& b, const OpCall& node) {
  const bool constant_first = b.constant(node.inputs[0]) != nullptr;
  if (constant_first || b.constant(node.inputs[1]) != nullptr) {
    return lower_with_constant(b, node, constant_first);
  }
  const Builder::Value source = b.value(node.inputs[0]);
  const Builder::Value second = b.value(node.inputs[1]);
  if (source.shape != second.shape) {
    return no_kernel(
        node, "operands of shapes " + to_text(source.shape) + " and " + to_text(second.shape));
  }
  TENBIN_TRY(const Ref left, b.floats(source.data));
  TENBIN_TRY(const Ref right, b.as(second.data, left.desc));
  const Ref dst = b.program().arena_ref(left.desc);
  KernelArgs args;
  args.n[0] = floats_of(dst);
  b.program().add(kernel_of(node.op), args, {dst, left, right});
  b.define(node.outputs[0], source.shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, &node, left, right]() -> Status {
    if (node.op == "Mul") return backward_of_product(b, node, left, right);
    TENBIN_TRY(const Ref gradient, b.floats(b.value(node.outputs[0]).gradient));
    TENBIN_CHECK(b.add_gradient(b.value(node.inputs[0]), gradient, true));
    Builder::Value& subtracted = b.value(node.inputs[1]);
    if (node.op == "Add") return b.add_gradient(subtracted, gradient, true);
    const Ref negative = b.program().arena_ref(gradient.desc);
    KernelArgs negate;
    negate.n[0] = floats_of(gradient);
    negate.f[0] = -1;
    b.program().add(scale_kernel, negate, {negative, gradient});
    return b.add_gradient(subtracted, negative, false);
  });
  return {};
}

}  // namespace tenbin::dnn
