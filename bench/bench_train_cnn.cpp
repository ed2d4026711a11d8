// SPDX-License-Identifier: Apache-2.0
// One training step of cnn_28, batch 128, SGD with momentum: the same initial bytes and batches on
// both sides, their loss curves compared.
#include "bench/harness/train_duel.h"

int main(int argc, char** argv) {
  using namespace tenbin::bench;
  return run_training(
      argc, argv, "bench_train_cnn",
      {{"cnn_28", 128, "fp32"}, {"cnn_28", 128, "bf16", "fp32"}, {"cnn_28", 128, "bf16"}});
}
