// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "graph/schemas/window.h"

namespace tenbin {
namespace {

struct ConvShapes {
  const Shape *src = nullptr, *weights = nullptr;
  std::int64_t group = 1;
};

Result<ConvShapes> operands(const InferCall& call) {
  ConvShapes out{call.shape(0), call.shape(1), call.call.integer("group", 1)};
  if (out.src == nullptr || out.weights == nullptr) return out;
  if (out.src->size() < 3 || out.src->size() != out.weights->size()) {
    return call.bad_shape("input " + to_text(*out.src) + " with weights " + to_text(*out.weights) +
                          ", expected one rank of at least 3");
  }
  if (out.group < 1 || out.group > INT32_MAX) {
    return call.bad_shape("group of " + std::to_string(out.group));
  }
  return out;
}

std::vector<std::int64_t> kernel_of(const InferCall& call, const Shape& weights) {
  std::vector<std::int64_t> kernel = call.call.integers("kernel_shape");
  if (kernel.empty()) kernel.assign(weights.begin() + 2, weights.end());
  return kernel;
}

Status check_bias(const InferCall& call, std::int64_t channels) {
  const Shape* bias = call.shape(call.call.op == "DeformConv" ? 3 : 2);
  if (bias == nullptr || channels < 0) return {};
  if (bias->size() == 1 && ((*bias)[0] == channels || (*bias)[0] == -1)) return {};
  return call.bad_shape("bias " + to_text(*bias) + ", expected [" + std::to_string(channels) + "]");
}

Status infer_conv(InferCall& call) {
  TENBIN_TRY(const ConvShapes op, operands(call));
  call.set(0, call.type(0), std::nullopt);
  if (op.src == nullptr || op.weights == nullptr) return {};
  const std::int64_t in = (*op.src)[1];
  const std::int64_t out = (*op.weights)[0];
  const std::int64_t each = (*op.weights)[1];
  if (in >= 0 && each >= 0 && in != each * op.group) {
    return call.bad_shape("input " + to_text(*op.src) + " with weights " + to_text(*op.weights) +
                          ", expected " + std::to_string(each * op.group) + " channels");
  }
  if (out >= 0 && out % op.group != 0) {
    return call.bad_shape(std::to_string(out) + " channels in " + std::to_string(op.group) +
                          " groups");
  }
  TENBIN_CHECK(check_bias(call, out));
  TENBIN_TRY(const Shape spatial,
             window_shape(call, std::span(*op.src).subspan(2), kernel_of(call, *op.weights)));
  Shape dst = {(*op.src)[0], out};
  dst.insert(dst.end(), spatial.begin(), spatial.end());
  call.set(0, call.type(0), std::move(dst));
  return {};
}

Status infer_conv_transpose(InferCall& call) {
  TENBIN_TRY(const ConvShapes op, operands(call));
  call.set(0, call.type(0), std::nullopt);
  if (op.src == nullptr || op.weights == nullptr) return {};
  if ((*op.src)[1] >= 0 && (*op.weights)[0] >= 0 && (*op.src)[1] != (*op.weights)[0]) {
    return call.bad_shape("input " + to_text(*op.src) + " with weights " + to_text(*op.weights));
  }
  const std::size_t rank = op.src->size() - 2;
  const auto kernel = kernel_of(call, *op.weights);
  if (kernel.size() != rank) return call.bad_shape("kernel_shape of another rank");
  TENBIN_TRY(const auto strides, window_attribute(call, "strides", rank, 1, 1));
  TENBIN_TRY(const auto dilations, window_attribute(call, "dilations", rank, 1, 1));
  TENBIN_TRY(const auto pads, window_attribute(call, "pads", 2 * rank, 0, 0));
  TENBIN_TRY(const auto extra, window_attribute(call, "output_padding", rank, 0, 0));
  const auto wanted = call.call.integers("output_shape");
  const bool same = call.call.text("auto_pad", "NOTSET").starts_with("SAME");
  const std::int64_t each = (*op.weights)[1];
  Shape dst = {(*op.src)[0], each < 0 ? -1 : each * op.group};
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = (*op.src)[2 + i];
    std::int64_t out = -1, span = 0, reach = 0;
    if (!wanted.empty()) {
      out = wanted[wanted.size() >= rank ? wanted.size() - rank + i : 0];
    } else if (size >= 0 && kernel[i] >= 1) {
      if (same) {
        out = size * strides[i];
      } else if (!__builtin_mul_overflow(strides[i], size - 1, &span) &&
                 !__builtin_mul_overflow(dilations[i], kernel[i] - 1, &reach) &&
                 !__builtin_add_overflow(span, reach, &out)) {
        out += extra[i] + 1 - pads[i] - pads[i + rank];
      } else {
        return call.bad_shape("result too large");
      }
      if (out < 0) return call.bad_shape("padding larger than the result");
    }
    dst.push_back(out);
  }
  call.set(0, call.type(0), std::move(dst));
  return {};
}

// One product for each weight of a filter and each output element.
std::int64_t macs_conv(const InferCall& call) {
  const Shape& weights = *call.shape(1);
  const Shape& dst = *call.outputs[0].shape;
  return count_of(dst) * count_of(Shape(weights.begin() + 1, weights.end()));
}

// Each input element meets each weight of its channel once.
std::int64_t macs_conv_transpose(const InferCall& call) {
  const Shape& weights = *call.shape(1);
  return count_of(*call.shape(0)) * count_of(Shape(weights.begin() + 1, weights.end()));
}

}  // namespace

const SchemaFamily& schema_conv();
const SchemaFamily& schema_conv() {
  static const SchemaFamily family{"conv",
                                   {{"",
                                     {"Conv"},
                                     "Convolution over one to many spatial axes.",
                                     infer_conv,
                                     macs_conv,
                                     {1, 2},
                                     {}},
                                    {"",
                                     {"DeformConv"},
                                     "Convolution at places moved by offsets.",
                                     infer_conv,
                                     macs_conv,
                                     {1, 3},
                                     {}},
                                    {"",
                                     {"ConvTranspose"},
                                     "Transposed convolution.",
                                     infer_conv_transpose,
                                     macs_conv_transpose,
                                     {1, 2},
                                     {}}}};
  return family;
}

}  // namespace tenbin
