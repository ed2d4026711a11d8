// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/options.h"
#include "base/result.h"
#include "base/units.h"
#include "engine/precision.h"
#include "graph/graph.h"
#include "tensor/batch_stream.h"

namespace tenbin {

enum class Loss { kSoftmaxCrossEntropy, kBinaryCrossEntropy, kMeanSquaredError, kHuber };
enum class OptimizerKind { kSgd, kAdam, kAdamW };
enum class ScheduleKind { kConstant, kCosine, kStep };
struct TrainOptions {
  Loss loss = Loss::kSoftmaxCrossEntropy;
  OptimizerKind optimizer = OptimizerKind::kAdamW;
  ScheduleKind schedule = ScheduleKind::kCosine;
  Precision precision = Precision::kFloat32;
  double learning_rate = 1e-3;
  double momentum = 0.9;  // SGD
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 1e-2;     // decoupled (AdamW) or L2 (SGD); not on biases and norms
  double warmup_share = 0.05;     // of all steps
  double step_factor = 0.1;       // kStep: factor
  std::int64_t step_epochs = 10;  // kStep: every so many epochs
  double clip_norm = 0;           // 0: off
  double label_smoothing = 0;
  double huber_delta = 1;
  std::vector<float> class_weights;  // empty: all 1
  std::int64_t epochs = 10;          // the schedule's length; the most that is trained
  std::int64_t patience = 5;  // epochs without a better validation score before the stop; 0: off
  std::uint64_t seed = 1;
  int threads = 1;
  // [B] that the plan may take: steps run twice rather than keep what they make. 0: any.
  Bytes memory{0};
  std::string data;  // names the rows trained on: a checkpoint of other rows is refused
};

struct EpochReport {
  std::int64_t epoch = 0;  // finished epochs
  std::int64_t step = 0;   // finished steps in all
  double train_loss = 0;   // mean of the epoch so far
  std::optional<double> valid_loss, valid_score;
  bool is_best = false;
  double rows_per_second = 0;
  double learning_rate = 0;
  double done = 0;  // share of the schedule [0..1]
};

enum class StopReason { kDone, kEarlyStop, kBudget, kInterrupted, kNonFinite };

struct TrainResult {
  StopReason reason = StopReason::kDone;
  std::string detail;  // which budget, which step
  std::vector<EpochReport> curve;
  std::int64_t steps = 0;
  std::int64_t best_epoch = 0;
  Graph best;                        // graph with the weights of the best validation score
  Bytes plan_bytes;                  // arena, weights, gradients and optimiser state
  std::int64_t steps_run_again = 0;  // of the plan, for want of memory
};

// What the trainer asks and tells. Any member may be empty.
struct TrainHooks {
  // Asked before every step; a text stops the run within that step ("time: 5 min used").
  std::function<std::optional<std::string>()> should_stop;
  std::function<bool()> interrupted;
  // Asked between steps, at most once a second: how many steps the run can make in all, `step` of
  // them done; nothing: as many as the epochs are. The schedule's end moves there, never past the
  // epochs, so a run under a budget ends with its rate brought down, on a slow machine too. Of
  // these steps the trainer keeps, in the first epoch, what its first validation will take.
  std::function<std::optional<std::int64_t>(std::int64_t step)> affordable_steps;
  // Score of the weights on validation rows, higher is better; from predictions [rows, outputs]
  // (probabilities, or values) of the whole validation stream.
  std::function<double(std::span<const float> predictions, std::int64_t rows)> score;
  // During an epoch at most ten times a second (finished == false) and after each.
  std::function<void(const EpochReport&, bool finished)> progress;
  // Called with a complete, self-checking checkpoint after each epoch and at a stop.
  std::function<Status(std::span<const std::byte>)> save;
  // Borrowed; may be null. "epoch" after each (after progress); "stop" with its reason when a
  // budget, the user or a bad number ends training: from the begin of the last step to the stop.
  EventSink* events = nullptr;
};

// A float graph [batch, ...] -> logits or values, compiled with its loss into one static plan.
// `graph` has one input and one output; its initialisers that are trainable weights start as given.
// Error kLimitNotMet: TrainOptions::memory is less than it takes.
class TrainPlan {
 public:
  static Result<std::unique_ptr<TrainPlan>> compile(const Graph& graph, std::int64_t batch,
                                                    const TrainOptions& options);
  virtual ~TrainPlan() = default;
  // Forward, backward, update on one batch (short ones are handled); the mean loss of its rows.
  // No allocation of ours (oneDNN makes some in each of its calls), no lock. `rate` is the learning
  // rate of this step.
  virtual double step(const Batch& batch, double rate) = 0;
  // Forward only, with running statistics; writes [rows, outputs] after the loss's activation.
  virtual Status predict(const Batch& batch, std::span<float> out) = 0;
  virtual std::int64_t outputs() const = 0;
  virtual Graph export_graph() const = 0;  // with the present weights and running statistics
  // Weights, statistics, optimiser state, random state: everything a step depends on.
  virtual std::string save_state() const = 0;
  virtual Status load_state(std::string_view state) = 0;
  virtual bool finite() const = 0;  // all weights
  virtual Bytes planned_bytes() const = 0;
  // Steps of the plan that run twice, so that what they make need not be kept.
  virtual std::int64_t steps_run_again() const = 0;
  virtual std::vector<std::string> kernels() const = 0;
};

// Trains `graph` on `train`, scoring on `valid` after each epoch. `resume`: a checkpoint of the
// same run, or empty. A non-finite loss stops with kNonFinite and the last good weights.
Result<TrainResult> train(const Graph& graph, BatchStream& train, BatchStream& valid,
                          const TrainOptions& options, const TrainHooks& hooks,
                          std::string_view resume = {});

}  // namespace tenbin
