// SPDX-License-Identifier: Apache-2.0
// MatMul of two activations, as attention has it: a product for each of equal leading sizes.
#include "engine/dnn/builder.h"

namespace tenbin::dnn {
namespace {

using Product = dnnl::matmul;

// The last two dimensions change places.
Ref turned(const Ref& ref) {
  const int rank = ref.desc.data.ndims;
  std::vector<int> order(static_cast<std::size_t>(rank));
  for (int d = 0; d < rank; ++d) order[static_cast<std::size_t>(d)] = d;
  std::swap(order[static_cast<std::size_t>(rank) - 2], order[static_cast<std::size_t>(rank) - 1]);
  return {ref.buffer, ref.desc.permute_axes(order)};
}

void emit(Builder& b, const Ref& left, const Ref& right, const Ref& dst, const char* name) {
  const Product::primitive_desc pd(Product::desc(left.desc, right.desc, dst.desc), user_scratch(),
                                   b.program().engine());
  b.program().add(Product(pd),
                  {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, dst}},
                  pd.scratchpad_desc(), name + std::string(":") + pd.impl_info_str());
}

}  // namespace

Status lower_products(Builder& b, const OpCall& node) {
  const std::string left_name = node.inputs[0], right_name = node.inputs[1];
  const Shape a = b.value(left_name).shape, c = b.value(right_name).shape;
  const std::size_t rank = a.size();
  const bool fits = rank >= 2 && c.size() == rank && std::equal(a.begin(), a.end() - 2, c.begin());
  if (!fits) {
    return no_kernel(node, "operands of shapes " + to_text(a) + " and " + to_text(c));
  }
  if (a[rank - 1] != c[rank - 2]) {
    return Error(ErrorCode::kBadShape, "operands " + to_text(a) + " and " + to_text(c),
                 "node '" + node.name + "'");
  }
  Shape shape = a;
  shape.back() = c.back();
  TENBIN_TRY(const Ref left, b.as(b.value(left_name).data, plain_desc(a)));
  TENBIN_TRY(const Ref right, b.as(b.value(right_name).data, plain_desc(c)));
  const Ref dst = b.program().arena_ref(plain_desc(shape));
  emit(b, left, right, dst, "product");
  const std::string dst_name = node.outputs[0];
  b.define(dst_name, shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, left_name, right_name, dst_name, left, right, dst]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    for (const bool first : {true, false}) {
      Builder::Value& from = b.value(first ? left_name : right_name);
      if (!from.wants_gradient) continue;
      const Ref diff = b.program().arena_ref(first ? left.desc : right.desc);
      if (first) {
        emit(b, diff_dst, turned(right), diff, "product_bwd_a");
      } else {
        emit(b, turned(left), diff_dst, diff, "product_bwd_b");
      }
      TENBIN_CHECK(b.add_gradient(from, diff, false));
    }
    return {};
  });
  return {};
}

}  // namespace tenbin::dnn
