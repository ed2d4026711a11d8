// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/serve/serving.h"
#include "base/json.h"
#include "http/access.h"
#include "http/exchange.h"

namespace tenbin {

// A served folder of small models of the zoo, asked without a network: "mlp" of the input "x"
// [rows, 64] and the output "logits". For tests.
class RouteCase {
 public:
  // `change` may set options before the server is made.
  explicit RouteCase(void (*change)(ServeOptions&) = nullptr);
  ~RouteCase();
  RouteCase(const RouteCase&) = delete;

  HttpResponse ask(const std::string& method, const std::string& path, std::string body = {},
                   std::vector<HttpRequest::Header> headers = {});
  // A gRPC call with its message's bytes; `pieces`: of a stream, each a message. Not `framed`: they
  // are sent as they are.
  HttpResponse call(const std::string& path, const std::vector<std::string>& pieces,
                    std::vector<HttpRequest::Header> headers = {}, bool framed = true);
  static std::string frame(const std::string& message);
  // Messages in the frames of an answer.
  static std::vector<std::string> messages(const HttpResponse& response);
  // "0" and the like, of the trailers or, without a body, of the headers.
  static std::string grpc_status_of(const HttpResponse& response);
  // The body of an answer as JSON; null: it is none.
  static Json json(const HttpResponse& response);
  static std::string header(const HttpResponse& response, const std::string& name);
  Serving& serving();
  AccessRules& access();
  const std::string& folder() const;
  // A valid request of so many rows of zeros.
  static std::string request(int rows);

 private:
  struct State;
  // Waits for the answer.
  HttpResponse run(const std::shared_ptr<Exchange>& exchange);
  std::unique_ptr<State> state_;
};

}  // namespace tenbin
