// SPDX-License-Identifier: Apache-2.0
// Training steps of 64-w-w-10 over width and batch: where the gain of a compiled step is large,
// where arithmetic rules, and where it ends.
#include "bench/harness/train_duel.h"

int main(int argc, char** argv) {
  using namespace tenbin::bench;
  std::vector<TrainCase> cases;
  for (const char* net : {"mlp_w32", "mlp_w128", "mlp_w512"}) {
    for (const std::int64_t batch : {1, 32, 256}) cases.push_back({net, batch, "fp32"});
  }
  return run_training(argc, argv, "bench_train_mlp_curve", cases);
}
