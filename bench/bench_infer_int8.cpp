// SPDX-License-Identifier: Apache-2.0
// One forward pass of networks on 8-bit grids. The networks are trained a little first, so that
// labels mean something; the peer runs the same network in fp32, and the very file that we run.
#include <algorithm>

#include "bench/harness/cases.h"
#include "bench/harness/program.h"
#include "compress/calibrate.h"
#include "compress/insert_grids.h"
#include "engine/train.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin::bench {
namespace {

constexpr double kOtherLabels = 0.01;  // of the rows, at most
constexpr std::int64_t kRows = 256;

struct Int8Case {
  std::string net;
  std::int64_t batch = 1;
  std::int64_t steps = 200;  // of training, at batch 32
  bool same_file = false;    // the peer runs our file, not the network in fp32
};

// The network trained on `rows`, batch normalisation folded.
Result<Graph> trained(const Net& net, const Rows& rows, std::int64_t steps) {
  constexpr std::int64_t kBatch = 32;
  TrainOptions options;
  options.learning_rate = 1e-3;
  TENBIN_TRY(const auto plan, TrainPlan::compile(net.graph, kBatch, options));
  const auto width = rows.features.size() / static_cast<std::size_t>(kRows);
  for (std::int64_t step = 0; step < steps; ++step) {
    const auto first = static_cast<std::size_t>(step % (kRows / kBatch) * kBatch);
    Batch batch;
    batch.rows = kBatch;
    batch.features = std::span(rows.features).subspan(first * width, kBatch * width);
    batch.labels = std::span(rows.labels).subspan(first, kBatch);
    plan->step(batch, options.learning_rate);
  }
  Graph graph = plan->export_graph();
  TENBIN_CHECK(fold_batch_norm(graph));
  TENBIN_CHECK(remove_identities(graph));
  return graph;
}

Result<Graph> on_grids(const Graph& graph, const Net& net, const Rows& rows) {
  Shape shape = net.row;
  shape.insert(shape.begin(), kRows);
  const Tensor data = Tensor::of<float>(shape, std::span<const float>(rows.features));
  TENBIN_TRY(const Ranges ranges, calibrate(graph, grid_values(graph), data));
  return insert_grids(graph, ranges);
}

Result<Duel> duel_of(const Int8Case& c, CaseFiles& files, const Options& options) {
  const std::int64_t batch = options.check ? std::min<std::int64_t>(c.batch, 8) : c.batch;
  TENBIN_TRY(Net net, reference_net(c.net));
  std::int64_t width = 1;
  for (const std::int64_t size : net.row) width *= size;
  const Rows rows = learnable_rows(kRows, width, net.classes);
  TENBIN_TRY(net.graph, trained(net, rows, c.steps));
  TENBIN_TRY(Json work, files.write_net(net));
  TENBIN_TRY(const Json row_files, files.write_rows(rows));
  for (const auto& [key, value] : row_files.members()) work.set(key, value);
  TENBIN_TRY(const Graph stored, on_grids(net.graph, net, rows));
  TENBIN_TRY(const std::string stored_path, files.write_model(net.name + "_int8", stored));
  Duel out;
  const std::string peer_model = c.same_file ? stored_path : work["model"].as_string();
  out.peer_work = Json::object({{"model", peer_model}});
  work.set("kind", "infer").set("batch", batch).set("precision", "int8").set("model", stored_path);
  const std::string against = c.same_file ? "int8" : "fp32";
  out.bench = "bench_infer_int8";
  out.case_name = c.net + "/" + std::to_string(batch) + "/int8-" + against;
  out.what = "one forward pass of " + c.net + ", batch " + std::to_string(batch) +
             ", int8 against " + against;
  const bool alone = batch > 1 && options.threads == 1;
  out.timing = alone ? Timing::kCpu : Timing::kMedian;
  out.unit = alone ? "CPU time" : "median latency";
  out.work = std::move(work);
  out.work_each = net.infer_flop * static_cast<double>(batch);
  out.answers = kRows / batch;
  out.same = [classes = static_cast<std::size_t>(net.classes)](auto a, auto b) {
    return same_labels(a, b, classes, kOtherLabels);
  };
  return out;
}

}  // namespace
}  // namespace tenbin::bench

int main(int argc, char** argv) {
  using namespace tenbin::bench;
  return run_program(
      argc, argv, "bench_infer_int8", [](const Options& options) -> tenbin::Result<int> {
        std::vector<Int8Case> cases = {{"cnn_28", 1}, {"cnn_28", 128}, {"mlp_784", 1}};
        if (!options.check) {
          cases.push_back({"cnn_28", 1, 200, true});
          cases.push_back({"cnn_28", 128, 200, true});
          for (const std::string net : {"mobilenetv2", "resnet18"}) {
            const std::int64_t steps = net == "resnet18" ? 40 : 150;
            cases.push_back({net, 1, steps});
            cases.push_back({net, 1, steps, true});
          }
        }
        TENBIN_TRY(CaseFiles files, CaseFiles::create());
        std::vector<Duel> duels;
        for (const Int8Case& c : cases) {
          const std::string name = c.net + "/" + std::to_string(c.batch);
          if (!options.only_case.empty() && !options.only_case.starts_with(name)) continue;
          TENBIN_TRY(Duel duel, duel_of(c, files, options));
          duels.push_back(std::move(duel));
        }
        return run_duels(duels, wanted_peers({"onnxruntime"}, {}, options), options);
      });
}
