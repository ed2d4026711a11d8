// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dnn/builder.h"

namespace tenbin::dnn {

struct ConvWindow {
  dnnl::memory::dims strides, dilates, begin, end;  // dilates: 0 is dense, as oneDNN counts
};

struct ConvShapes {
  Shape src, dst;
  Desc plain_weights;  // grouped when groups > 1
  Shape weight_dims;
  ConvWindow window;
};

// Reads a Conv with constant weights over [batch, channels, height, width]. Errors
// kUnsupportedOp, kBadShape.
Result<ConvShapes> conv_shapes(Builder& b, const OpCall& node);

// Takes the convolution with the ReLU and the pooling after it, when they are the first stage of a
// network for images; false: nothing was emitted.
Result<bool> lower_conv_pool(Builder& b, const OpCall& node, const ConvShapes& s);

// Emits the gradient of depthwise weights, all in blocks of sixteen channels, without a bias;
// false: nothing was emitted.
bool emit_depthwise_gradient(Builder& b, const ConvShapes& s, const Ref& src, const Ref& diff_dst,
                             int weights);

// Takes a convolution 3x3 with stride 1, where our own Winograd kernels fit; false: nothing was
// emitted.
Result<bool> lower_winograd(Builder& b, const OpCall& node, const ConvShapes& s);

// Takes a convolution with constant weights, where our own kernels for AVX2 fit; false: nothing was
// emitted.
Result<bool> lower_direct_conv(Builder& b, const OpCall& node, const ConvShapes& s);

}  // namespace tenbin::dnn
