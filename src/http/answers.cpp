// SPDX-License-Identifier: Apache-2.0
#include "http/answers.h"

#include <atomic>

namespace tenbin {
namespace {

// Whole seconds, not the same for all who were turned away together.
std::string retry_after() {
  static std::atomic<unsigned> turn{0};
  return std::to_string(1 + turn.fetch_add(1, std::memory_order_relaxed) % 3);
}

}  // namespace

HttpResponse json_response(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/json");
  response.body = body.dump();
  return response;
}

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kUnknownModel:
    case ErrorCode::kUnknownRoute: return 404;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kThrottled: return 429;
    case ErrorCode::kCancelled: return 499;
    case ErrorCode::kNotOffered:
    case ErrorCode::kUnsupportedOp: return 501;
    case ErrorCode::kNotReady:
    case ErrorCode::kOverloaded: return 503;
    case ErrorCode::kDeadlinePassed: return 504;
    case ErrorCode::kBug:
    case ErrorCode::kCommandFailed:
    case ErrorCode::kIo: return 500;
    default: return 400;
  }
}

HttpResponse error_response(const Error& error) {
  std::string text = error.message();
  if (!error.where().empty()) text += " (" + error.where() + ")";
  if (!error.hint().empty()) text += "; " + error.hint();
  HttpResponse response = json_response(http_status(error.code()), Json::object({{"error", text}}));
  if (response.status == 429 || response.status == 503) {
    response.headers.emplace_back("retry-after", retry_after());
  }
  if (response.status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
  return response;
}

}  // namespace tenbin
