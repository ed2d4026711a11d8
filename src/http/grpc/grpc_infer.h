// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/oip_infer.h"
#include "http/service.h"
#include "serve/request.h"

namespace inference {
class ModelInferRequest;
class ModelInferResponse;
}  // namespace inference

namespace tenbin {

// What a call wishes beside answers.
struct GrpcWishes {
  std::string id;
  bool raw = false;     // bytes in raw_output_contents, as the inputs came
  bool report = false;  // tenbin_report
};
struct GrpcInfer {
  InferRequest request;
  GrpcWishes wishes;
  Duration timeout = Duration::max();  // parameter timeout
};

// Errors kBadRequest and kNotOffered, with the field.
Result<GrpcInfer> read_grpc_infer(inference::ModelInferRequest& message);
void write_grpc_infer(const InferAnswer& answer, const GrpcWishes& wishes,
                      inference::ModelInferResponse& message);

}  // namespace tenbin
