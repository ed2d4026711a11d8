// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "bench/harness/pair_runner.h"
#include "platform/dialogue.h"

namespace tenbin::bench {

// How to start a peer.
struct PeerCommand {
  std::vector<std::string> argv;
  std::vector<std::string> set_env;  // "NAME=value"
};

// A child process that works on demand, confined to some CPUs, and can be stopped whole.
class Peer final : public Arm {
 public:
  static Result<std::unique_ptr<Peer>> start(const PeerCommand& command,
                                             const std::vector<int>& cpus);
  // Who it is, with the settings it would try for this kind of work.
  Result<Json> hello(const std::string& kind, int threads, const std::string& precision);
  // The reply holds prepare_s, kernels, and first_s if work["cold"] is true.
  Result<Json> prepare(Json work);
  Result<Block> run(std::int64_t iterations) override;
  Result<std::vector<double>> answer(std::int64_t count);
  // While stopped it uses no CPU; a question to a stopped peer would wait for ever.
  Status stop() override { return dialogue_->process().send(Signal::kStop); }
  Status go_on() override { return dialogue_->process().send(Signal::kContinue); }
  // Ends it; its largest resident set [B].
  Result<std::int64_t> quit();

 private:
  explicit Peer(std::unique_ptr<Dialogue> dialogue) : dialogue_(std::move(dialogue)) {}
  Result<Json> ask(const Json& question);

  std::unique_ptr<Dialogue> dialogue_;
};

}  // namespace tenbin::bench
