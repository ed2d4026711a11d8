// SPDX-License-Identifier: Apache-2.0
// Feeding batches: 200,000 rows of 64 floats, batch 64, shuffled anew each epoch, against PyTorch's
// DataLoader without workers and against its tensors indexed by hand. Every side must hand out each
// row once an epoch: counts, the sum of row numbers and of labels agree.
#include "bench/harness/cases.h"
#include "bench/harness/program.h"

namespace {

using namespace tenbin;
using namespace tenbin::bench;

constexpr std::int64_t kRows = 200'000, kWidth = 64, kBatch = 64;

Rows numbered_rows(std::int64_t count) {
  Rows out;
  out.features.assign(static_cast<std::size_t>(count * kWidth), 1.0F);
  for (std::int64_t row = 0; row < count; ++row) {
    out.features[static_cast<std::size_t>(row * kWidth)] = static_cast<float>(row);
    out.labels.push_back(row % 10);
  }
  return out;
}

Duel duel_of(const Json& rows, const std::string& how, const std::string& words) {
  Duel out;
  out.bench = "bench_loader";
  out.case_name = how;
  out.what = "a shuffled batch of 64 rows of 64 floats, the peer by " + words;
  out.unit = "CPU time";
  out.work = rows;
  out.work.set("kind", "load").set("batch", kBatch).set("how", how);
  out.work.set("row", Json::array_of(std::vector<std::int64_t>{kWidth})).set("precision", "fp32");
  out.peak = PeakKind::kMemory;
  out.work_each =
      static_cast<double>(kBatch * kWidth) * sizeof(float);  // the batch itself stays in cache
  out.same = [](auto a, auto b) { return same_sums(a, b, 1e-9); };
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv, "bench_loader", [](const Options& options) -> Result<int> {
    TENBIN_TRY(CaseFiles files, CaseFiles::create());
    TENBIN_TRY(const Json rows,
               files.write_rows(numbered_rows(options.check ? kRows / 10 : kRows)));
    return run_duels({duel_of(rows, "dataloader", "its DataLoader without workers"),
                      duel_of(rows, "indexed", "tensors indexed by hand")},
                     wanted_peers({"torch_debian"}, {"torch_modern"}, options), options);
  });
}
