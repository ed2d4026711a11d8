// SPDX-License-Identifier: Apache-2.0
#include "engine/recurrent_case.h"

#include "engine/elementwise.h"
#include "platform/random.h"

namespace tenbin {

Tensor probe_numbers(Shape shape, std::uint64_t seed) {
  Random random(seed);
  Tensor out(ElementType::kFloat32, std::move(shape));
  for (float& value : out.data<float>()) value = 0.5F * static_cast<float>(random.normal());
  return out;
}

std::vector<OpProbe> recurrent_probes(const std::string& op, std::int64_t gates,
                                      std::size_t outputs) {
  constexpr std::int64_t kHidden = 3, kIn = 2, kSteps = 4, kBatch = 2;
  const auto probe = [&](std::string_view why, std::int64_t directions, Attributes attributes) {
    attributes["hidden_size"] = kHidden;
    OpProbe out{why,
                op_call(op, 6, std::move(attributes), "", outputs),
                {probe_numbers({kSteps, kBatch, kIn}, 1),
                 probe_numbers({directions, gates * kHidden, kIn}, 2),
                 probe_numbers({directions, gates * kHidden, kHidden}, 3),
                 probe_numbers({directions, 2 * gates * kHidden}, 4), Tensor(),
                 probe_numbers({directions, kBatch, kHidden}, 5)},
                {},
                false};
    return out;
  };
  const std::string both = "bidirectional";
  std::vector<OpProbe> all = {probe("both ways, rows of other lengths", 2, {{"direction", both}}),
                              probe("backwards", 1, {{"direction", std::string("reverse")}}),
                              probe("bounded before its activations", 1, {{"clip", 0.2F}}),
                              probe("no bias and no state", 1, {})};
  all[0].inputs[4] = Tensor::of<std::int32_t>({kBatch}, {4, 2});
  all[3].inputs[3] = all[3].inputs[5] = Tensor();
  return all;
}

}  // namespace tenbin
