// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/weights.h"

namespace tenbin::dnn {

Status copy_layout(const dnnl::engine& engine, const Desc& from, const void* src, const Desc& to,
                   void* dst) {
  try {
    dnnl::stream stream(engine);
    dnnl::memory source(from, engine, const_cast<void*>(src));
    dnnl::memory target(to, engine, dst);
    dnnl::reorder(source, target).execute(stream, source, target);
    stream.wait();
    return {};
  } catch (const dnnl::error& failure) {
    return Error(ErrorCode::kBug, std::string("layout cannot be changed: ") + failure.what());
  }
}

Status load_weights(const dnnl::engine& engine, const Graph& graph, const Parameters& parameters,
                    float* memory) {
  for (const Parameter& p : parameters.list()) {
    const auto found = graph.initializers.find(p.name);
    if (found == graph.initializers.end()) {
      return Error(ErrorCode::kUnsupportedOp,
                   "weights '" + p.name + "' are computed, expected constants");
    }
    const Tensor& tensor = found->second;
    if (tensor.type() != ElementType::kFloat32) {
      return Error(ErrorCode::kUnsupportedOp, "weights '" + p.name + "' are " +
                                                  std::string(element_name(tensor.type())) +
                                                  ", expected float32");
    }
    if (tensor.byte_size() != p.plain.get_size()) {
      return Error(ErrorCode::kBadShape, "weights '" + p.name + "' have shape " +
                                             to_text(tensor.shape()) + ", which does not fit");
    }
    TENBIN_CHECK(copy_layout(engine, p.plain, tensor.bytes().data(), p.desc,
                             memory + p.offset / sizeof(float)));
  }
  return {};
}

Status store_weights(const dnnl::engine& engine, const Parameters& parameters, const float* memory,
                     Graph& graph) {
  for (const Parameter& p : parameters.list()) {
    TENBIN_CHECK(copy_layout(engine, p.desc, memory + p.offset / sizeof(float), p.plain,
                             graph.initializers.at(p.name).bytes().data()));
  }
  return {};
}

}  // namespace tenbin::dnn
