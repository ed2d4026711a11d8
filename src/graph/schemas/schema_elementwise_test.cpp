// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name) { return {std::move(name), "", "", {}, {}, {}}; }

TEST(SchemaElementwise, BroadcastsAndTypes) {
  check({
      {"bias on the last axis", op("Add"), {f32({-1, 8}), f32({8})}, {f32({-1, 8})}},
      {"both sides stretch", op("Mul"), {f32({3, 1}), f32({1, 4})}, {f32({3, 4})}},
      {"many operands", op("Sum"), {f32({3, 1}), f32({4}), f32({1})}, {f32({3, 4})}},
      {"comparison is a yes or no", op("Less"), {f32({-1, 2}), f32({})}, {boolean({-1, 2})}},
      {"choice has the type of its branches",
       op("Where"),
       {boolean({2, 1}), text({1, 3}), text({})},
       {text({2, 3})}},
      {"do not broadcast", op("Sub"), {f32({3}), f32({4})}, {}, true},
  });
}

}  // namespace
}  // namespace tenbin
