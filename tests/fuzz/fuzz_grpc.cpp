// SPDX-License-Identifier: Apache-2.0
// Any bytes are messages in frames or an error; a message is a request or an error, and what it
// holds is within its limits. Cut at other places the bytes are the same messages.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_frames.h"
#include "http/grpc/grpc_infer.h"
#include "http/grpc/inference.pb.h"

namespace {

std::vector<std::string> messages_of(std::string_view bytes, std::size_t step) {
  tenbin::GrpcFrames frames;
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    frames.add(bytes.substr(at, step));
    for (;;) {
      auto next = frames.next();
      if (!next.ok()) return out;
      if (!*next) break;
      out.push_back(std::move(**next));
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> messages = messages_of(bytes, size);
  if (messages != messages_of(bytes, 1) || messages != messages_of(bytes, 7)) __builtin_trap();
  for (const std::string& bytes_of_one : messages) {
    inference::ModelInferRequest message;
    if (!tenbin::parse_message(bytes_of_one, message).ok()) continue;
    const auto request = tenbin::read_grpc_infer(message);
    if (!request.ok()) continue;
    if (request->request.inputs.size() > tenbin::limits::kRequestTensors) __builtin_trap();
    tenbin::InferAnswer answer;
    answer.outputs = request->request.inputs;
    inference::ModelInferResponse response;
    tenbin::write_grpc_infer(answer, request->wishes, response);
    if (response.outputs_size() != message.inputs_size()) __builtin_trap();
  }
  return 0;
}
