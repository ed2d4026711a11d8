// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& in = *inputs[0];
  if (inputs[1]->type() != ElementType::kInt64) {
    return bad_element_type(call, inputs[1]->type(), "int64 indices");
  }
  if (in.shape().empty()) return bad_operands(call, "features without a shape");
  const auto indices = inputs[1]->data<std::int64_t>();
  const std::int64_t columns = in.shape().back();
  for (const std::int64_t index : indices) {
    if (index < 0 || index >= columns) {
      return bad_operands(call,
                          "column " + std::to_string(index) + " of " + std::to_string(columns));
    }
  }
  Shape shape = in.shape();
  if (shape.size() == 1) shape.insert(shape.begin(), 1);  // a vector gives one row
  shape.back() = static_cast<std::int64_t>(indices.size());
  TENBIN_CHECK(element_count(shape));
  Tensor out(in.type(), shape);
  const std::size_t rows = columns == 0 ? 0 : static_cast<std::size_t>(in.count() / columns);
  const std::size_t size = element_size(in.type());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t k = 0; k < indices.size(); ++k) {
      const std::size_t from =
          r * static_cast<std::size_t>(columns) + static_cast<std::size_t>(indices[k]);
      const std::size_t to = r * indices.size() + k;
      if (in.is_string()) {
        out.data<std::string>()[to] = in.data<std::string>()[from];
      } else {
        std::memcpy(out.bytes().data() + to * size, in.bytes().data() + from * size, size);
      }
    }
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {
      {"two columns, one twice",
       op_call("ArrayFeatureExtractor", 2, {}, "ai.onnx.ml"),
       {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<std::int64_t>({3}, {2, 0, 2})},
       {},
       false},
      {"texts of a vector",
       op_call("ArrayFeatureExtractor", 2, {}, "ai.onnx.ml"),
       {Tensor::strings({3}, {"a", "b", "c"}), Tensor::of<std::int64_t>({1}, {1})},
       {},
       false}};
}

}  // namespace

const OpEntry& op_array_feature_extractor() {
  static const OpEntry entry{
      "ai.onnx.ml", {"ArrayFeatureExtractor"}, "Columns by index.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
