// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "graph/schema.h"

namespace tenbin {
namespace {

bool differ(std::int64_t a, std::int64_t b) { return a >= 0 && b >= 0 && a != b; }

Status infer_gemm(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape *a = call.shape(0), *b = call.shape(1);
  if ((a != nullptr && a->size() != 2) || (b != nullptr && b->size() != 2)) {
    return call.bad_shape("operand " + to_text(a != nullptr && a->size() != 2 ? *a : *b) +
                          ", expected a matrix");
  }
  const bool trans_a = call.call.integer("transA", 0) != 0;
  const bool trans_b = call.call.integer("transB", 0) != 0;
  const std::int64_t rows = a == nullptr ? -1 : (*a)[trans_a ? 1 : 0];
  const std::int64_t columns = b == nullptr ? -1 : (*b)[trans_b ? 0 : 1];
  const std::int64_t left = a == nullptr ? -1 : (*a)[trans_a ? 0 : 1];
  const std::int64_t right = b == nullptr ? -1 : (*b)[trans_b ? 1 : 0];
  if (differ(left, right)) {
    return call.bad_shape("inner sizes " + std::to_string(left) + " and " + std::to_string(right) +
                          " differ");
  }
  const Shape out = {rows, columns};
  if (const Shape* c = call.shape(2); c != nullptr) {
    TENBIN_TRY(const Shape joined, broadcast(out, *c));
    if (joined.size() != 2 || differ(joined[0], rows) || differ(joined[1], columns)) {
      return call.bad_shape("bias " + to_text(*c) + " does not fit " + to_text(out));
    }
  }
  call.set(0, call.type(0), out);
  return {};
}

Status infer_matmul(InferCall& call) {
  const bool integers = call.call.op == "MatMulInteger";
  const ElementType type = integers ? ElementType::kInt32 : call.type(0);
  call.set(0, type, std::nullopt);
  if (call.shape(0) == nullptr || call.shape(1) == nullptr) return {};
  Shape a = *call.shape(0), b = *call.shape(1);
  if (a.empty() || b.empty()) return call.bad_shape("scalar operand");
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  if (differ(a[a.size() - 1], b[b.size() - 2])) {
    return call.bad_shape("operands " + to_text(*call.shape(0)) + " and " +
                          to_text(*call.shape(1)));
  }
  TENBIN_TRY(Shape out, broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
  if (!row) out.push_back(a[a.size() - 2]);
  if (!column) out.push_back(b[b.size() - 1]);
  call.set(0, type, std::move(out));
  return {};
}

std::int64_t macs_gemm(const InferCall& call) {
  const Shape& a = *call.shape(0);
  const std::int64_t inner = a[call.call.integer("transA", 0) != 0 ? 0 : 1];
  return count_of(*call.outputs[0].shape) * inner;
}

std::int64_t macs_matmul(const InferCall& call) {
  return count_of(*call.outputs[0].shape) * call.shape(0)->back();
}

}  // namespace

const SchemaFamily& schema_gemm_matmul();
const SchemaFamily& schema_gemm_matmul() {
  static const SchemaFamily family{
      "gemm_matmul",
      {{"", {"Gemm"}, "Matrix product with bias.", infer_gemm, macs_gemm, {1, 2}, {}},
       {"",
        {"MatMul", "MatMulInteger"},
        "Product of stacked matrices.",
        infer_matmul,
        macs_matmul,
        {0, 1},
        {}}}};
  return family;
}

}  // namespace tenbin
