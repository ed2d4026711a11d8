// SPDX-License-Identifier: Apache-2.0
#include "http/front.h"

#include "app/serve/serving.h"
#include "base/shell_text.h"
#include "http/access.h"
#include "http/answers.h"
#include "http/server.h"
#include "http/service.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/net/event_loop.h"
#include "platform/net/tls.h"
#include "serve/lane.h"

namespace tenbin {
namespace {

// The work of one loop: its lane, and the routes.
class FrontWork final : public LoopWork {
 public:
  FrontWork(Serving& serving, const AccessRules& access, EventLoop& loop, int index)
      : lane_(serving.models(), static_cast<std::size_t>(index), [&loop] { loop.post([] {}); }),
        service_{serving, lane_, access, real_clock(), {}} {}
  void handle(const std::shared_ptr<Exchange>& exchange) override { route(service_, exchange); }
  HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) override {
    return judge_head(service_, exchange);
  }
  Duration after_round() override { return lane_.run_due(); }

 private:
  ServeLane lane_;
  HttpService service_;
};

// The work of the port for health and metrics: what is computed elsewhere never keeps it waiting.
class WatchWork final : public LoopWork {
 public:
  WatchWork(Serving& serving, const AccessRules& access)
      : lane_(serving.models(), 0, [] {}), service_{serving, lane_, access, real_clock(), {}} {}
  void handle(const std::shared_ptr<Exchange>& exchange) override {
    const std::string& path = exchange->request().path;
    if (path == "/metrics" || path == "/v2/health/live" || path == "/v2/health/ready") {
      return route(service_, exchange);
    }
    exchange->answer(error_response(
        Error(ErrorCode::kUnknownRoute, "this port answers for health and metrics alone", path,
              "ask /metrics, /v2/health/live, /v2/health/ready, or the server's other port")));
  }
  // No route here has a body.
  HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) override {
    handle(exchange);
    return HeadVerdict::kAnswered;
  }
  Duration after_round() override { return Duration::max(); }

 private:
  ServeLane lane_;  // takes no requests
  HttpService service_;
};

class RealFront final : public ServeFront {
 public:
  explicit RealFront(Serving& serving) : serving_(serving) {}

  Status open() {
    const ServeOptions& options = serving_.options();
    rules_.address = options.host;
    rules_.loopback = is_loopback(options.host);
    rules_.always = options.auth;
    rules_.origins = options.origins;
    rules_.hosts = options.hosts;
    if (!options.tokens.empty()) {
      TENBIN_TRY(rules_.tokens, read_tokens(real_file_system(), options.tokens));
    }
    TENBIN_CHECK(open_tls());
    if (!rules_.loopback && (!tls_ || rules_.tokens.empty())) {
      return Error(ErrorCode::kMissingCapability,
                   "host '" + options.host + "' is wider than loopback, which needs TLS and tokens",
                   "--host",
                   "pass --tls-cert, --tls-key and --tokens, or serve at 127.0.0.1 behind a proxy "
                   "that ends TLS and asks who is there");
    }
    const bool manages =
        options.allow_repository || !options.canary.empty() || !options.shadow.empty();
    if (rules_.tokens.empty() && (options.auth || manages)) {
      NewToken made = make_token("first", Role::kAdmin);
      rules_.tokens.push_back(std::move(made.kept));
      new_token_ = std::move(made.token);
    }
    HttpServerOptions http{{options.host, options.port}, {}, serving_.threads(), tls_};
    if (options.grpc_port >= 0) http.more_ports = {options.grpc_port};
    TENBIN_TRY(server_, HttpServer::listen(http, [this](EventLoop& loop, int index) {
                 return std::make_unique<FrontWork>(serving_, rules_, loop, index);
               }));
    if (options.metrics_port < 0) return {};
    TENBIN_TRY(watch_, HttpServer::listen({{options.host, options.metrics_port}, {}, 1, tls_},
                                          [this](EventLoop& /*loop*/, int /*index*/) {
                                            return std::make_unique<WatchWork>(serving_, rules_);
                                          }));
    return {};
  }

  void start() override {
    server_->start();
    if (watch_) watch_->start();
  }
  std::string url() const override {
    return (tls_ ? "https://" : "http://") + to_text(server_->address());
  }
  int port() const override { return server_->address().port; }
  std::optional<int> grpc_port() const override {
    if (serving_.options().grpc_port < 0) return std::nullopt;
    return server_->address(1).port;
  }
  std::optional<int> metrics_port() const override {
    if (!watch_) return std::nullopt;
    return watch_->address().port;
  }
  const std::optional<std::string>& new_token() const override { return new_token_; }

  std::vector<std::string> examples() const override {
    std::string with;
    if (tls_) with = " --cacert " + shell_word(serving_.options().tls_cert);
    if (rules_.always || !rules_.loopback) {
      with += " -H 'Authorization: Bearer " + new_token_.value_or("$TOKEN") + "'";
    }
    std::vector<std::string> out = {"curl -s" + with + " " + url() + "/v2/health/ready"};
    for (const auto& version : serving_.models().versions()) {
      const std::string model = "/models/" + version->model;
      out.push_back("curl -s" + with + " " + url() + "/api/v1" + model + "/example | curl -s" +
                    with + " -d @- " + url() + "/v2" + model + "/infer");
      break;
    }
    out.push_back("curl -s" + with + " " + url() + "/metrics");
    return out;
  }

  std::int64_t stop(Duration at_most) override {
    serving_.models().drain();
    const std::int64_t cut = server_->drain(at_most);
    // Who watches sees it not ready until it is gone.
    if (watch_) watch_->drain(Duration::zero());
    return cut;
  }

 private:
  Status open_tls() {
    const ServeOptions& options = serving_.options();
    if (options.tls_cert.empty() != options.tls_key.empty()) {
      return Error(ErrorCode::kMissingArgument,
                   "a certificate needs its key, and a key its certificate",
                   "--tls-cert, --tls-key", "give both");
    }
    if (options.tls_cert.empty()) return {};
    TENBIN_TRY(tls_, TlsContext::open(options.tls_cert, options.tls_key));
    return {};
  }

  Serving& serving_;
  std::shared_ptr<TlsContext> tls_;
  AccessRules rules_;
  std::optional<std::string> new_token_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpServer> watch_;  // null: no port for health and metrics alone
};

}  // namespace

Result<std::unique_ptr<ServeFront>> ServeFront::open(Serving& serving) {
  auto front = std::make_unique<RealFront>(serving);
  TENBIN_CHECK(front->open());
  return std::unique_ptr<ServeFront>(std::move(front));
}

}  // namespace tenbin
