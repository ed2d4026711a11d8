// SPDX-License-Identifier: Apache-2.0
// One forward pass at batch 1, closed loop, outputs compared.
#include "bench/harness/infer_duel.h"

int main(int argc, char** argv) {
  using namespace tenbin::bench;
  return run_inference(argc, argv, "bench_infer_latency",
                       {{"cnn_28", 1}, {"mlp_784", 1}, {"mlp_tiny", 1}});
}
