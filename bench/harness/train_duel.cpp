// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/train_duel.h"

#include <algorithm>

#include "bench/harness/cases.h"
#include "bench/harness/program.h"

namespace tenbin::bench {
namespace {

constexpr double kCurveBound = 1e-4, kBf16CurveBound = 2e-2, kGradientBound = 1e-4;
constexpr std::int64_t kBatches = 16;

}  // namespace

Result<Duel> training_duel(const std::string& bench, const TrainCase& c, CaseFiles& files,
                           const TrainSize& size) {
  const std::int64_t batch = size.small ? std::min<std::int64_t>(c.batch, 8) : c.batch;
  TENBIN_TRY(const Net net, reference_net(c.net));
  TENBIN_TRY(Json work, files.write_net(net));
  const std::int64_t batches = size.small         ? 4
                               : size.batches > 0 ? size.batches
                                                  : std::max<std::int64_t>(kBatches, 256 / batch);
  TENBIN_TRY(const Json rows, files.write_rows(rows_for(net, batch * batches)));
  for (const auto& [key, value] : rows.members()) work.set(key, value);
  work.set("kind", "train").set("batch", batch).set("precision", c.precision);
  // Small enough that rounding stays rounding: at larger rates two layouts of one peer drift apart.
  work.set("rate", net.row.size() > 1 || batch < 32 ? 0.002 : 0.01).set("momentum", 0.9);
  Duel out;
  out.bench = bench;
  const std::string peer_precision = c.peer_precision.empty() ? c.precision : c.peer_precision;
  const std::string both =
      c.precision + (peer_precision == c.precision ? "" : " against " + peer_precision);
  out.peer_work = Json::object({{"precision", peer_precision}});
  out.case_name = c.net + "/" + std::to_string(batch) + "/" + c.precision +
                  (peer_precision == c.precision ? "" : "-" + peer_precision);
  out.what = "one training step of " + c.net + ", batch " + std::to_string(batch) + ", " + both;
  out.unit = "CPU time";
  out.work = std::move(work);
  out.timing = Timing::kCpu;
  out.peak = c.precision == "bf16" ? PeakKind::kBfloat16 : PeakKind::kFloat32;
  out.work_each = net.train_flop * static_cast<double>(batch);
  const bool wide = net.train_flop * static_cast<double>(batch) > 1e8;
  out.answers = size.small ? 6 : c.answers > 0 ? c.answers : wide ? 100 : 1000;
  const double bound = c.precision == "bf16" ? kBf16CurveBound : kCurveBound;
  out.same = [bound](auto a, auto b) { return same_curve(a, b, bound); };
  return out;
}

Result<Duel> gradient_duel(const std::string& bench, const TrainCase& c, CaseFiles& files) {
  TENBIN_TRY(Duel out, training_duel(bench, c, files, {.small = true}));
  out.case_name = c.net + "/gradient";
  out.what = "gradients of " + c.net + " in a first step";
  out.work.set("kind", "gradient").set("momentum", 0.0);
  out.answers = 1;
  out.same = [](auto a, auto b) { return same_gradient(a, b, kGradientBound); };
  return out;
}

int run_training(int argc, const char* const* argv, const std::string& bench,
                 const std::vector<TrainCase>& cases) {
  return run_program(argc, argv, bench, [&](const Options& options) -> Result<int> {
    TENBIN_TRY(CaseFiles files, CaseFiles::create());
    std::vector<Duel> duels;
    for (const TrainCase& c : cases) {
      TENBIN_TRY(Duel duel, training_duel(bench, c, files, {.small = options.check}));
      duels.push_back(std::move(duel));
    }
    return run_duels(duels, wanted_peers({"libtorch"}, {"torch_modern"}, options), options);
  });
}

}  // namespace tenbin::bench
