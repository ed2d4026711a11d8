// SPDX-License-Identifier: Apache-2.0
// Every model of the zoo: steps that bring its loss down, then our answers beside those of ONNX
// Runtime.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/inference_plan.h"
#include "engine/onnxruntime/ort_session.h"
#include "engine/train_case.h"
#include "graph/models/model.h"
#include "graph/onnx.h"

namespace tenbin {
namespace {

constexpr std::int64_t kRows = 8, kClasses = 5;
constexpr int kSteps = 5;
constexpr std::int64_t kTokens = 50;

// Sizes at which a debug machine trains it in seconds.
ModelOptions small(const ModelEntry& entry) {
  ModelOptions options;
  options.classes = kClasses;
  if (entry.name == "vit_tiny") options.depth = 2;
  if (entry.name == "text_cnn") options.vocabulary = kTokens;
  return options;
}

TrainCase rows_for(const Graph& graph) {
  TrainCase data = random_case(graph, kRows, kClasses);
  if (graph.inputs.front().type == ElementType::kInt64) {
    Random random(7);
    for (float& token : data.features) {
      token = static_cast<float>(random.below(static_cast<std::uint64_t>(kTokens)));
    }
  }
  return data;
}

Tensor tensor_of(const ValueInfo& input, const TrainCase& data) {
  Shape shape = input.shape;
  shape[0] = data.rows;
  Tensor out(input.type, shape);
  for (std::size_t i = 0; i < data.features.size(); ++i) {
    if (input.type == ElementType::kInt64) {
      out.data<std::int64_t>()[i] = static_cast<std::int64_t>(data.features[i]);
    } else {
      out.data<float>()[i] = data.features[i];
    }
  }
  return out;
}

// Our answers: of a session, or of the whole model compiled where an operator of it can only be so.
Result<Tensor> answers(const Model& model, const Tensor& in) {
  auto session = Session::create(model, {});
  if (session.ok()) {
    TENBIN_TRY(auto out, (*session)->run(std::span(&in, 1)));
    return std::move(out.front());
  }
  if (session.error().code() != ErrorCode::kUnsupportedOp) return session.error();
  TENBIN_TRY(const auto plan, InferencePlan::compile(model.graph, in.shape()[0], 1));
  Tensor out(ElementType::kFloat32, plan->output_shape());
  plan->run(in.data<float>(), out.data<float>());
  return out;
}

// The largest difference of our answers and those of ONNX Runtime, relative to the largest answer.
double difference(const Graph& graph, const TrainCase& data) {
  Model model;
  model.graph = graph;
  const auto bytes = write_onnx(model);
  EXPECT_TRUE(bytes.ok()) << bytes.error().to_string();
  const auto read = parse_onnx(std::as_bytes(std::span(*bytes)));
  EXPECT_TRUE(read.ok()) << read.error().to_string();
  auto judge = create_onnxruntime_session(*bytes, {});
  EXPECT_TRUE(judge.ok()) << judge.error().to_string();
  if (!read.ok() || !judge.ok()) return INFINITY;
  const Tensor in = tensor_of(graph.inputs.front(), data);
  const auto ours = answers(*read, in);
  const auto theirs = (*judge)->run(std::span(&in, 1));
  EXPECT_TRUE(ours.ok()) << ours.error().to_string();
  EXPECT_TRUE(theirs.ok()) << theirs.error().to_string();
  if (!ours.ok() || !theirs.ok()) return INFINITY;
  double most = 0, scale = 0;
  const auto x = ours->data<float>(), y = theirs->front().data<float>();
  for (std::size_t i = 0; i < y.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i])));
    scale = std::max(scale, std::abs(static_cast<double>(y[i])));
  }
  return scale > 0 ? most / scale : INFINITY;
}

class Zoo : public ::testing::TestWithParam<const ModelEntry*> {};

TEST_P(Zoo, LearnsAndAnswersAsOnnxRuntimeDoes) {
  const ModelEntry& entry = *GetParam();
  const auto graph = build_model(entry, small(entry));
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  const TrainCase data = rows_for(*graph);
  TrainOptions options;
  options.learning_rate = 1e-3;
  auto plan = TrainPlan::compile(*graph, kRows, options);
  ASSERT_TRUE(plan.ok()) << plan.error().to_string();
  const double first = (*plan)->step(data.batch(), options.learning_rate);
  double last = first;
  for (int i = 1; i < kSteps; ++i) last = (*plan)->step(data.batch(), options.learning_rate);
  EXPECT_TRUE((*plan)->finite());
  EXPECT_LT(last, first);
  const Graph trained = (*plan)->export_graph();
  EXPECT_GT(largest_difference(*graph, trained), 0) << "a step moves weights";
  if (onnxruntime_version().ok()) {
    EXPECT_LE(difference(trained, data), 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Zoo,
                         ::testing::ValuesIn(model_catalogue().begin(), model_catalogue().end()),
                         [](const auto& model) { return std::string(model.param->name); });

}  // namespace
}  // namespace tenbin
