// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime/ort_session.h"
#include "engine/precision.h"

namespace tenbin {
namespace {

constexpr const char* kWayOut = "serve it with the whole tenbin";

}  // namespace

bool has_native_bfloat16() { return false; }

Result<std::unique_ptr<Session>> create_onnxruntime_session(const std::string& /*onnx_bytes*/,
                                                            const SessionOptions& /*options*/) {
  return Error(ErrorCode::kMissingPlugin, "this build has no ONNX Runtime", "", kWayOut);
}

}  // namespace tenbin
