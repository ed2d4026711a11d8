// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_status.h"

namespace tenbin {

namespace {

constexpr std::size_t kMostText = 2000;  // [B] before escapes: clients bound headers to 8 KiB

}  // namespace

bool is_grpc(const HttpRequest& request) {
  constexpr std::string_view kType = "application/grpc";
  if (request.version != HttpVersion::kHttp2) return false;
  std::string_view type = request.header("content-type");
  if (!type.starts_with(kType)) return false;
  type.remove_prefix(kType.size());
  if (type.starts_with("+proto")) type.remove_prefix(6);
  return type.empty() || type.front() == ';';  // not grpc-web, not +json
}

int grpc_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCancelled: return 1;
    case ErrorCode::kDeadlinePassed: return 4;
    case ErrorCode::kUnknownModel: return 5;
    case ErrorCode::kForbidden: return 7;
    case ErrorCode::kTooLarge:
    case ErrorCode::kThrottled:
    case ErrorCode::kOverloaded: return 8;
    case ErrorCode::kNotOffered:
    case ErrorCode::kUnsupportedOp:
    case ErrorCode::kUnknownRoute: return 12;
    case ErrorCode::kBug:
    case ErrorCode::kCommandFailed:
    case ErrorCode::kIo: return 13;
    case ErrorCode::kNotReady: return 14;
    case ErrorCode::kUnauthenticated: return 16;
    default: return 3;
  }
}

std::string grpc_message(const Error& error) {
  std::string text = error.message();
  if (!error.where().empty()) text += " (" + error.where() + ")";
  if (!error.hint().empty()) text += "; " + error.hint();
  if (text.size() > kMostText) text = text.substr(0, kMostText) + "...";
  static const char* const kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x20 && u <= 0x7e && c != '%') {
      out += c;
    } else {
      out += '%';
      out += kDigits[u >> 4];
      out += kDigits[u & 15];
    }
  }
  return out;
}

std::vector<HttpRequest::Header> grpc_trailers(const Error* error) {
  if (error == nullptr) return {{"grpc-status", "0"}};
  std::vector<HttpRequest::Header> out = {
      {"grpc-status", std::to_string(grpc_status(error->code()))},
      {"grpc-message", grpc_message(*error)}};
  const bool later = error->code() == ErrorCode::kOverloaded ||
                     error->code() == ErrorCode::kThrottled ||
                     error->code() == ErrorCode::kNotReady;
  if (later) out.emplace_back("grpc-retry-pushback-ms", "1000");
  return out;
}

HttpResponse grpc_failure(const Error& error) {
  HttpResponse response;
  response.headers = {{"content-type", "application/grpc"}, {"grpc-accept-encoding", "identity"}};
  for (auto& trailer : grpc_trailers(&error)) response.headers.push_back(std::move(trailer));
  return response;
}

}  // namespace tenbin
