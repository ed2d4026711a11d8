// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/infer_call.h"
#include "http/oip_infer.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/clock.h"
#include "serve/lane.h"

namespace tenbin {
namespace {

// Where the JSON of a request with binary tensors ends.
Result<std::optional<std::size_t>> json_length(const HttpRequest& request) {
  const std::string_view text = request.header("inference-header-content-length");
  if (text.empty()) return std::optional<std::size_t>();
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error(ErrorCode::kBadRequest, "found '" + std::string(text) + "', expected a length",
                 "Inference-Header-Content-Length");
  }
  return std::optional(length);
}

Result<OipRequest> read_request(HttpService& service, const HttpRequest& request,
                                const std::string& model, const std::string& version) {
  if (!request.header("content-encoding").empty()) {
    return Error(ErrorCode::kNotOffered, "compressed requests are not taken", "Content-Encoding");
  }
  TENBIN_TRY(const auto length, json_length(request));
  // Of a model that is being woken its inputs are known too.
  const auto found = service.serving.models().find(model, version);
  static const ServedVersion kUnknown;
  if (!found.ok() && found.error().code() == ErrorCode::kUnknownModel) return found.error();
  return read_oip(request.body, length, found.ok() ? **found : kUnknown);
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  const Duration arrived = service.clock.steady_now();
  HttpRequest& request = exchange->request();
  const std::string version = values.size() > 1 ? values[1] : std::string();
  const auto deadline = deadline_of(request, arrived);
  if (!deadline.ok()) return exchange->answer(error_response(deadline.error()));
  if (const auto refused = service.lane.refusal(values[0], version, arrived, *deadline)) {
    return exchange->answer(error_response(*refused));
  }
  auto read = read_request(service, request, values[0], version);
  if (!read.ok()) return exchange->answer(error_response(read.error()));
  request.body = std::string();
  InferRequest infer = std::move(read->request);
  infer.model = values[0];
  infer.version = version;
  infer.arrived = arrived;
  infer.deadline = *deadline;
  if (read->timeout != Duration::max()) {
    infer.deadline = std::min(infer.deadline, arrived + read->timeout);
  }
  submit_for(service, exchange, std::move(infer),
             [wishes = std::move(read->wishes)](
                 const Result<InferAnswer>& answer) -> Result<HttpResponse> {
               if (!answer.ok()) return answer.error();
               return write_oip(*answer, wishes);
             });
}

}  // namespace

const RouteEntry& route_infer() {
  static const RouteEntry entry{
      Role::kOpen,
      "POST",
      {"/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"},
      "Answers for the rows of the input tensors.",
      handle};
  return entry;
}

}  // namespace tenbin
