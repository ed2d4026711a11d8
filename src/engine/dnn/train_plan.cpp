// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <memory>

#include "engine/dnn/fake_grid.h"
#include "engine/dnn/shard.h"
#include "engine/dnn/weights.h"
#include "engine/kernels/denormals.h"
#include "engine/kernels/kernels.h"
#include "engine/train.h"
#include "graph/rewrites/rewrites.h"
#include "platform/team.h"

namespace tenbin {
namespace {

using dnn::AlignedFloats;
using dnn::BuildOptions;
using dnn::Mode;
using dnn::Shard;

constexpr std::uint32_t kStateVersion = 1;
constexpr std::int64_t kFewestRows = 8;  // of a shard: below, its kernels lose more than it gains
constexpr std::size_t kUpdateBytes = 1 << 16;  // of the parameters, as one piece of the update
constexpr int kMostShards = 64;

// Deterministic, so that the same seed on the same kind of machine gives the same bits: one
// blocked layout from the first convolution to the last, Winograd where its kernel exists.
BuildOptions build_options(const TrainOptions& options, const dnn::FakeGrids& grids,
                           std::size_t shard) {
  BuildOptions build;
  build.fake_grids = &grids;
  build.mode = Mode::kTrain;
  build.layout = dnn::Layout::kBlocked;
  build.convolution = dnn::ConvChoice::kWinograd;
  build.seed = options.seed + 7919 * shard;
  if (options.precision == Precision::kBfloat16) dnn::use_bfloat16(build);
  return build;
}

// Two shards a thread, so that a thread whose core is busy elsewhere can leave one to another; of
// equal size, so that one program shape serves all.
std::int64_t shards_of(std::int64_t batch, int threads) {
  if (threads == 1) return 1;
  for (std::int64_t n = std::min(2 * threads, kMostShards); n > 1; --n) {
    if (batch % n == 0 && batch / n >= kFewestRows) return n;
  }
  return 1;
}

class OneDnnTrainPlan : public TrainPlan {
 public:
  OneDnnTrainPlan(Graph graph, std::int64_t batch, const TrainOptions& options)
      : graph_(std::move(graph)),
        options_(options),
        batch_(batch),
        engine_(dnnl::engine::kind::cpu, 0),
        team_(shards_of(batch, options.threads) > 1 ? options.threads : 1,
              [] { omp_set_num_threads(1); }) {}

  Status build();
  double step(const Batch& batch, double rate) override;
  Status predict(const Batch& batch, std::span<float> out) override;
  std::int64_t outputs() const override { return shards_.front()->outputs(); }
  Graph export_graph() const override;
  std::string save_state() const override;
  Status load_state(std::string_view state) override;
  bool finite() const override {
    return kernels::all_finite(weights_.get(), static_cast<std::int64_t>(parameters_.bytes() / 4));
  }
  Bytes planned_bytes() const override;
  std::int64_t steps_run_again() const override {
    return static_cast<std::int64_t>(shards_.front()->steps_run_again());
  }
  std::vector<std::string> kernels() const override { return shards_.front()->kernels(); }

 private:
  std::size_t array_bytes() const;
  Status check_memory() const;
  void apply_update(double rate);
  void update_piece(const dnn::Parameter& p, std::size_t begin, std::size_t end,
                    kernels::Update how);
  void sum_gradients();
  float clipping();

  Graph graph_;
  TrainOptions options_;
  std::int64_t batch_;
  dnnl::engine engine_;
  dnn::Parameters parameters_;
  Team team_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<float> shares_;  // of each shard in the batch's mean; 0 for one without rows
  AlignedFloats weights_, first_, second_;
  struct Piece {
    int parameter;
    std::size_t begin, end;  // floats of the flat buffers
  };
  std::vector<Piece> pieces_;
  std::uint64_t steps_ = 0;
};

Status OneDnnTrainPlan::build() {
  TENBIN_CHECK(check_precision(options_.precision));
  if (graph_.inputs.size() != 1 || graph_.outputs.size() != 1) {
    return Error(ErrorCode::kBadModel, "network has " + std::to_string(graph_.inputs.size()) +
                                           " inputs and " + std::to_string(graph_.outputs.size()) +
                                           " outputs, expected one of each");
  }
  lift_constants(graph_);
  const std::int64_t count = shards_of(batch_, options_.threads);
  omp_set_num_threads(count > 1 ? 1 : options_.threads);
  graph_.inputs.front().shape[0] = batch_ / count;
  const bool on_grids = std::ranges::any_of(
      graph_.nodes, [](const OpCall& node) { return node.op == "QuantizeLinear"; });
  Graph plain;  // without the grids of weights
  dnn::FakeGrids grids;
  if (on_grids) {
    plain = graph_;
    TENBIN_TRY(grids, dnn::take_fake_grids(plain));
  }
  const Graph& graph = on_grids ? plain : graph_;
  {
    Shard layouts(engine_, 0);  // only finds out how the weights want to lie
    const auto build = build_options(options_, grids, 0);
    TENBIN_CHECK(layouts.build(graph, parameters_, build, nullptr, nullptr));
  }
  weights_ = dnn::aligned_floats(parameters_.bytes());
  first_ = dnn::aligned_floats(parameters_.bytes());
  if (options_.optimizer != OptimizerKind::kSgd) {
    second_ = dnn::aligned_floats(parameters_.bytes());
  }
  TENBIN_CHECK(dnn::load_weights(engine_, graph_, parameters_, weights_.get()));
  std::optional<std::size_t> memory;
  if (options_.memory.count > 0) {
    const auto most = static_cast<std::size_t>(options_.memory.count);
    const std::size_t arrays =
        array_bytes() + static_cast<std::size_t>(count) * parameters_.bytes();
    memory = (most - std::min(most, arrays)) / static_cast<std::size_t>(count);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    auto shard = std::make_unique<Shard>(engine_, i * (batch_ / count));
    auto build = build_options(options_, grids, static_cast<std::size_t>(i));
    build.memory = memory;
    TENBIN_CHECK(shard->build(graph, parameters_, build, weights_.get(), &steps_));
    shard->set_loss(options_);
    shards_.push_back(std::move(shard));
  }
  TENBIN_CHECK(check_memory());
  shares_.resize(shards_.size());
  for (std::size_t i = 0; i < parameters_.list().size(); ++i) {
    const dnn::Parameter& p = parameters_.list()[i];
    const std::size_t end = (p.offset + p.bytes) / sizeof(float);
    for (std::size_t at = p.offset / sizeof(float); at < end;) {
      const std::size_t next = std::min(end, at + kUpdateBytes / sizeof(float));
      pieces_.push_back({static_cast<int>(i), at, next});
      at = next;
    }
  }
  const auto classes = options_.loss == Loss::kBinaryCrossEntropy ? 2 : outputs();
  if (!options_.class_weights.empty() &&
      static_cast<std::int64_t>(options_.class_weights.size()) != classes) {
    return Error(ErrorCode::kBadShape, std::to_string(options_.class_weights.size()) +
                                           " class weights, expected " + std::to_string(classes));
  }
  return {};
}

// Weights and what the optimiser keeps of each.
std::size_t OneDnnTrainPlan::array_bytes() const {
  return (options_.optimizer != OptimizerKind::kSgd ? 3 : 2) * parameters_.bytes();
}

Status OneDnnTrainPlan::check_memory() const {
  const Bytes planned = planned_bytes();
  if (options_.memory.count <= 0 || planned.count <= options_.memory.count) return {};
  return Error(ErrorCode::kLimitNotMet,
               "training in batches of " + std::to_string(batch_) + " takes " + to_text(planned) +
                   " at least, and " + to_text(options_.memory) + " of memory are left for it",
               {},
               steps_run_again() > 0
                   ? "what can be computed twice already is: take a smaller batch, "
                     "a smaller network, or more memory"
                   : "take a smaller batch, a smaller network, or more memory");
}

Bytes OneDnnTrainPlan::planned_bytes() const {
  std::size_t bytes = array_bytes() + shards_.size() * parameters_.bytes();
  for (const auto& shard : shards_) bytes += shard->bytes();
  return {static_cast<std::int64_t>(bytes)};
}

// The batch's gradient into the first shard's, in the order of the shards.
void OneDnnTrainPlan::sum_gradients() {
  if (shards_.size() == 1) return;
  auto sum = [this](int index) {
    const Piece& piece = pieces_[static_cast<std::size_t>(index)];
    const auto count = static_cast<std::int64_t>(piece.end - piece.begin);
    float* total = shards_.front()->gradients() + piece.begin;
    kernels::scale(total, total, count, shares_.front());
    for (std::size_t i = 1; i < shards_.size(); ++i) {
      if (shares_[i] == 0) continue;
      kernels::add_scaled(total, shards_[i]->gradients() + piece.begin, shares_[i], count);
    }
  };
  team_.run(static_cast<int>(pieces_.size()), sum);
}

float OneDnnTrainPlan::clipping() {
  if (options_.clip_norm <= 0) return 1;
  double squares = 0;
  for (const dnn::Parameter& p : parameters_.list()) {
    if (!p.trained) continue;
    squares += kernels::sum_of_squares(shards_.front()->gradients() + p.offset / sizeof(float),
                                       static_cast<std::int64_t>(p.bytes / sizeof(float)));
  }
  const double norm = std::sqrt(squares);
  return norm > options_.clip_norm ? static_cast<float>(options_.clip_norm / norm) : 1.0F;
}

void OneDnnTrainPlan::update_piece(const dnn::Parameter& p, std::size_t begin, std::size_t end,
                                   kernels::Update how) {
  const auto count = static_cast<std::int64_t>(end - begin);
  float* const weights = weights_.get() + begin;
  const float* const gradient = shards_.front()->gradients() + begin;
  if (!p.trained) {
    kernels::move_average(weights, gradient, count, p.momentum);
    return;
  }
  how.decay = p.decays ? static_cast<float>(options_.weight_decay) : 0.0F;
  kernels::update(how, weights, gradient, first_.get() + begin,
                  second_ == nullptr ? nullptr : second_.get() + begin, count);
}

void OneDnnTrainPlan::apply_update(double rate) {
  sum_gradients();
  kernels::Update how;
  how.kind = options_.optimizer;
  how.rate = static_cast<float>(rate);
  how.momentum = static_cast<float>(options_.momentum);
  how.beta1 = static_cast<float>(options_.beta1);
  how.beta2 = static_cast<float>(options_.beta2);
  how.epsilon = static_cast<float>(options_.epsilon);
  how.scale = clipping();
  const auto t = static_cast<double>(steps_ + 1);
  how.correction1 = static_cast<float>(1 / (1 - std::pow(options_.beta1, t)));
  how.correction2 = static_cast<float>(1 / (1 - std::pow(options_.beta2, t)));
  auto update = [this, &how](int index) {
    const kernels::FlushDenormals flush;
    const Piece& piece = pieces_[static_cast<std::size_t>(index)];
    update_piece(parameters_.list()[static_cast<std::size_t>(piece.parameter)], piece.begin,
                 piece.end, how);
  };
  team_.run(static_cast<int>(pieces_.size()), update);
}

double OneDnnTrainPlan::step(const Batch& batch, double rate) {
  double weight = 0;
  for (const auto& shard : shards_) {
    if (!shard->take(batch).ok()) return std::nan("");
    weight += shard->weight();
  }
  std::atomic<bool> ok{true};
  auto train = [this, &ok](int i) {
    const kernels::FlushDenormals flush;
    Shard& shard = *shards_[static_cast<std::size_t>(i)];
    if (shard.real_rows() > 0 && !shard.train()) ok = false;
  };
  team_.run(static_cast<int>(shards_.size()), train);
  if (!ok) return std::nan("");
  double loss = 0;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const double share = weight > 0 ? shards_[i]->weight() / weight : 0;
    shares_[i] = shards_[i]->real_rows() > 0 ? static_cast<float>(share) : 0.0F;
    if (shards_[i]->real_rows() > 0) loss += share * shards_[i]->loss();
  }
  apply_update(rate);
  ++steps_;
  return loss;
}

Status OneDnnTrainPlan::predict(const Batch& batch, std::span<float> out) {
  if (static_cast<std::int64_t>(out.size()) < batch.rows * outputs()) {
    return Error(ErrorCode::kBadShape, "output buffer is too small");
  }
  std::atomic<bool> ok{true};
  auto evaluate = [&](int i) {
    Shard& shard = *shards_[static_cast<std::size_t>(i)];
    shard.take_features(batch);
    if (shard.real_rows() == 0) return;
    if (!shard.evaluate()) ok = false;
    const std::span<float> some = shard.predictions();
    float* to = out.data() + shard.first_row() * outputs();
    std::memcpy(to, some.data(), some.size_bytes());
    dnn::activate(options_.loss, to, shard.real_rows(), outputs());
  };
  team_.run(static_cast<int>(shards_.size()), evaluate);
  return ok ? Status{} : Error(ErrorCode::kBug, "a kernel refused to run");
}

Graph OneDnnTrainPlan::export_graph() const {
  Graph graph = graph_;
  (void)dnn::store_weights(engine_, parameters_, weights_.get(), graph).ok();
  graph.inputs.front().shape[0] = -1;
  if (!graph.outputs.front().shape.empty()) graph.outputs.front().shape[0] = -1;
  graph.values.clear();
  return graph;
}

std::string OneDnnTrainPlan::save_state() const {
  std::string out;
  const auto put = [&](const void* bytes, std::size_t size) {
    out.append(static_cast<const char*>(bytes), size);
  };
  const std::uint64_t size = parameters_.bytes();
  out.reserve(sizeof kStateVersion + sizeof size + sizeof steps_ + array_bytes());
  put(&kStateVersion, sizeof kStateVersion);
  put(&size, sizeof size);
  put(&steps_, sizeof steps_);
  put(weights_.get(), size);
  put(first_.get(), size);
  if (second_ != nullptr) put(second_.get(), size);
  return out;
}

Status OneDnnTrainPlan::load_state(std::string_view state) {
  std::uint32_t version = 0;
  std::uint64_t size = 0;
  const std::size_t head = sizeof version + sizeof size + sizeof steps_;
  const std::size_t arrays = second_ != nullptr ? 3 : 2;
  if (state.size() >= head) {
    std::memcpy(&version, state.data(), sizeof version);
    std::memcpy(&size, state.data() + sizeof version, sizeof size);
  }
  if (version != kStateVersion || size != parameters_.bytes() ||
      state.size() != head + arrays * size) {
    return Error(ErrorCode::kBadCheckpoint,
                 "state of " + std::to_string(state.size()) + " bytes does not fit this network");
  }
  std::memcpy(&steps_, state.data() + sizeof version + sizeof size, sizeof steps_);
  const char* from = state.data() + head;
  std::memcpy(weights_.get(), from, size);
  std::memcpy(first_.get(), from + size, size);
  if (second_ != nullptr) std::memcpy(second_.get(), from + 2 * size, size);
  return {};
}

}  // namespace

bool has_native_bfloat16() { return dnn::has_isa(dnnl::cpu_isa::avx512_core_bf16); }
bool has_exact_int8() {
  return dnn::has_isa(dnnl::cpu_isa::avx512_core_vnni) || dnn::has_isa(dnnl::cpu_isa::avx2_vnni);
}

Result<std::unique_ptr<TrainPlan>> TrainPlan::compile(const Graph& graph, std::int64_t batch,
                                                      const TrainOptions& options) {
  if (batch < 1) return Error(ErrorCode::kBadValue, "batch of " + std::to_string(batch));
  try {
    auto plan = std::make_unique<OneDnnTrainPlan>(graph, batch, options);
    TENBIN_CHECK(plan->build());
    return std::unique_ptr<TrainPlan>(std::move(plan));
  } catch (const dnnl::error& failure) {
    return Error(ErrorCode::kUnsupportedOp,
                 std::string("kernel library refuses this network: ") + failure.what());
  }
}

}  // namespace tenbin
