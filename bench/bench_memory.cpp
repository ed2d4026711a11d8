// SPDX-License-Identifier: Apache-2.0
// The largest resident set of a fresh process that trains a small net: read the model and the rows,
// make ready, take steps, end. The peer in each of its eager settings; its smallest counts.
#include <algorithm>
#include <cstdio>

#include "bench/harness/peer.h"
#include "bench/harness/program.h"
#include "bench/harness/train_duel.h"

namespace {

using namespace tenbin;
using namespace tenbin::bench;

constexpr int kChildren = 3;
constexpr std::int64_t kSteps = 50, kWideSteps = 8;  // the latter of nets that take long
constexpr double kWide = 5e9;                        // operations of a step

struct Life {
  Json hello, setting;
  std::int64_t rss_bytes = 0;
  std::vector<double> losses;
};

Result<Life> live(const std::string& name, Json work, const Json& setting, std::int64_t steps,
                  const Options& options) {
  TENBIN_TRY(const PeerCommand command, find_peer(name, options));
  TENBIN_TRY(const auto peer, Peer::start(command, options.cpus));
  Life out;
  TENBIN_TRY(out.hello, peer->hello("train", 1, "fp32"));
  out.setting = setting.is_null() ? out.hello["settings"].items().front() : setting;
  work.set("setting", out.setting);
  TENBIN_CHECK(peer->prepare(work));
  TENBIN_TRY(out.losses, peer->answer(steps));
  TENBIN_TRY(out.rss_bytes, peer->quit());
  return out;
}

// The smallest of some children in each setting.
Result<Life> smallest(const std::string& name, const Duel& duel, const Options& options) {
  const Json& work = duel.work;
  const std::int64_t steps = options.check ? 4 : duel.work_each > kWide ? kWideSteps : kSteps;
  TENBIN_TRY(Life best, live(name, work, Json(), steps, options));
  if (options.check) return best;  // its answers are what is asked for
  const Json settings = best.hello["settings"];
  for (const Json& setting : settings.items()) {
    if (setting["mode"].as_string() == "compile") continue;  // brings a compiler's memory along
    for (int child = 0; child < kChildren; ++child) {
      auto life = live(name, work, setting, steps, options);
      if (!life.ok()) break;  // a setting that this net cannot have
      if (life->rss_bytes < best.rss_bytes) best = std::move(*life);
    }
  }
  return best;
}

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

Result<int> compare_memory(const Duel& duel, const std::string& peer, const Options& options) {
  if (const auto found = find_peer(peer, options); !found.ok()) {
    std::printf("%s: %s: peer absent: %s; %s\n", duel.case_name.c_str(), peer.c_str(),
                found.error().message().c_str(), found.error().hint().c_str());
    return 0;
  }
  TENBIN_TRY(const Life a, smallest("tenbin", duel, options));
  TENBIN_TRY(const Life b, smallest(peer, duel, options));
  const AnswerCheck check = same_curve(a.losses, b.losses, 1e-4);
  const std::string who = b.hello["name"].as_string() + " " + b.hello["version"].as_string() +
                          " (" + b.hello["source"].as_string() + ")";
  if (!check.passed()) {
    std::printf("FAILED: %s: %s: %s %.2g, allowed %.2g\n", duel.case_name.c_str(), who.c_str(),
                check.name.c_str(), check.value, check.bound);
    return 1;
  }
  if (options.check) {
    std::printf("%s: %s: %s %.2g, allowed %.2g\n", duel.case_name.c_str(), peer.c_str(),
                check.name.c_str(), check.value, check.bound);
    return 0;
  }
  const double ratio = static_cast<double>(b.rss_bytes) / static_cast<double>(a.rss_bytes);
  std::printf(
      "Measured: peak resident memory of a fresh process, %s: %sx less than %s: %.1f MB against "
      "%.1f MB, smallest of %d processes a setting, %s %.1g\n",
      duel.what.c_str(), ratio_text(ratio).c_str(), who.c_str(), megabytes(a.rss_bytes),
      megabytes(b.rss_bytes), kChildren, check.name.c_str(), check.value);
  if (options.json) {
    const Json line =
        Json::object({{"bench", "bench_memory"},
                      {"case", duel.case_name},
                      {"peer", Json::object({{"name", b.hello["name"]},
                                             {"version", b.hello["version"]},
                                             {"source", b.hello["source"]},
                                             {"setting", b.setting}})},
                      {"machine", machine_json()},
                      {"rss_bytes", Json::object({{"a", a.rss_bytes}, {"b", b.rss_bytes}})},
                      {"check", check.json()}});
    std::printf("%s\n", line.dump().c_str());
  }
  std::fflush(stdout);
  return 0;
}

// Only libtorch's peer knows networks that are no chain.
std::vector<std::string> peers_of(const Duel& duel, const Options& options) {
  if (duel.work.contains("layers")) {
    return wanted_peers({"libtorch", "torch_debian"}, {"torch_modern"}, options);
  }
  Options asked = options;
  if (options.check && options.peers.empty()) asked.peers = "debian";
  return wanted_peers({"libtorch"}, {}, asked);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv, "bench_memory", [](const Options& options) -> Result<int> {
    TENBIN_TRY(CaseFiles files, CaseFiles::create());
    int code = 0;
    for (const TrainCase& c : {TrainCase{"mlp_tiny", 32, "fp32"}, TrainCase{"cnn_28", 128, "fp32"},
                               TrainCase{"res_64", 16, "fp32"}}) {
      TENBIN_TRY(const Duel duel,
                 training_duel("bench_memory", c, files, {.small = options.check, .batches = 4}));
      if (!options.only_case.empty() && duel.case_name != options.only_case) continue;
      for (const auto& peer : peers_of(duel, options)) {
        TENBIN_TRY(const int one, compare_memory(duel, peer, options));
        code = std::max(code, one);
      }
    }
    return code;
  });
}
