// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaSignal, TellsShapes) {
  const Attributes half = {{"onesided", std::int64_t{1}}};
  check({
      {"all frequencies", op("DFT"), {f32({-1, 10, 1})}, {f32({-1, 10, 2})}},
      {"half of them", op("DFT", half), {f32({2, 10, 1})}, {f32({2, 6, 2})}},
      {"no signal", op("DFT"), {f32({10})}, {}, true},
      {"frames",
       op("STFT"),
       {f32({2, 16, 1}), i64({}), f32({8})},
       {f32({2, 3, 5, 2})},
       false,
       {Tensor(), Tensor::scalar<std::int64_t>(4)}},
      {"weights",
       op("HannWindow"),
       {i64({})},
       {f32({8})},
       false,
       {Tensor::scalar<std::int64_t>(8)}},
      {"size not known", op("HannWindow"), {i64({})}, {f32({-1})}},
      {"bands",
       op("MelWeightMatrix"),
       {i64({}), i64({})},
       {f32({9, 8})},
       false,
       {Tensor::scalar<std::int64_t>(8), Tensor::scalar<std::int64_t>(16)}},
  });
}

}  // namespace
}  // namespace tenbin
