// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name) { return {std::move(name), "", "", {}, {}, {}}; }

TEST(SchemaActivation, KeepsTypeAndShape) {
  check({
      {"any rank", op("Relu"), {f32({-1, 3, 4})}, {f32({-1, 3, 4})}},
      {"unknown rank stays unknown",
       op("Tanh"),
       {of_unknown_rank(ElementType::kFloat32)},
       {of_unknown_rank(ElementType::kFloat32)}},
      {"limits are other inputs", op("Clip"), {f32({2}), f32({}), f32({})}, {f32({2})}},
      {"predicates are yes or no", op("IsNaN"), {f32({2, 2})}, {boolean({2, 2})}},
  });
}

}  // namespace
}  // namespace tenbin
