// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/features.h"

namespace tenbin {
namespace {

// Inputs side by side; each takes as many columns as it is said to have, short ones end in zeros.
Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, std::max<std::size_t>(inputs.size(), 1)));
  const std::vector<std::int64_t> sizes = call.integers("inputdimensions");
  if (sizes.size() != inputs.size()) {
    return bad_operands(call, std::to_string(inputs.size()) + " inputs, but " +
                                  std::to_string(sizes.size()) + " inputdimensions");
  }
  std::vector<Tensor> rooms(inputs.size());
  std::vector<FeatureRows> parts;
  std::int64_t width = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    TENBIN_TRY(FeatureRows part, feature_rows(call, *inputs[i], rooms[i]));
    if (sizes[i] < 0 || __builtin_add_overflow(width, sizes[i], &width)) {
      return bad_operands(call, "inputdimensions " + std::to_string(sizes[i]));
    }
    if (!parts.empty() && part.rows != parts[0].rows) {
      return bad_operands(
          call, std::to_string(part.rows) + " rows beside " + std::to_string(parts[0].rows));
    }
    parts.push_back(part);
  }
  const Shape shape = {parts[0].rows, width};
  TENBIN_CHECK(element_count(shape));
  Tensor out(ElementType::kFloat32, shape);
  auto to = out.data<float>().begin();
  for (std::int64_t r = 0; r < parts[0].rows; ++r) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto row = parts[i].row(r);
      std::copy_n(row.begin(), std::min(static_cast<std::ptrdiff_t>(row.size()), sizes[i]), to);
      to += sizes[i];
    }
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"two matrices",
           op_call("FeatureVectorizer", 2, {{"inputdimensions", std::vector<std::int64_t>{2, 1}}},
                   "ai.onnx.ml"),
           {Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<float>({2, 1}, {5, 6})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_feature_vectorizer() {
  static const OpEntry entry{
      "ai.onnx.ml", {"FeatureVectorizer"}, "Inputs side by side.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
