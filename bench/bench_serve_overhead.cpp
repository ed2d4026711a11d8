// SPDX-License-Identifier: Apache-2.0
// What the server adds to a model: the median time of a request on one connection, less that of a
// bare echo of as many bytes over loopback (an event loop that reads a request's length and writes
// a response's), less that of the model alone in this process. Server, echo and model run on the
// first CPU, the client on the second; the three take turns. The answer that is checked: every
// response ends with the numbers that the model gives here, but for the last bits (the server may
// pad a row to a batch that was measured to be cheaper).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <thread>

#include "app/zoo.h"
#include "base/json.h"
#include "bench/harness/program.h"
#include "engine/session.h"
#include "graph/onnx.h"
#include "platform/affinity.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/net/event_loop.h"
#include "platform/net/http_client.h"
#include "platform/process.h"

namespace {

using namespace tenbin;

// Answers every `request` bytes with the same bytes.
class Echo final : private ReadinessHandler {
 public:
  static Result<std::unique_ptr<Echo>> open(std::size_t request, std::string response) {
    auto echo = std::make_unique<Echo>();
    echo->request_ = request;
    echo->response_ = std::move(response);
    TENBIN_TRY(echo->listener_, listen_at({"127.0.0.1", 0}));
    TENBIN_TRY(echo->loop_, EventLoop::create());
    TENBIN_CHECK(echo->loop_->watch(echo->listener_.descriptor(), *echo, true, false));
    return echo;
  }
  ~Echo() override { stop(); }
  Result<NetAddress> address() const { return address_of(listener_); }
  void start(const std::vector<int>& cpus) {
    thread_ = std::thread([this, cpus] {
      [[maybe_unused]] const Status set = set_thread_cpus(cpus);
      loop_->run();
    });
  }
  void stop() {
    if (!thread_.joinable()) return;
    loop_->stop();
    thread_.join();
  }

 private:
  void ready(Readiness /*readiness*/) override {
    if (!connection_.open()) {
      auto accepted = accept_from(listener_);
      if (!accepted.ok() || !*accepted) return;
      connection_ = std::move((*accepted)->socket);
      [[maybe_unused]] const Status watching =
          loop_->watch(connection_.descriptor(), *this, true, false);
      return;
    }
    const IoResult got = connection_.read(buffer_);
    if (got.outcome != IoOutcome::kDone) return;
    seen_ += got.bytes;
    if (seen_ < request_) return;
    seen_ -= request_;
    [[maybe_unused]] const IoResult sent = connection_.write(response_);
  }

  std::size_t request_ = 0, seen_ = 0;
  std::string response_;
  Socket listener_, connection_;
  std::unique_ptr<EventLoop> loop_;
  std::array<std::byte, 65536> buffer_{};
  std::thread thread_;
};

// Whether a body ends with these numbers, to 1e-5 of the largest.
bool ends_with(std::string_view body, const std::string& ending) {
  if (body.size() < ending.size()) return false;
  std::vector<float> found(ending.size() / sizeof(float)), wanted(found.size());
  std::memcpy(found.data(), body.data() + body.size() - ending.size(), ending.size());
  std::memcpy(wanted.data(), ending.data(), ending.size());
  float largest = 0, apart = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    largest = std::max(largest, std::abs(wanted[i]));
    apart = std::max(apart, std::abs(wanted[i] - found[i]));
  }
  return apart <= 1e-5F * largest;
}

// Asks one request after another, and keeps how long each took.
class Client {
 public:
  static Result<std::unique_ptr<Client>> open(NetAddress address, std::string request) {
    auto client = std::make_unique<Client>();
    TENBIN_TRY(client->loop_, EventLoop::create());
    client->http_ = std::make_unique<HttpClient>(*client->loop_, std::move(address));
    client->request_ = std::move(request);
    return client;
  }
  // Times of `count` requests. Error kNetwork; kRegressed: a response that does not end so.
  Result<std::vector<Duration>> ask(int count, const std::string& ending) {
    times_.clear();
    left_ = count;
    ending_ = &ending;
    failed_.clear();
    next();
    loop_->run();
    if (!failed_.empty()) return Error(ErrorCode::kRegressed, failed_);
    return times_;
  }

 private:
  void next() {
    const Duration begin = real_clock().steady_now();
    http_->send(request_, [this, begin](int status, std::string_view body) {
      times_.push_back(real_clock().steady_now() - begin);
      if (status != 200 || !ends_with(body, *ending_)) {
        failed_ = "status " + std::to_string(status) + ", or other numbers than the model's";
        left_ = 1;
      }
      if (--left_ == 0) return loop_->stop();
      next();
    });
  }

  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<HttpClient> http_;
  std::string request_;
  std::vector<Duration> times_;
  int left_ = 0;
  const std::string* ending_ = nullptr;
  std::string failed_;
};

Duration median(std::vector<Duration> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

std::string bytes_of(const Tensor& tensor) {
  const auto bytes = tensor.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Duration> compute_alone(Session& session, const std::vector<Tensor>& row, int count) {
  std::vector<Duration> times;
  for (int i = 0; i < count; ++i) {
    const Duration begin = real_clock().steady_now();
    TENBIN_TRY([[maybe_unused]] const auto out, session.run(row));
    times.push_back(real_clock().steady_now() - begin);
  }
  return median(std::move(times));
}

// The program's server, and where it listens.
struct Served {
  std::unique_ptr<Process> process;
  NetAddress address;
};
Result<Served> serve(const bench::Options& options, const std::string& model) {
  Served out;
  ProcessOptions how;
  how.capture_output = true;
  TENBIN_TRY(out.process, real_processes().start({options.folder + "/../bin/tenbin", "serve", model,
                                                  "--port", "0", "--threads", "1", "--quiet"},
                                                 how));
  // Its first line says where it listens, once it is ready.
  for (int i = 0; i < 500; ++i) {
    const std::string line = out.process->output();
    if (line.find('\n') != std::string::npos) {
      TENBIN_TRY(const Json listen, Json::parse(line));
      out.address = {"127.0.0.1", static_cast<int>(listen["http"].as_integer())};
      return out;
    }
    real_clock().wait_until(real_clock().steady_now() + 20ms);
  }
  return Error(ErrorCode::kNetwork, "the server does not answer: " + out.process->errors());
}

struct Row {
  double added = 0, whole = 0, echo = 0, alone = 0;  // [us]
};

// The model and its row, how a right answer ends, and who runs where.
struct Subject {
  Session& session;
  const std::vector<Tensor>& row;
  const std::string& ending;
  const std::vector<int>&server_cpus, &client_cpus;
};

Result<std::vector<Row>> take_turns(Client& echo, Client& server, const Subject& subject,
                                    int rounds, int count) {
  std::vector<Row> rows;
  for (int round = 0; round < rounds; ++round) {
    Row r;
    TENBIN_TRY(const auto bare, echo.ask(count, subject.ending));
    TENBIN_TRY(const auto whole, server.ask(count, subject.ending));
    TENBIN_CHECK(set_thread_cpus(subject.server_cpus));
    TENBIN_TRY(const Duration alone, compute_alone(subject.session, subject.row, count));
    TENBIN_CHECK(set_thread_cpus(subject.client_cpus));
    r.echo = in_seconds(median(bare)) * 1e6;
    r.whole = in_seconds(median(whole)) * 1e6;
    r.alone = in_seconds(alone) * 1e6;
    r.added = r.whole - r.echo - r.alone;
    rows.push_back(r);
  }
  return rows;
}

Result<int> run(const bench::Options& options) {
  FileSystem& files = real_file_system();
  const std::string folder = "/tmp/tenbin_overhead_" + new_id();
  TENBIN_CHECK(files.make_folders(folder));
  ZooOptions zoo;
  zoo.model = "mlp";
  zoo.input = "784";
  zoo.output = folder + "/model.onnx";
  TENBIN_TRY([[maybe_unused]] const auto built, build_zoo_model(zoo, files));
  TENBIN_TRY(const Model model, read_onnx(files, zoo.output));
  TENBIN_TRY(const auto session, Session::create(model, {}));
  std::vector<Tensor> row;
  row.emplace_back(ElementType::kFloat32, Shape{1, 784});
  for (std::size_t i = 0; i < 784; ++i) {
    row[0].data<float>()[i] = static_cast<float>((7 * i) % 101) / 101;
  }
  TENBIN_TRY(const auto expected, session->run(row));

  const std::vector<int> all = thread_cpus();
  const std::vector<int> first = {all.front()}, last = {all.back()};
  TENBIN_CHECK(set_thread_cpus(first));
  TENBIN_TRY(const Served served, serve(options, zoo.output));
  const std::string name = file_name(folder).data();
  const std::string request = http_request(
      "POST", "/v2/models/" + name + "/infer", served.address,
      "Content-Type: application/octet-stream\r\nInference-Header-Content-Length: 0\r\n",
      bytes_of(row[0]));
  const std::string ending = bytes_of(expected[0]);
  const int count = options.check ? 200 : 3000;
  TENBIN_TRY(const HttpAnswer sample, ask_http(served.address, request, 5s));
  const std::string response =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(sample.body.size()) + "\r\n\r\n" +
      sample.body;
  TENBIN_TRY(const auto echo, Echo::open(request.size(), response));
  echo->start(first);
  TENBIN_TRY(const NetAddress echo_address, echo->address());
  TENBIN_CHECK(set_thread_cpus(last));
  TENBIN_TRY(const auto asks_echo, Client::open(echo_address, request));
  TENBIN_TRY(const auto asks_server, Client::open(served.address, request));
  TENBIN_TRY(std::vector<Row> rows,
             take_turns(*asks_echo, *asks_server, {*session, row, ending, first, last},
                        options.check ? 1 : options.pairs, count));
  echo->stop();
  TENBIN_CHECK(served.process->send(Signal::kTerminate));
  TENBIN_CHECK(files.remove(zoo.output));
  TENBIN_CHECK(files.remove(folder));
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.added < b.added; });
  const Row& middle = rows[rows.size() / 2];
  std::printf(
      "bench_serve_overhead  mlp_784, %zu bytes in, %zu out: request %.1f us = echo %.1f + model "
      "%.1f + "
      "added %.1f us (%.1f-%.1f, %zu rounds of %d); goal 10 us\n",
      request.size(), response.size(), middle.whole, middle.echo, middle.alone, middle.added,
      rows.front().added, rows.back().added, rows.size(), count);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, "bench_serve_overhead", run);
}
