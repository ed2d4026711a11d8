// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "engine/session.h"

namespace tenbin {

// A session that runs a model with ONNX Runtime, the plug-in libonnxruntime.so.1, on the CPU:
// second engine and judge of ours. `onnx_bytes` is a whole model without external data.
// Errors: kMissingPlugin (library absent, refused, too old, or this build had no header of it),
// kBadModel with the library's own words, kUnsupportedOp for values that are not tensors.
Result<std::unique_ptr<Session>> create_onnxruntime_session(const std::string& onnx_bytes,
                                                            const SessionOptions& options);

// Version of the plug-in ("1.30.0"), or kMissingPlugin.
Result<std::string> onnxruntime_version();

}  // namespace tenbin
