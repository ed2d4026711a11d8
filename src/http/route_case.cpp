// SPDX-License-Identifier: Apache-2.0
#include "http/route_case.h"

#include <cassert>

#include "app/zoo.h"
#include "http/service.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/net/event_loop.h"
#include "serve/lane.h"

namespace tenbin {
namespace {

constexpr Duration kPatience = 30s;  // before an answer is called missing

// An exchange whose client is the test.
class CaseExchange final : public Exchange {
 public:
  explicit CaseExchange(EventLoop& loop) : loop_(loop) {}
  EventLoop& loop() override { return loop_; }
  void answer(HttpResponse response) override {
    response.headers.insert(response.headers.end(), more_headers.begin(), more_headers.end());
    answer_ = std::move(response);
    loop_.stop();
  }
  void begin(int status, std::vector<HttpRequest::Header> headers) override {
    pieces_.status = status;
    pieces_.headers = std::move(headers);
  }
  void send(std::string piece) override { pieces_.body += piece; }
  void finish(std::vector<HttpRequest::Header> trailers) override {
    pieces_.trailers = std::move(trailers);
    answer(std::move(pieces_));
  }
  const std::optional<HttpResponse>& answered() const { return answer_; }

 private:
  EventLoop& loop_;
  HttpResponse pieces_;
  std::optional<HttpResponse> answer_;
};

ServeOptions case_options(const std::string& folder) {
  ServeOptions options;
  options.models = {folder};
  options.threads = 1;
  return options;
}

std::string make_models() {
  const std::string folder = "/tmp/tenbin_route_" + new_id();
  FileSystem& files = real_file_system();
  [[maybe_unused]] const Status made = files.make_folders(folder + "/mlp");
  ZooOptions zoo;
  zoo.model = "mlp";
  zoo.input = "64";
  zoo.output = folder + "/mlp/model.onnx";
  [[maybe_unused]] const auto built = build_zoo_model(zoo, files);
  assert(built.ok());
  return folder;
}

}  // namespace

struct RouteCase::State {
  std::string folder = make_models();
  std::unique_ptr<Serving> serving;
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<ServeLane> lane;
  AccessRules access;
  std::unique_ptr<HttpService> service;
};

RouteCase::RouteCase(void (*change)(ServeOptions&)) : state_(std::make_unique<State>()) {
  State& s = *state_;
  ServeOptions options = case_options(s.folder);
  if (change != nullptr) change(options);
  FileSystem& files = real_file_system();
  s.serving =
      std::move(Serving::open(options, files, real_clock(), read_machine_facts(files))).value();
  [[maybe_unused]] const Status loaded = s.serving->load_all();
  assert(loaded.ok());
  s.loop = std::move(EventLoop::create()).value();
  s.lane = std::make_unique<ServeLane>(s.serving->models(), 0,
                                       [loop = s.loop.get()] { loop->post([] {}); });
  s.access.address = "127.0.0.1";
  s.service.reset(new HttpService{*s.serving, *s.lane, s.access, real_clock(), {}});
  s.loop->after_each_round([lane = s.lane.get()] { return lane->run_due(); });
}

RouteCase::~RouteCase() {
  FileSystem& files = real_file_system();
  for (const char* name : {"/mlp/model.onnx", "/mlp", ""}) {
    [[maybe_unused]] const Status removed = files.remove(state_->folder + name);
  }
  state_->service.reset();
  state_->lane.reset();
  state_->serving.reset();
}

HttpResponse RouteCase::ask(const std::string& method, const std::string& path, std::string body,
                            std::vector<HttpRequest::Header> headers) {
  const auto exchange = std::make_shared<CaseExchange>(*state_->loop);
  HttpRequest& request = exchange->request();
  request.method = method;
  const std::size_t question = path.find('?');
  request.path = path.substr(0, question);
  if (question != std::string::npos) request.query = path.substr(question + 1);
  request.body = std::move(body);
  request.headers = std::move(headers);
  request.peer = "127.0.0.1";
  if (request.header("host").empty()) request.headers.emplace_back("host", "localhost:8080");
  route(*state_->service, exchange);
  return run(exchange);
}

HttpResponse RouteCase::run(const std::shared_ptr<Exchange>& waited) {
  const auto& exchange = static_cast<const CaseExchange&>(*waited);
  bool too_late = false;
  const auto late = state_->loop->start_timer(real_clock().steady_now() + kPatience, [&] {
    too_late = true;
    state_->loop->stop();
  });
  // An answer that came at once left the loop's stop behind.
  while (!exchange.answered() && !too_late) state_->loop->run();
  state_->loop->cancel_timer(late);
  if (exchange.answered()) return *exchange.answered();
  HttpResponse missing;
  missing.status = 0;
  return missing;
}

std::string RouteCase::frame(const std::string& message) {
  std::string out(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(message.size() >> static_cast<unsigned>(shift) & 255);
  }
  return out + message;
}

HttpResponse RouteCase::call(const std::string& path, const std::vector<std::string>& pieces,
                             std::vector<HttpRequest::Header> headers, bool framed) {
  const auto exchange = std::make_shared<CaseExchange>(*state_->loop);
  HttpRequest& request = exchange->request();
  request.version = HttpVersion::kHttp2;
  request.method = "POST";
  request.path = path;
  request.headers = std::move(headers);
  request.headers.emplace_back("content-type", "application/grpc");
  request.headers.emplace_back("host", "localhost:8080");
  request.peer = "127.0.0.1";
  const HeadVerdict verdict = judge_head(*state_->service, exchange);
  if (verdict == HeadVerdict::kAnswered) return run(exchange);
  const bool stream = verdict == HeadVerdict::kTakePieces;
  if (!stream) {
    for (const std::string& piece : pieces) request.body += framed ? frame(piece) : piece;
  }
  route(*state_->service, exchange);
  if (stream && exchange->take_piece) {
    for (const std::string& piece : pieces) {
      exchange->take_piece(framed ? frame(piece) : piece, false);
    }
    exchange->take_piece({}, true);
  }
  return run(exchange);
}

std::vector<std::string> RouteCase::messages(const HttpResponse& response) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at + 5 <= response.body.size();) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < 5; ++i) {
      length = length << 8 | static_cast<unsigned char>(response.body[at + i]);
    }
    out.push_back(response.body.substr(at + 5, length));
    at += 5 + length;
  }
  return out;
}

std::string RouteCase::grpc_status_of(const HttpResponse& response) {
  for (const auto* fields : {&response.trailers, &response.headers}) {
    for (const auto& [name, value] : *fields) {
      if (name == "grpc-status") return value;
    }
  }
  return "none";
}

Json RouteCase::json(const HttpResponse& response) {
  auto parsed = Json::parse(response.body);
  return parsed.ok() ? std::move(*parsed) : Json();
}

std::string RouteCase::header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

Serving& RouteCase::serving() { return *state_->serving; }
AccessRules& RouteCase::access() { return state_->access; }
const std::string& RouteCase::folder() const { return state_->folder; }

std::string RouteCase::request(int rows) {
  Json data = Json::array();
  for (int i = 0; i < rows * 64; ++i) data.push(0);
  return Json::object({{"inputs", Json::array_of(std::vector<Json>{Json::object(
                                      {{"name", "x"},
                                       {"shape", Json::array_of(std::vector<int>{rows, 64})},
                                       {"datatype", "FP32"},
                                       {"data", std::move(data)}})})}})
      .dump();
}

}  // namespace tenbin
