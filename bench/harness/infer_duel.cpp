// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/infer_duel.h"

#include <algorithm>

#include "bench/harness/program.h"

namespace tenbin::bench {
namespace {

// Of the outputs' rms: fp32 with one Winograd layer.
constexpr double kOutputBound = 5e-5;

}  // namespace

Result<Duel> inference_duel(const std::string& bench, InferCase c, CaseFiles& files,
                            const Options& options) {
  if (options.check) c.batch = std::min<std::int64_t>(c.batch, 8);
  TENBIN_TRY(const Net net, reference_net(c.net));
  TENBIN_TRY(Json work, files.write_net(net));
  // Inputs take turns, as in use; few enough to stay in the second-level cache at batch 1.
  const std::int64_t inputs = std::max<std::int64_t>(32 / c.batch, 2);
  TENBIN_TRY(const Json rows, files.write_rows(rows_for(net, c.batch * inputs)));
  for (const auto& [key, value] : rows.members()) work.set(key, value);
  work.set("kind", "infer").set("batch", c.batch).set("precision", "fp32");
  Duel out;
  out.bench = bench;
  out.case_name = c.net + "/" + std::to_string(c.batch);
  out.what = "one forward pass of " + c.net + ", batch " + std::to_string(c.batch);
  // One thread's throughput is told by CPU time, which other work on the machine hardly moves; a
  // latency, or the use of several threads, by the clock on the wall.
  const bool alone = c.batch > 1 && options.threads == 1;
  out.timing = alone ? Timing::kCpu : Timing::kMedian;
  out.unit = alone ? "CPU time" : "median latency";
  out.work = std::move(work);
  out.work_each = net.infer_flop * static_cast<double>(c.batch);
  out.answers = inputs;
  out.same = [](auto a, auto b) { return same_outputs(a, b, kOutputBound); };
  return out;
}

int run_inference(int argc, const char* const* argv, const std::string& bench,
                  const std::vector<InferCase>& cases) {
  return run_program(argc, argv, bench, [&](const Options& options) -> Result<int> {
    TENBIN_TRY(CaseFiles files, CaseFiles::create());
    std::vector<Duel> duels;
    for (const InferCase& c : cases) {
      TENBIN_TRY(Duel duel, inference_duel(bench, c, files, options));
      duels.push_back(std::move(duel));
    }
    return run_duels(duels, wanted_peers({"onnxruntime"}, {"torch_modern"}, options), options);
  });
}

}  // namespace tenbin::bench
