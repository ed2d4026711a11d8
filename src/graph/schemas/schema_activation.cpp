// SPDX-License-Identifier: Apache-2.0
#include "graph/schema.h"

namespace tenbin {
namespace {

std::optional<Shape> same(const InferCall& call) {
  const Shape* src = call.shape(0);
  return src == nullptr ? std::nullopt : std::optional<Shape>(*src);
}

Status infer_unary(InferCall& call) {
  call.set(0, call.type(0), same(call));
  return {};
}

Status infer_predicate(InferCall& call) {
  call.set(0, ElementType::kBool, same(call));
  return {};
}

}  // namespace

const SchemaFamily& schema_activation();
const SchemaFamily& schema_activation() {
  static const SchemaFamily family{"activation",
                                   {{"",
                                     {"Relu",
                                      "LeakyRelu",
                                      "Elu",
                                      "Selu",
                                      "Celu",
                                      "Gelu",
                                      "ThresholdedRelu",
                                      "HardSigmoid",
                                      "HardSwish",
                                      "Mish",
                                      "Sigmoid",
                                      "Tanh",
                                      "Softplus",
                                      "Softsign",
                                      "Shrink",
                                      "Swish",
                                      "Exp",
                                      "Log",
                                      "Sqrt",
                                      "Reciprocal",
                                      "Abs",
                                      "Neg",
                                      "Sign",
                                      "Floor",
                                      "Ceil",
                                      "Round",
                                      "Erf",
                                      "Sin",
                                      "Cos",
                                      "Tan",
                                      "Asin",
                                      "Acos",
                                      "Atan",
                                      "Sinh",
                                      "Cosh",
                                      "Asinh",
                                      "Acosh",
                                      "Atanh",
                                      "Clip",
                                      "BitwiseNot"},
                                     "A function of each element.",
                                     infer_unary,
                                     nullptr,
                                     {},
                                     {}},
                                    {"",
                                     {"IsNaN", "IsInf", "Not"},
                                     "A yes or no for each element.",
                                     infer_predicate,
                                     nullptr,
                                     {},
                                     {}}}};
  return family;
}

}  // namespace tenbin
