// SPDX-License-Identifier: Apache-2.0
// One training step of small dense networks, SGD with momentum: the same initial bytes and batches
// on both sides, their loss curves compared. The wide ones show where the gain ends.
#include "bench/harness/train_duel.h"

int main(int argc, char** argv) {
  using namespace tenbin::bench;
  return run_training(argc, argv, "bench_train_mlp",
                      {{"mlp_tiny", 32, "fp32"},
                       {"mlp_20", 32, "fp32"},
                       {"mlp_20", 1, "fp32"},
                       {"mlp_784", 64, "fp32"},
                       {"mlp_1024", 256, "fp32"}});
}
