// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/peer.h"

namespace tenbin::bench {
namespace {
constexpr Duration kPatience = 300s;  // a compiling peer is slow at first
}

Result<std::unique_ptr<Peer>> Peer::start(const PeerCommand& command,
                                          const std::vector<int>& cpus) {
  DialogueOptions options;
  options.set_env = command.set_env;
  options.cpus = cpus;
  TENBIN_TRY(auto dialogue, start_dialogue(command.argv, options));
  return std::unique_ptr<Peer>(new Peer(std::move(dialogue)));
}

Result<Json> Peer::ask(const Json& question) {
  TENBIN_TRY(const std::string line, dialogue_->ask(question.dump(), kPatience));
  TENBIN_TRY(Json reply, Json::parse(line));
  if (!reply.contains("error")) return reply;
  return Error(ErrorCode::kCommandFailed, reply["error"].as_string());
}

Result<Json> Peer::hello(const std::string& kind, int threads, const std::string& precision) {
  return ask(Json::object(
      {{"do", "hello"}, {"kind", kind}, {"threads", threads}, {"precision", precision}}));
}

Result<Json> Peer::prepare(Json work) {
  work.set("do", "prepare");
  return ask(work);
}

Result<Block> Peer::run(std::int64_t iterations) {
  TENBIN_TRY(const Json reply, ask(Json::object({{"do", "run"}, {"n", iterations}})));
  Block out;
  out.iterations = reply["iterations"].as_integer();
  out.wall_s = reply["wall_s"].as_number();
  out.cpu_s = reply["cpu_s"].as_number();
  out.min_s = reply["min_s"].as_number();
  out.p50_s = reply["p50_s"].as_number();
  out.p99_s = reply["p99_s"].as_number();
  if (out.iterations == iterations && out.wall_s > 0 && out.cpu_s >= 0) return out;
  return Error(ErrorCode::kCommandFailed, "a block without its times: " + reply.dump());
}

Result<std::vector<double>> Peer::answer(std::int64_t count) {
  TENBIN_TRY(const Json reply, ask(Json::object({{"do", "answer"}, {"n", count}})));
  std::vector<double> out;
  for (const Json& value : reply["values"].items()) {
    if (!value.is_number()) return Error(ErrorCode::kCommandFailed, "an answer that is no number");
    out.push_back(value.as_number());
  }
  return out;
}

Result<std::int64_t> Peer::quit() {
  TENBIN_CHECK(ask(Json::object({{"do", "quit"}})));
  TENBIN_TRY(const auto end, dialogue_->process().wait(20s));
  if (end) return end->peak_rss;
  return Error(ErrorCode::kCommandFailed, "it did not end when told to");
}

}  // namespace tenbin::bench
