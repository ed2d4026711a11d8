// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// Cross-layer equalisation: where a layer's output reaches another layer alone, through what scales
// with its input (Relu, LeakyRelu, pooling, Flatten, Reshape of a plane), each channel between them
// is scaled so that its weights span the same range on both sides; over whole chains, until it
// settles. The graph computes the same function but for rounding; one grid then fits all channels
// better. Layers are Conv (grouped and depthwise too), Gemm, MatMul of two axes; weights that
// several nodes read are left. Fold batch normalisation before. Returns how many pairs were scaled.
// Source: Nagel et al. 2019, Data-Free Quantization Through Weight Equalization and Bias
// Correction.
Result<int> equalise_layers(Graph& graph);

}  // namespace tenbin
