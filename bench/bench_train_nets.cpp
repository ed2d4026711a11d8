// SPDX-License-Identifier: Apache-2.0
// Training steps of five kinds of network: the gradient of each learned weight in a first step
// beside libtorch's, loss curves of 200 steps side by side, then the time of a step.
#include <algorithm>

#include "bench/harness/program.h"
#include "bench/harness/train_duel.h"

int main(int argc, char** argv) {
  using namespace tenbin;
  using namespace tenbin::bench;
  constexpr std::int64_t kSteps = 200;
  const std::vector<TrainCase> cases = {{"cnn_28", 32, "fp32", {}, kSteps},
                                        {"res_64", 16, "fp32", {}, kSteps},
                                        {"mobilenetv2", 16, "fp32", {}, kSteps},
                                        {"lstm", 32, "fp32", {}, kSteps},
                                        {"vit_2", 16, "fp32", {}, kSteps}};
  const std::string bench = "bench_train_nets";
  return run_program(argc, argv, bench, [&](const Options& options) -> Result<int> {
    TENBIN_TRY(CaseFiles files, CaseFiles::create());
    const auto peers = wanted_peers({"libtorch"}, {}, options);
    // Checked without a peer, plain loops are the judge: they know chains and losses.
    const bool judged = options.check && options.peers.empty();
    std::vector<Duel> gradients, steps;
    for (const TrainCase& c : cases) {
      if (judged && c.net != "cnn_28") continue;
      TENBIN_TRY(Duel first, gradient_duel(bench, c, files));
      if (!judged) gradients.push_back(std::move(first));
      TENBIN_TRY(Duel duel, training_duel(bench, c, files, {.small = options.check}));
      steps.push_back(std::move(duel));
    }
    Options checked = options;
    checked.check = true;
    const int wrong = run_duels(gradients, peers, checked);
    return std::max(wrong, run_duels(steps, peers, options));
  });
}
