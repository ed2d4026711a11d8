// SPDX-License-Identifier: Apache-2.0
#include "app/serve/rows.h"
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/infer_call.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

Result<RowsForm> form_of(const HttpRequest& request) {
  const std::string_view type = request.header("content-type");
  if (type.starts_with("text/csv")) return RowsForm::kCsv;
  const bool unsaid = type.empty() || type.starts_with("application/x-www-form-urlencoded");
  if (!unsaid && !type.starts_with("application/json")) {
    return Error(ErrorCode::kBadRequest,
                 "found '" + std::string(type) + "', expected application/json or text/csv",
                 "Content-Type");
  }
  const std::size_t first = request.body.find_first_not_of(" \t\r\n");
  const bool json =
      first != std::string::npos && (request.body[first] == '[' || request.body[first] == '{');
  return json || !unsaid ? RowsForm::kJson : RowsForm::kCsv;
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  InferRequest infer;
  infer.arrived = service.clock.steady_now();
  const HttpRequest& request = exchange->request();
  const auto form = form_of(request);
  if (!form.ok()) return exchange->answer(error_response(form.error()));
  infer.model = values[0];
  if (values.size() > 1) infer.version = values[1];
  const auto found = service.serving.models().find(infer.model, infer.version);
  if (!found.ok()) return exchange->answer(error_response(found.error()));
  auto inputs = tensors_of_rows(request.body, *form, (*found)->inputs);
  if (!inputs.ok()) return exchange->answer(error_response(inputs.error()));
  infer.inputs = std::move(*inputs);
  const auto deadline = deadline_of(request, infer.arrived);
  if (!deadline.ok()) return exchange->answer(error_response(deadline.error()));
  infer.deadline = *deadline;
  submit_for(service, exchange, std::move(infer),
             [version = *found](const Result<InferAnswer>& answer) -> Result<HttpResponse> {
               if (!answer.ok()) return answer.error();
               HttpResponse response;
               response.headers.emplace_back("content-type", "application/json");
               response.body = rows_of_answer(*answer, *version);
               return response;
             });
}

}  // namespace

const RouteEntry& route_rows() {
  static const RouteEntry entry{
      Role::kOpen,
      "POST",
      {"/v2/models/{model}/rows", "/v2/models/{model}/versions/{version}/rows"},
      "Answers for rows of raw columns, JSON or CSV.",
      handle};
  return entry;
}

}  // namespace tenbin
