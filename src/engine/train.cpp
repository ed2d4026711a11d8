// SPDX-License-Identifier: Apache-2.0
#include "engine/train.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "engine/checkpoint.h"
#include "engine/dnn/loss.h"
#include "engine/schedule.h"
#include "platform/clock.h"
#include "platform/digest.h"

namespace tenbin {
namespace {

// What must be the same for a checkpoint to fit: the network and all that shapes its training.
std::string settings_digest(const Graph& graph, const BatchStream& stream, const TrainOptions& o) {
  Digest digest;
  for (const OpCall& node : graph.nodes) {
    digest.add(node.op);
    for (const auto& name : node.inputs) digest.add(name);
  }
  for (const auto& [name, tensor] : graph.initializers) {
    digest.add(name);
    digest.add(to_text(tensor.shape()));
  }
  Json json = Json::array();
  for (const double value : {static_cast<double>(o.loss),
                             static_cast<double>(o.optimizer),
                             static_cast<double>(o.schedule),
                             static_cast<double>(o.precision),
                             o.learning_rate,
                             o.momentum,
                             o.beta1,
                             o.beta2,
                             o.epsilon,
                             o.weight_decay,
                             o.warmup_share,
                             o.step_factor,
                             static_cast<double>(o.step_epochs),
                             o.clip_norm,
                             o.label_smoothing,
                             o.huber_delta,
                             static_cast<double>(o.epochs),
                             static_cast<double>(o.seed),
                             static_cast<double>(o.threads),
                             static_cast<double>(stream.batch_size()),
                             static_cast<double>(stream.rows_per_epoch())}) {
    json.push(value);
  }
  digest.add(json.dump());
  digest.add(o.data);
  return digest.hex();
}

}  // namespace

namespace {

constexpr double kForwardShare = 0.45;  // of a step: forwards is a third, and some for caution

class Trainer {
 public:
  Trainer(BatchStream& stream, BatchStream& valid, const TrainOptions& options,
          const TrainHooks& hooks)
      : stream_(stream), valid_(valid), options_(options), hooks_(hooks) {}

  Result<TrainResult> run(const Graph& graph, std::string_view resume);

 private:
  enum class Flow { kGoOn, kStop };
  Result<Flow> run_epoch();
  Result<Flow> finish_epoch(Duration began);
  Status evaluate(EpochReport& report);
  Flow stop(StopReason reason, std::string detail);
  bool out_of_patience() const;
  void emit(const char* what, std::string name, Duration began, std::int64_t rows);
  Status save();
  void tell(const EpochReport& report, bool finished);
  EpochReport report_now(Duration began) const;
  void replan();
  std::int64_t steps_of_validation() const;

  BatchStream& stream_;
  BatchStream& valid_;
  const TrainOptions& options_;
  const TrainHooks& hooks_;
  std::unique_ptr<TrainPlan> plan_;
  Checkpoint now_;
  TrainResult result_;
  std::int64_t steps_per_epoch_ = 1;
  Duration last_told_{}, last_planned_{}, step_began_{};
  double rate_ = 0;
};

EpochReport Trainer::report_now(Duration began) const {
  EpochReport report;
  report.epoch = now_.epoch;
  report.step = now_.step;
  report.train_loss =
      now_.epoch_batches > 0 ? now_.epoch_loss / static_cast<double>(now_.epoch_batches) : 0;
  const double spent = in_seconds(real_clock().steady_now() - began);
  const auto rows = static_cast<double>(now_.epoch_batches * stream_.batch_size());
  report.rows_per_second = spent > 0 ? rows / spent : 0;
  report.learning_rate = rate_;
  report.done = now_.schedule.share_at(now_.step);
  return report;
}

// What the first validation will take, as steps: the pace has not seen one yet. Of a large network
// it is no small part of a small budget.
std::int64_t Trainer::steps_of_validation() const {
  if (now_.epoch > 0) return 0;
  const auto batches = static_cast<double>(valid_.rows_per_epoch()) /
                       static_cast<double>(std::max<std::int64_t>(1, stream_.batch_size()));
  return static_cast<std::int64_t>(std::ceil(batches * kForwardShare));
}

// The end of the schedule follows what the caller can afford, when the two are far apart.
void Trainer::replan() {
  if (!hooks_.affordable_steps) return;
  const Duration now = real_clock().steady_now();
  if (now - last_planned_ < 1s) return;
  last_planned_ = now;
  const std::int64_t all = options_.epochs * steps_per_epoch_;
  const auto affordable = hooks_.affordable_steps(now_.step);
  const std::int64_t steps =
      affordable ? std::clamp(*affordable - steps_of_validation(), now_.step + 1, all) : all;
  const std::int64_t left = std::max<std::int64_t>(now_.schedule.planned - now_.step, 1);
  if (std::abs(steps - now_.schedule.planned) * 20 > left) now_.schedule.replan(now_.step, steps);
}

void Trainer::tell(const EpochReport& report, bool finished) {
  if (!hooks_.progress) return;
  const Duration now = real_clock().steady_now();
  if (!finished && now - last_told_ < 100ms) return;
  last_told_ = now;
  hooks_.progress(report, finished);
}

Trainer::Flow Trainer::stop(StopReason reason, std::string detail) {
  result_.reason = reason;
  result_.detail = std::move(detail);
  return Flow::kStop;
}

bool Trainer::out_of_patience() const {
  return options_.patience > 0 && now_.has_best &&
         now_.epoch - now_.best_epoch >= options_.patience;
}

void Trainer::emit(const char* what, std::string name, Duration began, std::int64_t rows) {
  if (hooks_.events == nullptr) return;
  hooks_.events->emit({what, std::move(name), began, real_clock().steady_now(), rows});
}

Status Trainer::save() {
  if (!hooks_.save) return {};
  now_.state = plan_->save_state();
  now_.curve = result_.curve;
  const std::string bytes = write_checkpoint(now_);
  return hooks_.save(std::as_bytes(std::span(bytes)));
}

Status Trainer::evaluate(EpochReport& report) {
  TENBIN_CHECK(valid_.start_epoch(0, 0));
  const std::int64_t outputs = plan_->outputs();
  std::vector<float> predictions(static_cast<std::size_t>(valid_.rows_per_epoch() * outputs));
  dnn::LossState loss;
  loss.loss = options_.loss;
  loss.outputs = outputs;
  loss.labels.resize(static_cast<std::size_t>(valid_.batch_size()));
  loss.targets.resize(static_cast<std::size_t>(valid_.batch_size() * outputs));
  std::int64_t rows = 0;
  double sum = 0;
  while (true) {
    TENBIN_TRY(const Batch batch, valid_.next());
    if (batch.rows == 0) break;
    const auto at = static_cast<std::size_t>(rows * outputs);
    TENBIN_CHECK(plan_->predict(batch, std::span(predictions).subspan(at)));
    TENBIN_CHECK(dnn::take_targets(loss, batch));
    sum +=
        dnn::loss_of(loss, predictions.data() + at, batch.rows) * static_cast<double>(batch.rows);
    rows += batch.rows;
  }
  if (rows == 0) return {};
  report.valid_loss = sum / static_cast<double>(rows);
  const auto all =
      std::span<const float>(predictions).first(static_cast<std::size_t>(rows * outputs));
  report.valid_score = hooks_.score ? hooks_.score(all, rows) : -*report.valid_loss;
  return {};
}

Result<Trainer::Flow> Trainer::finish_epoch(Duration began) {
  EpochReport report = report_now(began);
  report.epoch = now_.epoch + 1;
  TENBIN_CHECK(evaluate(report));
  const double score = report.valid_score.value_or(-report.train_loss);
  const double loss = report.valid_loss.value_or(report.train_loss);
  // Few validation rows give equal scores often: then the loss on them decides.
  const bool finer = score == now_.best_score && loss < now_.best_loss;
  if (!now_.has_best || score > now_.best_score || finer) {
    now_.has_best = report.is_best = true;
    now_.best_score = score;
    now_.best_loss = loss;
    now_.best_epoch = report.epoch;
    now_.best_state = plan_->save_state();
  }
  result_.curve.push_back(report);
  const std::int64_t rows = now_.epoch_batches * stream_.batch_size();
  ++now_.epoch;
  now_.batch = 0;
  now_.epoch_loss = 0;
  now_.epoch_batches = 0;
  TENBIN_CHECK(save());
  tell(report, true);
  emit("epoch", "epoch " + std::to_string(now_.epoch), began, rows);
  return Flow::kGoOn;
}

Result<Trainer::Flow> Trainer::run_epoch() {
  TENBIN_CHECK(stream_.start_epoch(now_.epoch, now_.batch));
  const Duration began = real_clock().steady_now();
  const bool small = stream_.rows_per_epoch() < stream_.batch_size();
  while (true) {
    if (hooks_.interrupted && hooks_.interrupted()) {
      return stop(StopReason::kInterrupted, "stopped on request");
    }
    if (hooks_.should_stop) {
      if (auto why = hooks_.should_stop()) return stop(StopReason::kBudget, *why);
    }
    TENBIN_TRY(const Batch batch, stream_.next());
    if (batch.rows == 0) break;
    // A short last batch would weigh its rows more and bend batch statistics: it waits for the
    // next shuffle, unless there is nothing else.
    if (batch.rows < stream_.batch_size() && !small) continue;
    replan();
    rate_ = rate_at(options_, now_.schedule, now_.step, steps_per_epoch_);
    step_began_ = real_clock().steady_now();
    const double loss = plan_->step(batch, rate_);
    if (!std::isfinite(loss) || (now_.step % 64 == 0 && !plan_->finite())) {
      return stop(StopReason::kNonFinite, "loss became " + to_text(loss) + " at step " +
                                              std::to_string(now_.step + 1) + ", learning rate " +
                                              to_text(rate_));
    }
    ++now_.step;
    ++now_.batch;
    now_.epoch_loss += loss;
    ++now_.epoch_batches;
    tell(report_now(began), false);
    if (now_.step >= now_.schedule.planned) break;  // the schedule ends inside an epoch
  }
  return finish_epoch(began);
}

Result<TrainResult> Trainer::run(const Graph& graph, std::string_view resume) {
  TENBIN_TRY(plan_, TrainPlan::compile(graph, stream_.batch_size(), options_));
  const std::int64_t rows = stream_.rows_per_epoch();
  steps_per_epoch_ = std::max<std::int64_t>(1, rows / stream_.batch_size());
  const std::string settings = settings_digest(graph, stream_, options_);
  if (!resume.empty()) {
    TENBIN_TRY(now_, read_checkpoint(resume));
    if (now_.settings != settings) {
      return Error(ErrorCode::kBadCheckpoint,
                   "checkpoint is of another network, data set or setting", {},
                   "resume with the options of the run that wrote it, or start without --resume");
    }
    TENBIN_CHECK(plan_->load_state(now_.state));
    result_.curve = now_.curve;
  }
  now_.settings = settings;
  if (resume.empty()) now_.schedule.planned = options_.epochs * steps_per_epoch_;
  Flow flow = Flow::kGoOn;
  while (flow == Flow::kGoOn && now_.epoch < options_.epochs && now_.step < now_.schedule.planned) {
    if (out_of_patience()) {  // asked here, so that a resumed run stops where the first one did
      flow = stop(StopReason::kEarlyStop, "no better validation score for " +
                                              std::to_string(options_.patience) + " epochs");
    } else {
      TENBIN_TRY(flow, run_epoch());
    }
  }
  // The step that was the last, so that a reader sees by how much a limit was passed at most.
  if (flow == Flow::kStop && result_.reason != StopReason::kEarlyStop && step_began_.count() > 0) {
    emit("stop", result_.detail, step_began_, 0);
  }
  const bool healthy = result_.reason != StopReason::kNonFinite;
  if (healthy && flow == Flow::kStop) TENBIN_CHECK(save());  // mid-epoch: resume goes on here
  if (!now_.has_best && healthy && plan_->finite()) {
    now_.best_epoch = now_.epoch;  // stopped inside the first epoch: what there is
  } else if (now_.has_best) {
    TENBIN_CHECK(plan_->load_state(now_.best_state));
  } else {
    return Error(ErrorCode::kNonFinite, result_.detail, {},
                 "lower the learning rate, or scale the features");
  }
  result_.best = plan_->export_graph();
  result_.best_epoch = now_.best_epoch;
  result_.steps = now_.step;
  result_.plan_bytes = plan_->planned_bytes();
  result_.steps_run_again = plan_->steps_run_again();
  return std::move(result_);
}

}  // namespace

Result<TrainResult> train(const Graph& graph, BatchStream& stream, BatchStream& valid,
                          const TrainOptions& options, const TrainHooks& hooks,
                          std::string_view resume) {
  return Trainer(stream, valid, options, hooks).run(graph, resume);
}

}  // namespace tenbin
