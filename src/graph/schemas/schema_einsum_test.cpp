// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall einsum(const char* equation) {
  return {"Einsum", "", "", {}, {}, {{"equation", std::string(equation)}}};
}

TEST(SchemaEinsum, TellsShapes) {
  check({
      {"a product", einsum("bij,bjk->bik"), {f32({-1, 2, 3}), f32({-1, 3, 4})}, {f32({-1, 2, 4})}},
      {"a sum", einsum("ij->"), {f32({2, 3})}, {f32({})}},
      {"left open", einsum("...i->..."), {f32({2, 3})}, {of_unknown_rank(ElementType::kFloat32)}},
      {"a letter of nowhere", einsum("ij->k"), {f32({2, 3})}, {}, true},
      {"determinants", {"Det", "", "", {}, {}, {}}, {f32({-1, 3, 3})}, {f32({-1})}},
      {"no matrix", {"Det", "", "", {}, {}, {}}, {f32({3})}, {}, true},
  });
}

}  // namespace
}  // namespace tenbin
