// SPDX-License-Identifier: Apache-2.0
// One forward pass of each kind of network, at batch 1 and 32, outputs compared; then the geometric
// mean of the ratios. `--threads 2` lets both sides use two.
#include <algorithm>
#include <cstdio>

#include "bench/harness/infer_duel.h"
#include "bench/harness/program.h"

int main(int argc, char** argv) {
  using namespace tenbin;
  using namespace tenbin::bench;
  const std::string bench = "bench_infer_zoo";
  return run_program(argc, argv, bench, [&](const Options& options) -> Result<int> {
    // Plain loops would not know these, so that answers, too, are checked by the peer.
    Options asked = options;
    if (options.check && options.peers.empty()) asked.peers = "debian";
    const auto peers = wanted_peers({"onnxruntime"}, {}, asked);
    const std::vector<std::int64_t> batches =
        options.check ? std::vector<std::int64_t>{4} : std::vector<std::int64_t>{1, 32};
    int code = 0;
    for (const std::int64_t batch : batches) {
      TENBIN_TRY(CaseFiles files, CaseFiles::create());
      std::vector<Duel> duels;
      for (const char* net :
           {"cnn_28", "mlp_tiny", "mlp_784", "lenet", "resnet18", "mobilenetv2", "senet18",
            "googlenet", "densenet121", "lstm", "vit_tiny", "tcn", "text_cnn"}) {
        TENBIN_TRY(Duel duel, inference_duel(bench, {net, batch}, files, options));
        duels.push_back(std::move(duel));
      }
      std::vector<Comparison> done;
      code = std::max(code, run_duels(duels, peers, options, &done));
      if (options.check || done.size() < 2) continue;
      const std::string what = "one forward pass, batch " + std::to_string(batch) + ", " +
                               std::to_string(options.threads) + "T";
      std::printf("%s\n", mean_line(what, done).c_str());
      if (options.json) std::printf("%s\n", mean_json(what, done).dump().c_str());
      std::fflush(stdout);
    }
    return code;
  });
}
