// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/compare.h"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "bench/harness/peer.h"
#include "bench/harness/peers.h"

namespace tenbin::bench {
namespace {

constexpr int kCalibrationBlocks = 5;

Json with(Json work, const Json& more) {
  for (const auto& [key, value] : more.members()) work.set(key, value);
  return work;
}

// One side: its process, who it is, and the work with the setting that won.
struct Side {
  std::unique_ptr<Peer> peer;
  Json hello, work, setting, calibration = Json::array(), prepared;

  Result<double> cold() const {
    return prepared["prepare_s"].as_number() + prepared["first_s"].as_number();
  }
};

Result<double> time_setting(Side& side, const Json& setting, const Duel& duel,
                            const Options& options) {
  TENBIN_CHECK(side.peer->prepare(with(side.work, Json::object({{"setting", setting}}))));
  TENBIN_TRY(const std::int64_t count, warm_up(*side.peer, options.block, duel.timing, 1));
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kCalibrationBlocks; ++i) {
    TENBIN_TRY(const Block got, side.peer->run(count));
    best = std::min(best, time_of(got, duel.timing));
  }
  return best;
}

// Tries every setting when there are several, and prepares the fastest.
Status calibrate(Side& side, const Duel& duel, const Options& options) {
  const auto& settings = side.hello["settings"].items();
  if (settings.empty()) return Error(ErrorCode::kCommandFailed, "it offers no setting");
  double best = std::numeric_limits<double>::infinity();
  side.setting = settings.front();
  for (const Json& setting : settings) {
    if (settings.size() == 1 || options.check) break;
    const auto took = time_setting(side, setting, duel, options);
    Json line = Json::object({{"setting", setting}});
    if (took.ok()) {
      line.set("time_s", *took);
    } else {
      line.set("reason", took.error().message());
    }
    side.calibration.push(std::move(line));
    if (!took.ok() || *took >= best) continue;
    best = *took;
    side.setting = setting;
  }
  const Json final_words = Json::object({{"setting", side.setting}, {"cold", true}});
  TENBIN_TRY(side.prepared, side.peer->prepare(with(side.work, final_words)));
  return {};
}

Result<Side> start_side(const std::string& name, const Json& work, const Duel& duel,
                        const Options& options) {
  TENBIN_TRY(const PeerCommand command, find_peer(name, options));
  Side side;
  side.work = work;
  TENBIN_TRY(side.peer, Peer::start(command, options.cpus));
  auto hello =
      side.peer->hello(work["kind"].as_string(), options.threads, work["precision"].as_string());
  // One that cannot do this work says so when greeted; later failures are failures.
  if (!hello.ok()) {
    return Error(ErrorCode::kMissingPlugin, name + " cannot: " + hello.error().message());
  }
  side.hello = std::move(*hello);
  TENBIN_CHECK(calibrate(side, duel, options));
  return side;
}

// Ours is no peer that may be absent.
Status find_ours(const Options& options) {
  const auto found = find_peer("tenbin", options);
  return found.ok() ? Status() : Error(ErrorCode::kCommandFailed, found.error().message());
}

Result<Peak> probe(const Duel& duel, const Options& options) {
  TENBIN_TRY(const auto peak, probe_peak(duel.peak, options.cpus));
  if (peak) return *peak;
  return Error(ErrorCode::kBadValue, "this CPU cannot run the probe");
}

const char* peak_name(PeakKind kind) {
  switch (kind) {
    case PeakKind::kFloat32: return "fp32";
    case PeakKind::kBfloat16: return "bf16";
    case PeakKind::kInt8: return "int8";
    case PeakKind::kMemory: return "memory";
  }
  return "";
}

// Prints what became of a duel; false if an answer was wrong or a side failed.
bool tell(const Duel& duel, const std::string& peer, const Result<Comparison>& got,
          const Options& options) {
  const std::string head = duel.case_name + ": " + peer;
  if (!got.ok()) {
    const bool absent = got.error().code() == ErrorCode::kMissingPlugin;
    const std::string hint = got.error().hint().empty() ? "" : "; " + got.error().hint();
    std::printf("%s: %s: %s%s\n", head.c_str(), absent ? "peer absent" : "FAILED",
                got.error().message().c_str(), hint.c_str());
    return absent;
  }
  if (!options.check || !got->check->passed()) {
    std::printf("%s\n", human_line(*got).c_str());
    return got->check->passed();
  }
  std::printf("%s: %s %.2g, allowed %.2g\n", head.c_str(), got->check->name.c_str(),
              got->check->value, got->check->bound);
  return true;
}

}  // namespace

Result<Comparison> compare(const Duel& duel, const std::string& peer, const Options& options) {
  TENBIN_TRY(Side b, start_side(peer, with(duel.work, duel.peer_work), duel, options));
  TENBIN_CHECK(b.peer->stop());
  TENBIN_CHECK(find_ours(options));
  TENBIN_TRY(Side a, start_side("tenbin", duel.work, duel, options));
  Comparison out;
  out.bench = duel.bench;
  out.what = duel.what;
  out.case_name = duel.case_name;
  out.unit = duel.unit;
  out.threads = options.threads;
  out.timing = duel.timing;
  out.peak_name = peak_name(duel.peak);
  out.peer_name = b.hello["name"].as_string();
  out.peer_version = b.hello["version"].as_string();
  out.peer_source = b.hello["source"].as_string();
  out.setting_a = a.setting;
  out.setting_b = b.setting;
  out.calibration = b.calibration;
  out.kernels = a.prepared["kernels"];
  TENBIN_TRY(out.cold_a, a.cold());
  TENBIN_TRY(out.cold_b, b.cold());
  TENBIN_TRY(const auto found, a.peer->answer(duel.answers));
  TENBIN_CHECK(b.peer->go_on());
  TENBIN_TRY(const auto expected, b.peer->answer(duel.answers));
  out.check = duel.same(found, expected);
  if (!out.check->passed() || options.check) return out;
  PairOptions how;
  how.pairs = options.pairs;
  how.block = options.block;
  how.timing = duel.timing;
  how.probe = [&] { return probe(duel, options); };
  TENBIN_TRY(out.samples, run_pairs(*a.peer, *b.peer, how));
  TENBIN_CHECK(a.peer->go_on());
  TENBIN_CHECK(b.peer->go_on());
  out.summary = summarise(out.samples, duel.timing, duel.work_each);
  return out;
}

int run_duels(const std::vector<Duel>& duels, const std::vector<std::string>& peers,
              const Options& options, std::vector<Comparison>* done) {
  int code = 0;
  const Json machine = machine_json();
  for (const Duel& duel : duels) {
    if (!options.only_case.empty() && duel.case_name != options.only_case) continue;
    for (const std::string& peer : peers) {
      auto got = compare(duel, peer, options);
      if (!got.ok() && got.error().code() == ErrorCode::kInterrupted) {
        return exit_code(got.error().cause());
      }
      if (!tell(duel, peer, got, options)) code = 1;
      if (got.ok() && options.json) std::printf("%s\n", json_line(*got, machine).dump().c_str());
      std::fflush(stdout);
      if (got.ok() && done != nullptr) done->push_back(std::move(*got));
    }
  }
  return code;
}

}  // namespace tenbin::bench
