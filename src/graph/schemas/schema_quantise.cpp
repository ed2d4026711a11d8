// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/window.h"

namespace tenbin {
namespace {

std::optional<Shape> same(const InferCall& call) {
  const Shape* src = call.shape(0);
  return src == nullptr ? std::nullopt : std::optional<Shape>(*src);
}

Status infer_quantize(InferCall& call) {
  call.set(0, call.has(2) ? call.type(2) : ElementType::kUint8, same(call));
  return {};
}

Status infer_dequantize(InferCall& call) {
  call.set(0, call.type(1), same(call));
  return {};
}

Status infer_dynamic(InferCall& call) {
  call.set(0, ElementType::kUint8, same(call));
  call.set(1, ElementType::kFloat32, Shape{});
  call.set(2, ElementType::kUint8, Shape{});
  return {};
}

// The weights of QLinearConv are operand 3, those of ConvInteger operand 1.
std::size_t weights_of(const InferCall& call) { return call.call.op == "QLinearConv" ? 3 : 1; }

Status infer_conv(InferCall& call) {
  const bool scaled = call.call.op == "QLinearConv";
  const ElementType type = scaled ? call.type(7) : ElementType::kInt32;
  call.set(0, type, std::nullopt);
  const Shape *src = call.shape(0), *weights = call.shape(weights_of(call));
  if (src == nullptr || weights == nullptr) return {};
  if (src->size() < 3 || weights->size() != src->size()) {
    return call.bad_shape("input " + to_text(*src) + " with weights " + to_text(*weights));
  }
  TENBIN_TRY(const Shape spatial,
             window_shape(call, std::span(*src).subspan(2), std::span(*weights).subspan(2)));
  Shape out = {(*src)[0], (*weights)[0]};
  out.insert(out.end(), spatial.begin(), spatial.end());
  call.set(0, type, std::move(out));
  return {};
}

std::int64_t macs_conv(const InferCall& call) {
  const Shape& weights = *call.shape(weights_of(call));
  return count_of(*call.outputs[0].shape) * count_of(Shape(weights.begin() + 1, weights.end()));
}

Status infer_matmul(InferCall& call) {
  call.set(0, call.type(7), std::nullopt);
  const Shape *a = call.shape(0), *b = call.shape(3);
  if (a == nullptr || b == nullptr || a->size() < 2 || b->size() < 2) return {};
  TENBIN_TRY(Shape out,
             broadcast(Shape(a->begin(), a->end() - 2), Shape(b->begin(), b->end() - 2)));
  out.push_back((*a)[a->size() - 2]);
  out.push_back(b->back());
  call.set(0, call.type(7), std::move(out));
  return {};
}

std::int64_t macs_matmul(const InferCall& call) {
  return count_of(*call.outputs[0].shape) * call.shape(0)->back();
}

}  // namespace

const SchemaFamily& schema_quantise();
const SchemaFamily& schema_quantise() {
  static const SchemaFamily family{
      "quantise",
      // Of constants it rounds weights that are being trained.
      {{"", {"QuantizeLinear"}, "Real numbers as whole ones.", infer_quantize, nullptr, {0}, {}},
       {"", {"DequantizeLinear"}, "Whole numbers as real ones.", infer_dequantize, nullptr, {}, {}},
       {"",
        {"DynamicQuantizeLinear"},
        "Whole numbers with a scale found on the way.",
        infer_dynamic,
        nullptr,
        {},
        {}},
       {"",
        {"QLinearConv", "ConvInteger"},
        "Convolution of quantised numbers.",
        infer_conv,
        macs_conv,
        {},
        {}},
       {"",
        {"QLinearMatMul"},
        "Product of quantised matrices.",
        infer_matmul,
        macs_matmul,
        {},
        {}}}};
  return family;
}

}  // namespace tenbin
