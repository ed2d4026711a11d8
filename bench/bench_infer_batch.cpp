// SPDX-License-Identifier: Apache-2.0
// One forward pass of a batch, outputs compared: the gain over batch sizes.
#include "bench/harness/infer_duel.h"

int main(int argc, char** argv) {
  using namespace tenbin::bench;
  return run_inference(argc, argv, "bench_infer_batch",
                       {{"cnn_28", 128},
                        {"cnn_28", 2},
                        {"cnn_28", 4},
                        {"cnn_28", 16},
                        {"cnn_28", 64},
                        {"cnn_28", 256},
                        {"mlp_784", 128}});
}
