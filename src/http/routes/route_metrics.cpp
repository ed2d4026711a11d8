// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/route.h"
#include "http/serve_metrics.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  const bool open = exchange->request().header("accept").find("application/openmetrics-text") !=
                    std::string_view::npos;
  const auto format = open ? MetricsText::Format::kOpenMetrics : MetricsText::Format::kPrometheus;
  HttpResponse response;
  response.headers.emplace_back("content-type", MetricsText::content_type(format));
  response.body = serve_metrics(service.serving, format);
  exchange->answer(std::move(response));
}

}  // namespace

const RouteEntry& route_metrics() {
  static const RouteEntry entry{
      Role::kOpen, "GET", {"/metrics"}, "Metrics, as Prometheus or OpenMetrics text.", handle};
  return entry;
}

}  // namespace tenbin
