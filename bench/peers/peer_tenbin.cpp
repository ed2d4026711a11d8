// SPDX-License-Identifier: Apache-2.0
// Tenbin itself, asked like every peer.
#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>

#include "bench/peers/worker.h"
#include "data/streams/streams.h"
#include "engine/inference_plan.h"
#include "engine/session.h"
#include "engine/train.h"
#include "graph/onnx.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin::bench {
namespace {

// What the three kinds of work have in common: rows in memory, taken batch by batch.
struct Rows {
  std::vector<float> features;
  std::vector<std::int64_t> labels;
  std::int64_t batch = 0, batches = 0, at = 0;
  std::size_t row_size = 0;

  Status read(const Json& work) {
    TENBIN_TRY(features, read_floats(work["features"].as_string()));
    TENBIN_TRY(labels, read_integers(work["labels"].as_string()));
    batch = work["batch"].as_integer();
    batches = static_cast<std::int64_t>(labels.size()) / batch;
    row_size = features.size() / labels.size();
    at = 0;
    return {};
  }
  Batch next() {
    const auto first = static_cast<std::size_t>(at * batch), rows = static_cast<std::size_t>(batch);
    at = (at + 1) % batches;
    Batch out;
    out.rows = batch;
    out.features = std::span(features).subspan(first * row_size, rows * row_size);
    out.labels = std::span(labels).subspan(first, rows);
    return out;
  }
};

class Task {
 public:
  virtual ~Task() = default;
  virtual Status iterate() = 0;
  virtual Result<std::vector<double>> answer(std::int64_t count) = 0;
  virtual std::vector<std::string> kernels() { return {}; }
};

class TrainTask final : public Task {
 public:
  static Result<std::unique_ptr<Task>> create(const Json& work) {
    auto task = std::make_unique<TrainTask>();
    TENBIN_CHECK(task->rows_.read(work));
    TENBIN_TRY(const Model model, read_onnx(real_file_system(), work["model"].as_string()));
    TrainOptions options;
    options.optimizer = OptimizerKind::kSgd;
    options.momentum = work["momentum"].as_number();
    options.weight_decay = 0;
    options.threads = static_cast<int>(work["setting"]["threads"].as_integer(1));
    if (work["precision"].as_string() == "bf16") options.precision = Precision::kBfloat16;
    task->rate_ = work["rate"].as_number();
    task->is_gradient_ = work["kind"].as_string() == "gradient";
    for (const Json& weight : work["graph"]["weights"].items()) {
      if (weight["learned"].as_bool()) task->learned_.push_back(weight["name"].as_string());
    }
    TENBIN_TRY(task->plan_, TrainPlan::compile(model.graph, task->rows_.batch, options));
    return std::unique_ptr<Task>(std::move(task));
  }
  Status iterate() override {
    loss_ = plan_->step(rows_.next(), rate_);
    return {};
  }
  Result<std::vector<double>> answer(std::int64_t count) override {
    if (is_gradient_) return gradient();
    std::vector<double> out;
    for (std::int64_t i = 0; i < count; ++i) out.push_back(plan_->step(rows_.next(), rate_));
    return out;
  }
  std::vector<std::string> kernels() override { return plan_->kernels(); }

 private:
  // Weights fall by their gradient in a step of rate one without momentum.
  Result<std::vector<double>> gradient() {
    const Graph before = plan_->export_graph();
    plan_->step(rows_.next(), 1);
    const Graph after = plan_->export_graph();
    std::vector<double> out;
    for (const std::string& name : learned_) {
      const auto was = before.initializers.at(name).data<float>();
      const auto is = after.initializers.at(name).data<float>();
      std::vector<float> fall(was.size());
      for (std::size_t i = 0; i < was.size(); ++i) fall[i] = was[i] - is[i];
      const auto some = samples_of(fall.data(), static_cast<std::int64_t>(fall.size()));
      out.insert(out.end(), some.begin(), some.end());
    }
    return out;
  }

  Rows rows_;
  std::unique_ptr<TrainPlan> plan_;
  std::vector<std::string> learned_;  // names, in the order of the peers
  bool is_gradient_ = false;
  double rate_ = 0, loss_ = 0;
};

// One compiled plan; a model that has more in it than floats runs as a session.
class InferTask final : public Task {
 public:
  static Result<std::unique_ptr<Task>> create(const Json& work) {
    auto task = std::make_unique<InferTask>();
    TENBIN_CHECK(task->rows_.read(work));
    TENBIN_TRY(const Model model, read_onnx(real_file_system(), work["model"].as_string()));
    const auto threads = static_cast<int>(work["setting"]["threads"].as_integer(1));
    auto plan = InferencePlan::compile(model.graph, task->rows_.batch, threads);
    if (plan.ok()) {
      task->plan_ = std::move(*plan);
    } else if (plan.error().code() == ErrorCode::kUnsupportedOp) {
      TENBIN_TRY(task->session_, Session::create(model, {.threads = threads}));
      task->make_tensors();
    } else {
      return plan.error();
    }
    task->output_.resize(
        static_cast<std::size_t>(task->rows_.batch * work["classes"].as_integer()));
    return std::unique_ptr<Task>(std::move(task));
  }
  Status iterate() override {
    if (plan_ != nullptr) {
      plan_->run(rows_.next().features, output_);
      return {};
    }
    const Tensor& in = tensors_[next_];
    next_ = (next_ + 1) % tensors_.size();
    TENBIN_TRY(const auto out, session_->run(std::span(&in, 1)));
    std::ranges::copy(out.front().data<float>(), output_.begin());
    return {};
  }
  Result<std::vector<double>> answer(std::int64_t count) override {
    std::vector<double> out;
    for (std::int64_t i = 0; i < count; ++i) {
      TENBIN_CHECK(iterate());
      out.insert(out.end(), output_.begin(), output_.end());
    }
    return out;
  }
  std::vector<std::string> kernels() override {
    return plan_ != nullptr ? plan_->kernels() : session_->kernels();
  }

 private:
  // A tensor a batch, in the type of the model's input.
  void make_tensors() {
    const ValueInfo& input = session_->inputs().front();
    Shape shape = input.shape;
    shape[0] = rows_.batch;
    for (std::int64_t i = 0; i < rows_.batches; ++i) {
      const Batch batch = rows_.next();
      Tensor tensor(input.type, shape);
      if (input.type == ElementType::kInt64) {
        std::ranges::transform(batch.features, tensor.data<std::int64_t>().begin(),
                               [](float token) { return static_cast<std::int64_t>(token); });
      } else {
        std::ranges::copy(batch.features, tensor.data<float>().begin());
      }
      tensors_.push_back(std::move(tensor));
    }
  }

  Rows rows_;
  std::unique_ptr<InferencePlan> plan_;  // or a session
  std::unique_ptr<Session> session_;
  std::vector<Tensor> tensors_;
  std::size_t next_ = 0;
  std::vector<float> output_;
};

class LoadTask final : public Task {
 public:
  static Result<std::unique_ptr<Task>> create(const Json& work) {
    auto task = std::make_unique<LoadTask>();
    TENBIN_CHECK(task->rows_.read(work));
    StreamOptions options;
    options.batch = task->rows_.batch;
    options.prefetch = work["setting"]["prefetch"].as_bool();
    RowTargets targets;
    targets.labels = task->rows_.labels;
    task->stream_ = dense_stream(
        task->rows_.features, {static_cast<std::int64_t>(task->rows_.row_size)}, targets, options);
    TENBIN_CHECK(task->stream_->start_epoch(0, 0));
    return std::unique_ptr<Task>(std::move(task));
  }
  Status iterate() override {
    TENBIN_TRY(const Batch batch, stream_->next());
    if (batch.rows > 0) return {};
    TENBIN_CHECK(stream_->start_epoch(++epoch_, 0));
    return stream_->next().ok() ? Status() : Error(ErrorCode::kBug, "no batch in a new epoch");
  }
  Result<std::vector<double>> answer(std::int64_t) override {
    TENBIN_CHECK(stream_->start_epoch(++epoch_, 0));
    std::vector<double> out(3);
    while (true) {
      TENBIN_TRY(const Batch batch, stream_->next());
      if (batch.rows == 0) return out;
      out[0] += static_cast<double>(batch.rows);
      for (std::size_t r = 0; r < static_cast<std::size_t>(batch.rows); ++r) {
        out[1] += static_cast<double>(batch.features[r * rows_.row_size]);
        out[2] += static_cast<double>(batch.labels[r]);
      }
    }
  }

 private:
  Rows rows_;
  std::unique_ptr<BatchStream> stream_;
  std::int64_t epoch_ = 0;
};

class TenbinWorker final : public Worker {
 public:
  Result<Json> hello(const std::string& kind, int threads, const std::string& precision) override {
    if (precision == "bf16" && !has_native_bfloat16()) {
      return Error(ErrorCode::kUnsupportedOp, "this processor has no bfloat16 arithmetic");
    }
    Json settings = Json::array();
    if (kind == "load") {
      settings.push(Json::object({{"prefetch", false}}));
    } else {
      for (int t = 1; t <= threads; ++t) settings.push(Json::object({{"threads", t}}));
    }
    return Json::object({{"name", "Tenbin"},
                         {"version", TENBIN_VERSION},
                         {"source", "this tree"},
                         {"settings", settings}});
  }
  Status prepare(const Json& work) override {
    task_.reset();
    const std::string& kind = work["kind"].as_string();
    TENBIN_TRY(task_, kind == "train" || kind == "gradient" ? TrainTask::create(work)
                      : kind == "infer"                     ? InferTask::create(work)
                                                            : LoadTask::create(work));
    return {};
  }
  Status iterate() override { return task_->iterate(); }
  Result<std::vector<double>> answer(std::int64_t count) override { return task_->answer(count); }
  std::vector<std::string> kernels() override { return task_->kernels(); }

 private:
  std::unique_ptr<Task> task_;
};

}  // namespace
}  // namespace tenbin::bench

int main() {
  tenbin::bench::TenbinWorker worker;
  return tenbin::bench::serve(worker);
}
