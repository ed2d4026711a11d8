// SPDX-License-Identifier: Apache-2.0
// What a plan promises of its steps: the formulas of the optimisers and losses, the same bits, a
// state that carries on, no memory asked for.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <sstream>

#include "base/sanitized.h"
#include "engine/kernels/simd.h"
#include "engine/train_case.h"
#include "graph/nets/nets.h"
#include "platform/file_system.h"

// Sanitizers bring their own operators.
#ifndef TENBIN_SANITIZED
#define TENBIN_COUNTS_ALLOCATIONS
namespace {
// Where oneDNN's code lies: what it asks for inside a call is its own affair.
std::uintptr_t library_begin = 0, library_end = 0;
std::atomic<bool> counting{false};
std::atomic<std::int64_t> allocations{0};

void* counted(std::size_t size, std::size_t alignment, const void* caller) {
  const auto at = reinterpret_cast<std::uintptr_t>(caller);
  if (counting && (at < library_begin || at >= library_end)) ++allocations;
  void* memory = nullptr;
  const std::size_t whole = size == 0 ? 1 : size;
  if (posix_memalign(&memory, std::max(alignment, sizeof(void*)), whole) != 0) {
    throw std::bad_alloc();
  }
  return memory;
}
}  // namespace
void* operator new(std::size_t size) {
  return counted(size, alignof(std::max_align_t), __builtin_return_address(0));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif

namespace tenbin {
namespace {

Graph small_cnn() {
  CnnShape shape;
  shape.stages = {{16, 1}, {16, 1}};
  shape.dense = {12};
  shape.batch_norm = true;
  shape.dense_dropout = 0.25F;
  return make_cnn(1, 12, 12, 4, shape, 3).value();
}

std::unique_ptr<TrainPlan> compiled(const Graph& graph, std::int64_t rows,
                                    const TrainOptions& options) {
  auto plan = TrainPlan::compile(graph, rows, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  return *std::move(plan);
}

#ifdef TENBIN_COUNTS_ALLOCATIONS
std::string memory_map() {
  std::string map;
  auto file = real_file_system().open("/proc/self/maps");
  EXPECT_TRUE(file.ok());
  while (file.ok()) {
    std::byte some[4096];
    const auto got = (*file)->read_at(static_cast<std::int64_t>(map.size()), some);
    if (!got.ok() || *got == 0) break;
    map.append(reinterpret_cast<const char*>(some), *got);
  }
  return map;
}

std::pair<std::uintptr_t, std::uintptr_t> find_library() {
  std::pair<std::uintptr_t, std::uintptr_t> range;
  std::istringstream lines(memory_map());
  for (std::string line; std::getline(lines, line);) {
    if (line.find("libdnnl") == std::string::npos) continue;
    std::size_t dash = 0;
    const std::uintptr_t begin = std::stoull(line, &dash, 16);
    if (range.first == 0) range.first = begin;
    range.second = std::stoull(line.substr(dash + 1), nullptr, 16);
  }
  EXPECT_LT(range.first, range.second);
  return range;
}

TEST(TrainPlan, CountsAllocationsWhenToldTo) {
  allocations = 0;
  counting = true;
  auto asked = std::make_unique<std::vector<int>>(100);
  counting = false;
  EXPECT_EQ(asked->size(), 100U);
  EXPECT_EQ(allocations, 2) << "the count of the next test cannot fail";
}

TEST(TrainPlan, AsksForNoMemoryInAStep) {
  const auto library = find_library();
  const Graph cnn = small_cnn(), mlp = make_mlp(14, {64, 32}, 4, 1).value();
  TrainOptions plain, clipped, half;
  clipped.clip_norm = 1;
  clipped.threads = 2;
  half.precision = Precision::kBfloat16;
  const struct {
    const char* why;
    const Graph& graph;
    const TrainOptions& options;
  } rows[] = {{"image network", cnn, plain},
              {"dense layers", mlp, plain},
              {"clipped, on two threads", cnn, clipped},
              {"bfloat16", cnn, half}};
  for (const auto& row : rows) {
    if (row.options.precision == Precision::kBfloat16 && !has_native_bfloat16()) continue;
    const TrainCase data = random_case(row.graph, 32, 4);
    const auto plan = compiled(row.graph, 32, row.options);
    plan->step(data.batch(), 1e-3);  // kernels keep what they need from their first run
    // Layers this small make no call of oneDNN: then nobody may ask for memory.
    const bool nobody = &row.graph == &mlp && kernels::has_avx512();
    library_begin = nobody ? 0 : library.first;
    library_end = nobody ? 0 : library.second;
    allocations = 0;
    counting = true;
    for (int i = 0; i < 10; ++i) plan->step(data.first(i % 2 == 0 ? 32 : 20), 1e-3);
    counting = false;
    EXPECT_EQ(allocations, 0) << row.why;
  }
}
#endif

TEST(TrainPlan, GivesTheSameBitsForTheSameSeedAlone) {
  const Graph graph = small_cnn();
  const TrainCase data = random_case(graph, 32, 4);
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    if (precision == Precision::kBfloat16 && !has_native_bfloat16()) continue;
    TrainOptions options;
    options.precision = precision;
    const auto train = [&](std::uint64_t seed) {
      options.seed = seed;
      const auto plan = compiled(graph, 32, options);
      for (int i = 0; i < 6; ++i) plan->step(data.batch(), 1e-2);
      return plan->export_graph();
    };
    EXPECT_EQ(largest_difference(train(1), train(1)), 0);
    EXPECT_GT(largest_difference(train(1), train(2)), 0) << "the seed chooses what is dropped";
  }
}

TEST(TrainPlan, CarriesOnFromItsStateBitByBit) {
  const Graph graph = small_cnn();
  const TrainCase data = random_case(graph, 32, 4);
  for (const OptimizerKind kind :
       {OptimizerKind::kSgd, OptimizerKind::kAdam, OptimizerKind::kAdamW}) {
    TrainOptions options;
    options.optimizer = kind;
    const auto whole = compiled(graph, 32, options), half = compiled(graph, 32, options);
    for (int i = 0; i < 7; ++i) whole->step(data.batch(), 1e-2);
    for (int i = 0; i < 3; ++i) half->step(data.batch(), 1e-2);
    const auto rest = compiled(graph, 32, options);
    ASSERT_TRUE(rest->load_state(half->save_state()).ok());
    for (int i = 3; i < 7; ++i) rest->step(data.batch(), 1e-2);
    EXPECT_EQ(largest_difference(whole->export_graph(), rest->export_graph()), 0);
    EXPECT_EQ(whole->save_state(), rest->save_state());
  }
}

// Momenta of weights whose gradient became zero shrink by a tenth a step. Rounded, the smallest
// floats do not shrink any more: without care they would stay there, and cost a hundredfold.
TEST(TrainPlan, LetsMomentaEndInZero) {
  const Graph graph = make_mlp(2, {}, 1, 1).value();
  TrainOptions options;
  options.loss = Loss::kMeanSquaredError;
  options.optimizer = OptimizerKind::kSgd;
  options.weight_decay = 0;
  options.momentum = 0.9;
  const auto plan = compiled(graph, 1, options);
  const std::vector<float> once = {1e-20F, 1}, never = {0, 0}, targets = {3};
  plan->step({1, once, {}, targets, {}}, 0);
  for (int i = 0; i < 700; ++i) plan->step({1, never, {}, targets, {}}, 0);
  const std::string state = plan->save_state();
  const std::size_t momenta = state.size() / 2 / sizeof(float) * sizeof(float);
  for (std::size_t at = momenta; at + sizeof(float) <= state.size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, state.data() + at, sizeof value);
    EXPECT_NE(std::fpclassify(value), FP_SUBNORMAL) << at;
  }
}

// One weight y = w x, loss (w x - t)^2: each step by hand.
TEST(TrainPlan, StepsByTheFormulasOfTheOptimisers) {
  Graph graph = make_mlp(1, {}, 1, 1).value();
  graph.initializers.at("dense.weights").data<float>()[0] = 0.5F;
  const float x = 2, t = -1;
  const std::vector<float> features = {x}, targets = {t};
  const Batch batch{1, features, {}, targets, {}};
  TrainOptions sgd;
  sgd.loss = Loss::kMeanSquaredError;
  sgd.optimizer = OptimizerKind::kSgd;
  sgd.weight_decay = 0.1;
  TrainOptions adam = sgd, adamw = sgd, clipped = sgd;
  adam.optimizer = OptimizerKind::kAdam;
  adamw.optimizer = OptimizerKind::kAdamW;
  clipped.clip_norm = 1;
  const struct {
    const char* why;
    const TrainOptions& options;
  } rows[] = {{"momentum and decay", sgd}, {"adam", adam}, {"adamw", adamw}, {"clipped", clipped}};
  constexpr double kRate = 0.05;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const TrainOptions& o = row.options;
    const auto plan = compiled(graph, 1, o);
    double w[2] = {0.5, 0}, m[2] = {}, v[2] = {};  // the weight, and the bias, which never decays
    for (int step = 1; step <= 4; ++step) {
      const double e = w[0] * static_cast<double>(x) + w[1] - static_cast<double>(t);
      EXPECT_NEAR(plan->step(batch, kRate), e * e, 1e-5 * (1 + e * e));
      double g[2] = {2 * e * static_cast<double>(x), 2 * e};
      const double norm = std::hypot(g[0], g[1]);
      for (int k = 0; k < 2; ++k) {
        if (o.clip_norm > 0 && norm > o.clip_norm) g[k] *= o.clip_norm / norm;
        const double decay = k == 0 ? o.weight_decay : 0;
        if (o.optimizer == OptimizerKind::kSgd) {
          m[k] = o.momentum * m[k] + g[k] + decay * w[k];
          w[k] -= kRate * m[k];
          continue;
        }
        if (o.optimizer == OptimizerKind::kAdam) g[k] += decay * w[k];
        if (o.optimizer == OptimizerKind::kAdamW) w[k] -= kRate * decay * w[k];
        m[k] = o.beta1 * m[k] + (1 - o.beta1) * g[k];
        v[k] = o.beta2 * v[k] + (1 - o.beta2) * g[k] * g[k];
        const double mean = m[k] / (1 - std::pow(o.beta1, step));
        const double square = v[k] / (1 - std::pow(o.beta2, step));
        w[k] -= kRate * mean / (std::sqrt(square) + o.epsilon);
      }
      const Graph now = plan->export_graph();
      EXPECT_NEAR(now.initializers.at("dense.weights").data<float>()[0], w[0], 1e-5) << step;
      EXPECT_NEAR(now.initializers.at("dense.bias").data<float>()[0], w[1], 1e-5) << step;
    }
  }
}

// Logits are biases alone, so each loss can be written down.
TEST(TrainPlan, GivesTheLossOfTheTextbook) {
  const std::vector<float> features = {0, 0}, targets = {0.5F, 3, -1, 0};
  const std::vector<std::int64_t> labels = {1, 0};
  const Batch batch{2, features, labels, targets, {}};
  const double a = 0.3, b = -0.4;  // the two logits
  const double log_sum = std::log(std::exp(a) + std::exp(b));
  const double own[] = {log_sum - b, log_sum - a};  // of the rows' labels
  TrainOptions cross, smooth, weighted, squares, huber, binary;
  smooth.label_smoothing = 0.2;
  weighted.class_weights = {1, 3};
  squares.loss = Loss::kMeanSquaredError;
  huber.loss = Loss::kHuber;
  huber.huber_delta = 0.5;
  binary.loss = Loss::kBinaryCrossEntropy;
  const auto small = [](double e) {
    return std::fabs(e) <= 0.5 ? 0.5 * e * e : 0.5 * (std::fabs(e) - 0.25);
  };
  const double e[] = {a - 0.5, b - 3, a + 1, b};
  const struct {
    const char* why;
    const TrainOptions& options;
    std::int64_t outputs;
    double loss;
  } rows[] = {
      {"cross-entropy", cross, 2, (own[0] + own[1]) / 2},
      {"a fifth of the label is spread", smooth, 2,
       0.8 * (own[0] + own[1]) / 2 + 0.2 * (2 * log_sum - a - b) / 2},
      {"class 1 counts three times", weighted, 2, (3 * own[0] + own[1]) / 4},
      {"squares", squares, 2, (e[0] * e[0] + e[1] * e[1] + e[2] * e[2] + e[3] * e[3]) / 4},
      {"huber", huber, 2, (small(e[0]) + small(e[1]) + small(e[2]) + small(e[3])) / 4},
      {"one logit", binary, 1, (std::log1p(std::exp(-a)) + std::log1p(std::exp(a))) / 2},
  };
  for (const auto& row : rows) {
    Graph graph = make_mlp(1, {}, row.outputs, 1).value();
    auto bias = graph.initializers.at("dense.bias").data<float>();
    bias[0] = static_cast<float>(a);
    if (row.outputs > 1) bias[1] = static_cast<float>(b);
    EXPECT_NEAR(compiled(graph, 2, row.options)->step(batch, 0), row.loss, 1e-6) << row.why;
  }
}

}  // namespace
}  // namespace tenbin
