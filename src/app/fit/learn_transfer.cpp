// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn_transfer.h"

#include <algorithm>

#include "app/fit/pace.h"
#include "app/fit/train_images.h"
#include "engine/inference_plan.h"
#include "graph/onnx.h"
#include "graph/rewrites/rewrites.h"
#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

struct Transfer {
  Candidate candidate;  // what is trained
  Graph fixed;          // runs before it; no nodes: nothing does
  std::string why;
};

Result<Transfer> plan_transfer(const Prepared& p, const FitOptions& options, int threads) {
  Transfer out;
  const auto seed = static_cast<std::uint64_t>(options.seed);
  const std::int64_t outputs = p.target.classifies() ? p.target.classes() : 1;
  Graph network = p.from->graph;
  network.inputs.front().shape = p.features.feature_shape;
  network.inputs.front().shape.insert(network.inputs.front().shape.begin(), -1);
  TENBIN_CHECK(infer_shapes(network));
  TENBIN_TRY(network, with_new_head(network, outputs, seed));
  const std::int64_t all = count_layers(network);
  if (options.train_last < 0 || options.train_last > all) {
    return Error(ErrorCode::kBadValue,
                 "--train-last " + std::to_string(options.train_last) + ", expected 0.." +
                     std::to_string(all) + ": the network has so many layers with weights",
                 options.from);
  }
  const std::string name(file_name(options.from));
  out.candidate.name = name;
  out.candidate.batch = image_batch(p);
  TrainOptions t = base_training(p, options, threads);
  t.weight_decay = 2e-2;
  t.patience = 6;
  t.learning_rate = 5e-4;  // a quarter of that of fresh weights: what was learned stays
  out.why = "all " + std::to_string(all) + " layers of " + name + " with a new last one";
  if (options.train_last > 0) {
    TENBIN_TRY(Halves halves, split_at_last_layers(network, options.train_last));
    out.why = "the last " + std::to_string(halves.layers) + " of " + std::to_string(all) +
              " layers of " + name + ", the very last new";
    if (halves.layers > options.train_last) {
      out.why += "; branches beside each other allow no cut nearer to the end";
    }
    if (!halves.fixed.nodes.empty()) {
      t.learning_rate = 2e-3;
      TENBIN_CHECK(fold_batch_norm(halves.fixed));
      out.fixed = std::move(halves.fixed);
      network = std::move(halves.trained);
    }
  }
  out.candidate.training = t;
  out.candidate.graph = std::move(network);
  return out;
}

// What the fixed layers make of images, [rows, ...].
struct Features {
  std::vector<float> values;
  Shape shape;  // of one row
};

Result<Features> fixed_features(const Graph& fixed, BatchStream& images, const LearnContext& c) {
  TENBIN_TRY(const auto plan, InferencePlan::compile(fixed, images.batch_size(), c.threads));
  Features out;
  out.shape = Shape(plan->output_shape().begin() + 1, plan->output_shape().end());
  const auto width = static_cast<std::size_t>(count_of(out.shape));
  const auto rows = static_cast<std::size_t>(images.rows_per_epoch());
  const Bytes needed{static_cast<std::int64_t>(rows * width * sizeof(float))};
  if (needed > c.options.read.memory_limit) {
    return Error(ErrorCode::kTooLarge,
                 "what the fixed layers make of the images takes " + to_text(needed) +
                     ", more than --memory-limit " + to_text(c.options.read.memory_limit),
                 {}, "train fewer layers (their features are smaller), or all (--train-last 0)");
  }
  out.values.resize(rows * width);
  std::vector<float> batch_out(static_cast<std::size_t>(count_of(plan->output_shape())));
  TENBIN_CHECK(images.start_epoch(0, 0));
  for (std::size_t at = 0; at < rows;) {
    TENBIN_CHECK(c.may_go_on());
    TENBIN_TRY(const Batch batch, images.next());
    plan->run(batch.features, batch_out);
    const auto some = static_cast<std::size_t>(batch.rows);
    std::copy_n(batch_out.begin(), some * width,
                out.values.begin() + static_cast<std::ptrdiff_t>(at * width));
    at += some;
  }
  return out;
}

// Both halves of the images through the fixed layers, once.
Status train_on_features(Transfer& transfer, const ImageRows& rows, const Prepared& p,
                         const LearnContext& c, Learned& learned) {
  const Duration began = c.clock.steady_now();
  const auto through = [&](const std::vector<std::int64_t>& which, const Answers& answers) {
    const auto images = image_stream(rows.pixels, rows.image_shape, which, answers.targets(),
                                     rows.scale, {}, {64, false, 1, false});
    return fixed_features(transfer.fixed, *images, c);
  };
  TENBIN_TRY(const Features train, through(p.cleaning.train, rows.train));
  TENBIN_TRY(const Features valid, through(p.split.valid, rows.valid));
  const Duration ended = c.clock.steady_now();
  const auto images = static_cast<std::int64_t>(p.cleaning.train.size() + p.split.valid.size());
  c.recorder.emit({"features", "fixed layers", began, ended, images});
  Candidate& candidate = transfer.candidate;
  Streams streams;
  streams.train = dense_stream(train.values, train.shape, rows.train.targets(),
                               {candidate.batch, true, candidate.training.seed, false});
  streams.valid = dense_stream(valid.values, valid.shape, rows.valid.targets(),
                               {candidate.batch, false, 1, false});
  TENBIN_CHECK(train_images(candidate, 0, streams, rows.valid, transfer.why, p, c, learned));
  TENBIN_TRY(learned.network,
             join(transfer.fixed, learned.network,
                  {{learned.network.inputs.front().name, transfer.fixed.outputs.front().name}}));
  return {};
}

}  // namespace

Result<Learned> learn_transfer(const Prepared& p, const LearnContext& c) {
  TENBIN_TRY(Transfer transfer, plan_transfer(p, c.options, c.threads));
  for (const std::string& note : p.from->notes) {
    c.observer.tell(std::string(file_name(c.options.from)) + ": " + note);
  }
  c.observer.tell("network: " + transfer.why);
  c.recorder.decision("network", transfer.candidate.name, transfer.why);
  TENBIN_TRY(const ImageRows rows, image_rows(p));
  transfer.candidate.training.data = rows.digest;
  Learned learned;
  if (!transfer.fixed.nodes.empty()) {
    TENBIN_CHECK(train_on_features(transfer, rows, p, c, learned));
    return learned;
  }
  Augmentation augmentation;
  augmentation.shift = rows.image_shape[0] >= 16 ? 2 : 1;
  Streams streams = image_streams(rows, p, transfer.candidate, augmentation);
  TENBIN_CHECK(
      train_images(transfer.candidate, 0, streams, rows.valid, transfer.why, p, c, learned));
  return learned;
}

Result<std::vector<PlannedLearner>> transfer_learners(const Prepared& p, const FitOptions& options,
                                                      int threads) {
  TENBIN_TRY(const Transfer transfer, plan_transfer(p, options, threads));
  return std::vector<PlannedLearner>{{transfer.why, "cnn", most_epochs(options)}};
}

Result<Network> network_for_transfer(const FitOptions& options, FileSystem& files) {
  TENBIN_TRY(const Model model, read_onnx(files, options.from));
  auto network = network_of(model);
  if (!network.ok()) return Error(network.error()).at(options.from);
  const Shape& input = network->graph.inputs.front().shape;
  if (input.size() != 4 || (input[1] != 1 && input[1] != 3)) {
    return Error(ErrorCode::kUnsupportedOp,
                 "its network reads " + to_text(input) +
                     ", expected images [batch, 1 or 3 channels, height, width]",
                 options.from);
  }
  return network;
}

void ask_for_its_size(const Network& network, ReadOptions& read) {
  const Shape& input = network.graph.inputs.front().shape;
  const auto ask = [](int& asked, std::int64_t size) {
    if (asked == 0 && size > 0) asked = static_cast<int>(size);
  };
  ask(read.image_channels, input[1]);
  ask(read.image_height, input[2]);
  ask(read.image_width, input[3]);
}

Status check_it_fits(const Network& network, const Prepared& p) {
  const Shape& input = network.graph.inputs.front().shape;
  const Shape& row = p.features.feature_shape;
  bool fits = p.images;
  for (std::size_t d = 0; fits && d < row.size(); ++d) {
    fits = input[d + 1] < 0 || input[d + 1] == row[d];
  }
  if (fits) return {};
  return Error(ErrorCode::kInputMismatch,
               "data gives rows of " + to_text(row) + ", the network of --from reads " +
                   to_text(Shape(input.begin() + 1, input.end())),
               {},
               p.images ? "leave --image-height, --image-width and --image-channels away"
                        : "--from trains networks of images further; leave it away for tables");
}

}  // namespace tenbin
