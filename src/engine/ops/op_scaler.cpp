// SPDX-License-Identifier: Apache-2.0
#include "engine/features.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  Tensor room;
  TENBIN_TRY(const FeatureRows in, feature_rows(call, *inputs[0], room));
  const std::vector<float> offset = call.numbers("offset"), scale = call.numbers("scale");
  const auto columns = static_cast<std::size_t>(in.columns);
  for (const auto* list : {&offset, &scale}) {
    if (list->size() != 1 && list->size() != columns) {
      return bad_operands(call, std::to_string(list->size()) + " offsets or scales for " +
                                    std::to_string(columns) + " columns");
    }
  }
  Tensor out(ElementType::kFloat32, inputs[0]->shape());
  const auto to = out.data<float>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t k = i % columns;
    to[i] = (in.values[i] - offset[offset.size() == 1 ? 0 : k]) * scale[scale.size() == 1 ? 0 : k];
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  const Tensor rows = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const Attributes each = {{"offset", std::vector<float>{1, 2}},
                           {"scale", std::vector<float>{2, 3}}};
  const Attributes all = {{"offset", std::vector<float>{1}}, {"scale", std::vector<float>{0.5F}}};
  return {{"a pair for each column", op_call("Scaler", 1, each, "ai.onnx.ml"), {rows}, {}, false},
          {"one pair for integers",
           op_call("Scaler", 1, all, "ai.onnx.ml"),
           {Tensor::of<std::int64_t>({1, 2}, {3, 4})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_scaler() {
  static const OpEntry entry{"ai.onnx.ml", {"Scaler"}, "Columns shifted and scaled.",
                             compute,      nullptr,    probes};
  return entry;
}

}  // namespace tenbin
