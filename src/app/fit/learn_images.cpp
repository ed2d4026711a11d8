// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn_images.h"

#include <algorithm>

#include "app/fit/candidate.h"
#include "app/fit/pace.h"
#include "app/fit/prove.h"
#include "app/fit/train_images.h"
#include "data/streams/streams.h"
#include "engine/inference_plan.h"
#include "graph/nets/nets.h"
#include "plan/fit_plan.h"
#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr Bytes kBatches{16 << 20};       // that wait to be trained on
constexpr std::int64_t kLeastEpochs = 8;  // of a network of images, to be worth its size

Result<std::vector<Candidate>> image_candidates(const Prepared& p, const FitOptions& options,
                                                int threads) {
  const Shape& shape = p.features.feature_shape;
  TrainOptions t = base_training(p, options, threads);
  t.learning_rate = 2e-3;
  t.weight_decay = 2e-2;
  t.patience = 6;
  const std::int64_t batch = image_batch(p);
  struct Row {
    const char* name;
    std::vector<CnnStage> stages;
    std::int64_t dense;
    float dropout;
  };
  const Row rows[] = {
      {"cnn 32x2-64x2-128, dense 256", {{32, 2}, {64, 2}, {128, 1}}, 256, 0.3F},
      {"cnn 32x2-64x2, dense 128", {{32, 2}, {64, 2}}, 128, 0.3F},
      {"cnn 32-64, dense 128", {{32, 1}, {64, 1}}, 128, 0.3F},
      {"cnn 16-32, dense 64", {{16, 1}, {32, 1}}, 64, 0.2F},
      {"cnn 8-16, dense 32", {{8, 1}, {16, 1}}, 32, 0.1F},
  };
  std::vector<Candidate> out;
  for (const Row& row : rows) {
    CnnShape net;
    net.stages = row.stages;
    net.dense = {row.dense};
    net.batch_norm = true;
    net.dense_dropout = row.dropout;
    TENBIN_TRY(Graph graph,
               make_cnn(shape[0], shape[1], shape[2], p.target.classes(), net, t.seed));
    out.push_back({row.name, std::move(graph), batch, t});
  }
  return out;
}

// Time of a training step and of one prediction, measured on the untrained network.
Result<NetworkFacts> profile_network(const Candidate& candidate, const Prepared& p,
                                     const LearnContext& c) {
  Clock& clock = c.clock;
  TENBIN_TRY(NetworkFacts facts, network_facts(candidate.name, "cnn", candidate.graph));
  NetworkProfile& out = facts.profile;
  TrainOptions training = candidate.training;
  training.memory = plan_memory(candidate, c, kBatches);
  TENBIN_TRY(const auto plan, TrainPlan::compile(candidate.graph, candidate.batch, training));
  Shape shape = p.features.feature_shape;
  const auto row = static_cast<std::size_t>(count_of(shape));
  const std::vector<float> features(row * static_cast<std::size_t>(candidate.batch), 0.5F);
  const std::vector<std::int64_t> labels(static_cast<std::size_t>(candidate.batch), 0);
  const Batch batch{candidate.batch, features, labels, {}, {}};
  plan->step(batch, 0);
  // Half way between the pace with the cores to itself (CPU time) and the best that neighbours let
  // through now: they may go or stay, and the schedule follows the pace as it turns out.
  constexpr int kSteps = 6;
  Duration fastest = Duration::max();
  const Duration cpu_began = clock.process_cpu();
  for (int i = 0; i < kSteps; ++i) {
    const Duration began = clock.steady_now();
    plan->step(batch, 0);
    fastest = std::min(fastest, clock.steady_now() - began);
  }
  const Duration alone = (clock.process_cpu() - cpu_began) / kSteps / candidate.training.threads;
  const auto steps = static_cast<std::int64_t>(p.cleaning.train.size()) / candidate.batch + 1;
  out.per_epoch = (alone + fastest) / 2 * steps;
  TENBIN_TRY(const auto single, InferencePlan::compile(candidate.graph, 1, 1));
  std::vector<float> answer(static_cast<std::size_t>(count_of(single->output_shape())));
  const auto request = [&]() -> Status {
    single->run(std::span(features).first(row), answer);
    return {};
  };
  for (int i = 0; i < 20; ++i) TENBIN_CHECK(request());
  TENBIN_TRY(const Latency latency,
             sample_latency(request, clock, {400, 100, 1s}, [] { return true; }));
  out.p50 = latency.p50;
  out.p99 = latency.p99;
  return facts;
}

// Scoring a row costs about the forward third of training on it, and its way through the file.
Duration expected_for_test(const NetworkFacts& network, const Prepared& p) {
  const auto trained = static_cast<double>(std::max<std::size_t>(p.cleaning.train.size(), 1));
  const double share = static_cast<double>(p.split.test.size()) / trained;
  return seconds(in_seconds(network.profile.per_epoch) * share / 2);
}

// The choice of an earlier run, so that --resume goes on with the same network and schedule.
std::string plan_path(const LearnContext& c) { return join_path(c.options.output, "plan.json"); }

// What was found out of each candidate goes to `networks`.
Result<NetworkChoice> choose_image_network(const std::vector<Candidate>& candidates,
                                           const Prepared& p, const LearnContext& c,
                                           std::vector<NetworkFacts>& networks) {
  if (c.options.resume && c.files.exists(plan_path(c))) {
    TENBIN_TRY(const std::string text, c.files.read_text(plan_path(c), 1 << 20));
    TENBIN_TRY(const Json plan, Json::parse(text));
    NetworkChoice choice;
    choice.index = static_cast<std::size_t>(plan["candidate"].as_integer());
    choice.epochs = plan["epochs"].as_integer(1);
    choice.why = plan["why"].as_string() + " (as planned before the stop)";
    for (const Json& one : plan["networks"].items()) networks.push_back(network_from_json(one));
    if (choice.index < candidates.size()) return choice;
    networks.clear();
  }
  std::vector<NetworkProfile> profiles;
  std::vector<std::size_t> numbers;  // of those that fit into memory
  std::optional<Error> too_large;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    TENBIN_CHECK(c.may_go_on());
    auto one = profile_network(candidates[i], p, c);
    if (!one.ok() && one.error().code() == ErrorCode::kLimitNotMet) {
      c.observer.tell("not tried: " + candidates[i].name + ", " + one.error().message());
      too_large = one.error();
      continue;
    }
    TENBIN_CHECK(one);
    profiles.push_back(one->profile);
    networks.push_back(std::move(*one));
    numbers.push_back(i);
  }
  if (profiles.empty()) return too_large ? *too_large : Error(ErrorCode::kBug, "no network");
  const TrainingBudget budget = training_time_left(pace_budget(c));
  // A tenth is kept for what a step count cannot see: validation and checkpoints.
  TrainingBudget careful = budget;
  if (careful.time) careful.time = *careful.time * 9 / 10;
  const std::int64_t most = most_epochs(c.options);
  NetworkChoice choice =
      choose_network(profiles, c.limits, careful, std::min(kLeastEpochs, most), most);
  choice.index = numbers[choice.index];
  Json measured = Json::array();
  for (const NetworkFacts& one : networks) measured.push(to_json(one));
  const Json plan = Json::object({{"candidate", static_cast<std::int64_t>(choice.index)},
                                  {"epochs", choice.epochs},
                                  {"why", choice.why},
                                  {"networks", std::move(measured)}});
  TENBIN_CHECK(c.files.write_durable(plan_path(c), plan.dump(2) + "\n"));
  return choice;
}

}  // namespace

Result<Learned> learn_images(const Prepared& p, const LearnContext& c) {
  TENBIN_TRY(auto candidates, image_candidates(p, c.options, c.threads));
  Learned learned;
  TENBIN_TRY(const NetworkChoice choice, choose_image_network(candidates, p, c, learned.networks));
  const auto facts = std::find_if(
      learned.networks.begin(), learned.networks.end(),
      [&](const NetworkFacts& one) { return one.profile.name == candidates[choice.index].name; });
  if (facts != learned.networks.end()) keep_for_scoring(c, expected_for_test(*facts, p));
  c.observer.tell("network: " + choice.why);
  c.recorder.decision("network", candidates[choice.index].name, choice.why);
  Candidate& candidate = candidates[choice.index];
  TENBIN_TRY(const ImageRows rows, image_rows(p));
  candidate.training.data = rows.digest;
  const Shape& shape = rows.image_shape;
  Augmentation augmentation;
  augmentation.shift = shape[0] >= 16 ? 2 : 1;
  Streams streams = image_streams(rows, p, candidate, augmentation);
  TENBIN_CHECK(
      train_images(candidate, choice.index, streams, rows.valid, choice.why, p, c, learned));
  return learned;
}

Result<std::vector<PlannedLearner>> image_learners(const Prepared& p, const FitOptions& options,
                                                   int threads) {
  std::vector<PlannedLearner> out;
  TENBIN_TRY(const auto networks, image_candidates(p, options, threads));
  for (const Candidate& one : networks) out.push_back({one.name, "cnn", most_epochs(options)});
  return out;
}

}  // namespace tenbin
