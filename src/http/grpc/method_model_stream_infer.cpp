// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_frames.h"
#include "http/grpc/grpc_infer.h"
#include "http/grpc/inference.pb.h"
#include "http/infer_call.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostOpen = 64;  // requests of a stream that are computed at a time

// A stream of requests, each answered as soon as it is computed. Its own exchange keeps it.
struct InferStream {
  GrpcFrames frames;
  std::int64_t open = 0;  // requests not answered yet
  Duration deadline = Duration::max();
  std::shared_ptr<CancelFlag> cancelled = std::make_shared<CancelFlag>(false);
  bool last = false, ended = false, taking = false;
};

void take_all(HttpService& service, const std::shared_ptr<Exchange>& exchange,
              const std::shared_ptr<InferStream>& stream);

void end_stream(Exchange& exchange, InferStream& stream, const Error* error) {
  if (std::exchange(stream.ended, true)) return;
  if (error != nullptr) stream.cancelled->store(true);
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
  read->request.deadline = stream->deadline;
  if (read->timeout != Duration::max()) {
    read->request.deadline = std::min(stream->deadline, read->request.arrived + read->timeout);
  }
  read->request.cancelled = stream->cancelled;
  ++stream->open;
  submit_in_stream(service, exchange, std::move(read->request),
                   [&service, exchange, stream,
                    wishes = std::move(read->wishes)](const Result<InferAnswer>& answer) {
                     --stream->open;
                     if (stream->ended || exchange->gone()) return;
                     send_one(*exchange, answer, wishes);
                     take_all(service, exchange, stream);
                   });
}

// Takes what has come, as much as may be computed at a time; the rest waits, and the client with
// it.
void take_all(HttpService& service, const std::shared_ptr<Exchange>& exchange,
              const std::shared_ptr<InferStream>& stream) {
  if (stream->taking) return;  // an answer came at once: the caller goes on
  stream->taking = true;
  while (!stream->ended && stream->open < kMostOpen) {
    auto message = stream->frames.next();
    if (!message.ok()) end_stream(*exchange, *stream, &message.error());
    if (!message.ok() || !*message) break;
    take_one(service, exchange, stream, **message);
  }
  stream->taking = false;
  if (stream->ended) return;
  exchange->hold_input(stream->open >= kMostOpen);
  exchange->kept = static_cast<std::int64_t>(stream->frames.size());
  if (!stream->last || stream->open > 0) return;
  const Error cut(ErrorCode::kBadRequest, "the stream ends within a message");
  end_stream(*exchange, *stream, stream->frames.size() > 0 ? &cut : nullptr);
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  auto stream = std::make_shared<InferStream>();
  const auto deadline = grpc_deadline(exchange->request(), service.clock.steady_now());
  if (!deadline.ok()) return exchange->answer(grpc_failure(deadline.error()));
  stream->deadline = *deadline;
  exchange->begin(200,
                  {{"content-type", "application/grpc"}, {"grpc-accept-encoding", "identity"}});
  exchange->when_gone([flag = stream->cancelled] { flag->store(true); });
  // The exchange holds this call, so it must not hold the exchange.
  exchange->take_piece = [&service, stream, weak = std::weak_ptr(exchange)](
                             const std::string& piece, bool last) {
    const auto alive = weak.lock();
    if (alive == nullptr || stream->ended) return;
    stream->frames.add(piece);
    stream->last = last;
    take_all(service, alive, stream);
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
