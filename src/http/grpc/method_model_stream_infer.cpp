// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_infer.h"
#include "http/grpc/inference.pb.h"
#include "http/infer_call.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

// A stream of requests, each answered as soon as it is computed. Its own exchange keeps it.
struct InferStream {
  GrpcFrames frames;
  std::int64_t open = 0;  // requests not answered yet
  bool last = false, ended = false;
};

void end_stream(Exchange& exchange, InferStream& stream, const Error* error) {
  if (std::exchange(stream.ended, true)) return;
  exchange.finish(grpc_trailers(error));
}

void send_one(Exchange& exchange, const Result<InferAnswer>& answer, const GrpcWishes& wishes) {
  inference::ModelStreamInferResponse message;
  if (answer.ok()) {
    write_grpc_infer(*answer, wishes, *message.mutable_infer_response());
  } else {
    message.set_error_message(answer.error().message());
    message.mutable_infer_response()->set_id(wishes.id);
  }
  exchange.send(grpc_frame(message));
}

void take_one(HttpService& service, const std::shared_ptr<Exchange>& exchange,
              const std::shared_ptr<InferStream>& stream, const std::string& bytes) {
  inference::ModelInferRequest message;
  if (const Status parsed = parse_message(bytes, message); !parsed.ok()) {
    return end_stream(*exchange, *stream, &parsed.error());
  }
  auto read = read_grpc_infer(message);
  if (!read.ok()) return send_one(*exchange, read.error(), {message.id(), false, false});
  read->request.arrived = service.clock.steady_now();
  if (read->timeout != Duration::max()) {
    read->request.deadline = read->request.arrived + read->timeout;
  }
  ++stream->open;
  submit_in_stream(
      service, exchange, std::move(read->request),
      [exchange, stream, wishes = std::move(read->wishes)](const Result<InferAnswer>& answer) {
        --stream->open;
        if (stream->ended) return;
        send_one(*exchange, answer, wishes);
        if (stream->last && stream->open == 0) end_stream(*exchange, *stream, nullptr);
      });
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  auto stream = std::make_shared<InferStream>();
  exchange->begin(200, {{"content-type", "application/grpc"}});
  // The exchange holds this call, so it must not hold the exchange.
  exchange->take_piece = [&service, stream, weak = std::weak_ptr(exchange)](
                             const std::string& piece, bool last) {
    const auto alive = weak.lock();
    if (alive == nullptr || stream->ended) return;
    if (const Status added = stream->frames.add(piece); !added.ok()) {
      return end_stream(*alive, *stream, &added.error());
    }
    while (const auto message = stream->frames.next()) {
      take_one(service, alive, stream, *message);
    }
    stream->last = last;
    if (last && stream->open == 0) end_stream(*alive, *stream, nullptr);
  };
}

}  // namespace

const RouteEntry& method_model_stream_infer() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/ModelStreamInfer"},
                                "A stream of requests, each answered when it is computed.",
                                handle,
                                true};
  return entry;
}

}  // namespace tenbin
