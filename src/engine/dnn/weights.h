// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dnn/builder.h"

namespace tenbin::dnn {

// Changes the layout of one array, outside of any program.
Status copy_layout(const dnnl::engine& engine, const Desc& from, const void* src, const Desc& to,
                   void* dst);

// Graph initialisers into the flat parameter memory, and back.
Status load_weights(const dnnl::engine& engine, const Graph& graph, const Parameters& parameters,
                    float* memory);
Status store_weights(const dnnl::engine& engine, const Parameters& parameters, const float* memory,
                     Graph& graph);

}  // namespace tenbin::dnn
