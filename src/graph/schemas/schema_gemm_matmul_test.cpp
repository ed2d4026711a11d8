// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall gemm(Attributes attributes) { return {"Gemm", "", "", {}, {}, std::move(attributes)}; }
OpCall matmul() { return {"MatMul", "", "", {}, {}, {}}; }

TEST(SchemaGemmMatmul, TellsShapesAndRefusesMisfits) {
  check({
      {"batch passes", gemm({}), {f32({-1, 4}), f32({4, 3}), f32({3})}, {f32({-1, 3})}},
      {"PyTorch stores weights transposed",
       gemm({{"transB", std::int64_t{1}}}),
       {f32({2, 4}), f32({3, 4})},
       {f32({2, 3})}},
      {"inner sizes differ", gemm({}), {f32({2, 4}), f32({5, 3})}, {}, true},
      {"bias must not widen the result",
       gemm({}),
       {f32({1, 4}), f32({4, 3}), f32({2, 3})},
       {},
       true},
      {"not a matrix", gemm({}), {f32({2, 4, 1}), f32({4, 3})}, {}, true},
      {"stacks broadcast", matmul(), {f32({7, 1, 2, 3}), f32({5, 3, 4})}, {f32({7, 5, 2, 4})}},
      {"vector on the left", matmul(), {f32({3}), f32({3, 4})}, {f32({4})}},
      {"two vectors", matmul(), {f32({3}), f32({3})}, {f32({})}},
      {"inner sizes differ", matmul(), {f32({2, 3}), f32({4, 5})}, {}, true},
  });
}

}  // namespace
}  // namespace tenbin
