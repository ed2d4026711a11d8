// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/schema.h"

namespace tenbin {

// A row of a shape inference test: one call, its operands, and what must come out.
struct SchemaCase {
  std::string why;
  OpCall call;  // op, domain and attributes; values are named here
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;      // names are not compared; ignored when it must fail
  bool fails = false;                  // with kBadShape
  std::vector<Tensor> constants = {};  // by position; undefined: not constant
  std::int64_t opset = 17;
};

inline ValueInfo f32(Shape shape) { return {"", ElementType::kFloat32, std::move(shape), true}; }
inline ValueInfo i64(Shape shape) { return {"", ElementType::kInt64, std::move(shape), true}; }
inline ValueInfo text(Shape shape) { return {"", ElementType::kString, std::move(shape), true}; }
inline ValueInfo boolean(Shape shape) { return {"", ElementType::kBool, std::move(shape), true}; }
inline ValueInfo of_unknown_rank(ElementType type) { return {"", type, {}, false}; }
inline Tensor integers(std::vector<std::int64_t> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return Tensor::of<std::int64_t>({size}, std::span<const std::int64_t>(values));
}
using Ints = std::vector<std::int64_t>;

inline void check(const std::vector<SchemaCase>& cases) {
  for (const SchemaCase& row : cases) {
    SCOPED_TRACE(row.call.op + ": " + row.why);
    OpCall call = row.call;
    call.opset = row.opset;
    std::vector<ValueInfo> inputs = row.inputs;
    std::vector<const Tensor*> constants(inputs.size(), nullptr);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      call.inputs.push_back("i" + std::to_string(i));
      if (i < row.constants.size() && row.constants[i].defined()) constants[i] = &row.constants[i];
    }
    const std::size_t outputs = row.fails ? 1 : row.outputs.size();
    for (std::size_t i = 0; i < outputs; ++i) call.outputs.push_back("o" + std::to_string(i));
    const auto result = infer_call(call, inputs, constants);
    if (row.fails) {
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.error().code(), ErrorCode::kBadShape) << result.error().to_string();
      continue;
    }
    ASSERT_TRUE(result.ok()) << result.error().to_string();
    for (std::size_t i = 0; i < row.outputs.size(); ++i) {
      EXPECT_EQ(element_name((*result)[i].type), element_name(row.outputs[i].type));
      EXPECT_EQ((*result)[i].has_shape, row.outputs[i].has_shape);
      EXPECT_EQ(to_text((*result)[i].shape), to_text(row.outputs[i].shape));
    }
  }
}

}  // namespace tenbin
