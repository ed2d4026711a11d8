// SPDX-License-Identifier: Apache-2.0
// Every probe of every operator: the shape rule, the compiled plan, the gradient through the plan,
// and ONNX Runtime, each against the plain reference or against differences.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/inference_plan.h"
#include "engine/onnxruntime/ort_session.h"
#include "engine/op_case.h"
#include "engine/train.h"
#include "graph/builder.h"
#include "graph/onnx.h"
#include "platform/random.h"

namespace tenbin {
namespace {

std::string name_of(const OpProbe& probe) {
  return probe.call.op + " (" + std::string(probe.why) + ")";
}

template <class F> void each_probe(F&& f) {
  for (const OpEntry* entry : op_catalogue()) {
    if (entry->probes == nullptr) continue;
    for (const OpProbe& probe : entry->probes()) {
      SCOPED_TRACE(name_of(probe));
      f(probe);
    }
  }
}

// The probe as a graph of one node. Operands that are constant, or all but the first when
// `only_first`, become initialisers.
Graph graph_of(const OpProbe& probe, bool only_first) {
  Graph graph;
  graph.nodes = {probe.call};
  for (std::size_t i = 0; i < probe.inputs.size(); ++i) {
    const Tensor& input = probe.inputs[i];
    const std::string& name = probe.call.inputs[i];
    if (!input.defined()) {
      graph.nodes[0].inputs[i].clear();
      continue;
    }
    const bool constant = (only_first && i > 0) || (i < probe.constant.size() && probe.constant[i]);
    if (constant) {
      graph.initializers[name] = input;
    } else {
      graph.inputs.push_back({name, input.type(), input.shape()});
    }
  }
  for (const std::string& output : probe.call.outputs) {
    graph.outputs.push_back({output, ElementType::kUndefined, {}, false});
  }
  return graph;
}

void expect_near(const Tensor& found, const Tensor& wanted, double tolerance) {
  ASSERT_EQ(found.type(), wanted.type());
  ASSERT_EQ(found.shape(), wanted.shape());
  if (found.type() != ElementType::kFloat32) {
    EXPECT_EQ(found, wanted);
    return;
  }
  const auto x = found.data<float>(), y = wanted.data<float>();
  // Sums of products round by the size of what is summed: the rest of the tensor tells it.
  double squares = 0;
  for (const float v : y) squares += std::isfinite(v) ? std::pow(static_cast<double>(v), 2) : 0;
  const double size = std::sqrt(squares / static_cast<double>(std::max<std::size_t>(y.size(), 1)));
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(y[i])) {
      EXPECT_TRUE(std::isnan(x[i])) << i;
    } else {
      EXPECT_NEAR(x[i], y[i], tolerance * (1 + size)) << i;
    }
  }
}

TEST(OpConformance, ShapeRulesAgreeWithTheReference) {
  each_probe([](const OpProbe& probe) {
    const auto wanted = run_op(probe.call, probe.inputs);
    ASSERT_TRUE(wanted.ok()) << wanted.error().to_string();
    Graph graph = graph_of(probe, false);
    ASSERT_TRUE(infer_shapes(graph).ok());
    for (std::size_t i = 0; i < wanted->size() && i < probe.call.outputs.size(); ++i) {
      const auto info = graph.info(probe.call.outputs[i]);
      const ValueInfo declared = info ? *info : graph.outputs[i];
      if (declared.type != ElementType::kUndefined) {
        EXPECT_EQ(declared.type, (*wanted)[i].type());
      }
      if (!declared.has_shape || declared.shape.empty()) continue;
      const Shape& shape = (*wanted)[i].shape();
      ASSERT_EQ(declared.shape.size(), shape.size());
      for (std::size_t d = 0; d < shape.size(); ++d) {
        if (declared.shape[d] < 0) continue;
        EXPECT_EQ(declared.shape[d], shape[d]) << "dimension " << d;
      }
    }
  });
}

// A plan compiles a probe whose first operand is a batch of floats and whose others are constants;
// here it gives one result.
bool can_compile(const OpProbe& probe) {
  if (probe.inputs.empty() || probe.call.outputs.size() != 1) return false;
  const Tensor& first = probe.inputs[0];
  return InferencePlan::supports(probe.call) && first.type() == ElementType::kFloat32 &&
         first.shape().size() >= 2;
}

constexpr const char* kCompiled[] = {"Conv",         "Gemm",        "MatMul",
                                     "MaxPool",      "AveragePool", "GlobalAveragePool",
                                     "Relu",         "LeakyRelu",   "Sigmoid",
                                     "Tanh",         "Elu",         "Softmax",
                                     "Add",          "Sub",         "Mul",
                                     "Flatten",      "Reshape",     "Transpose",
                                     "Dropout",      "Identity",    "BatchNormalization",
                                     "GlobalMaxPool"};

TEST(OpConformance, PlansAgreeWithTheReference) {
  std::set<std::string> seen;
  each_probe([&](const OpProbe& probe) {
    if (!can_compile(probe) || probe.call.op == "Concat") return;  // one activation alone
    const Graph graph = graph_of(probe, true);
    const std::int64_t batch = probe.inputs[0].shape()[0];
    auto plan = InferencePlan::compile(graph, batch, 1);
    if (!plan.ok()) {  // this form of the operator goes the plain way
      EXPECT_EQ(plan.error().code(), ErrorCode::kUnsupportedOp) << plan.error().to_string();
      return;
    }
    const auto wanted = run_op(probe.call, probe.inputs);
    ASSERT_TRUE(wanted.ok());
    Tensor found(ElementType::kFloat32, (*plan)->output_shape());
    (*plan)->run(probe.inputs[0].data<float>(), found.data<float>());
    expect_near(found, wanted->front(), 1e-5);
    seen.insert(probe.call.op);
  });
  for (const char* op : kCompiled) {
    EXPECT_TRUE(seen.contains(op)) << op << " has no probe that a plan compiles";
  }
}

// x -> Gemm -> Reshape to the probe's operand -> the probe -> Flatten: what reaches the Gemm's
// weights went backwards through the probe.
Result<Graph> net_around(const OpProbe& probe) {
  GraphBuilder b;
  const Shape& shape = probe.inputs[0].shape();
  const std::int64_t width = probe.inputs[0].count() / shape[0];
  Random random(5);
  Tensor weights(ElementType::kFloat32, {3, width}), bias(ElementType::kFloat32, {width});
  for (float& w : weights.data<float>()) w = static_cast<float>(random.normal());
  for (float& w : bias.data<float>()) w = static_cast<float>(random.normal());
  std::string x = b.input("x", ElementType::kFloat32, {-1, 3});
  x = b.node("Gemm", {x, b.constant("weights", weights), b.constant("bias", bias)});
  Shape wanted = shape;
  wanted[0] = -1;
  const auto rank = static_cast<std::int64_t>(wanted.size());
  x = b.node("Reshape",
             {x, b.constant("shape", Tensor::of<std::int64_t>(
                                         {rank}, std::span<const std::int64_t>(wanted)))});
  std::vector<std::string> inputs = {x};
  for (std::size_t i = 1; i < probe.inputs.size(); ++i) {
    inputs.push_back(probe.inputs[i].defined()
                         ? b.constant("operand_" + std::to_string(i), probe.inputs[i])
                         : std::string());
  }
  std::string y = b.node(probe.call.op, inputs, probe.call.attributes);
  // Weighted, so that an operator whose results sum to a constant has a gradient too.
  y = b.node("Flatten", {y});
  b.output(y, "y");
  return std::move(b).build();
}

double loss_after(const Graph& graph, const Batch& batch, const TrainOptions& options) {
  auto plan = TrainPlan::compile(graph, batch.rows, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  return plan.ok() ? (*plan)->step(batch, 0) : 0;
}

// False when the plan does not have this form of the operator.
bool check_gradient(const OpProbe& probe) {
  const auto graph = net_around(probe);
  if (!graph.ok()) {
    ADD_FAILURE() << graph.error().to_string();
    return false;
  }
  TrainOptions options;
  options.loss = Loss::kMeanSquaredError;
  options.optimizer = OptimizerKind::kSgd;
  options.momentum = options.weight_decay = 0;
  const std::int64_t rows = probe.inputs[0].shape()[0];
  auto plan = TrainPlan::compile(*graph, rows, options);
  if (!plan.ok()) {
    EXPECT_EQ(plan.error().code(), ErrorCode::kUnsupportedOp) << plan.error().to_string();
    return false;
  }
  Random random(9);
  std::vector<float> x(static_cast<std::size_t>(rows * 3));
  std::vector<float> y(static_cast<std::size_t>(rows * (*plan)->outputs()));
  for (float& v : x) v = static_cast<float>(random.normal());
  for (float& v : y) v = static_cast<float>(random.normal());
  const Batch batch{rows, x, {}, y, {}};
  (*plan)->step(batch, 1);
  const Graph after = (*plan)->export_graph();
  for (const char* name : {"weights", "bias"}) {
    const auto before = graph->initializers.at(name).data<float>();
    const auto moved = after.initializers.at(name).data<float>();
    double scale = 1e-3;
    for (std::size_t i = 0; i < before.size(); ++i) {
      scale = std::max(scale, std::fabs(static_cast<double>(before[i] - moved[i])));
    }
    for (std::size_t at = 0; at < before.size(); at += 1 + before.size() / 7) {
      constexpr float kStep = 1e-3F;
      Graph up = *graph, down = *graph;
      up.initializers[name].data<float>()[at] += kStep;
      down.initializers[name].data<float>()[at] -= kStep;
      const double numeric = (loss_after(up, batch, options) - loss_after(down, batch, options)) /
                             (2 * static_cast<double>(kStep));
      const double analytic = static_cast<double>(before[at] - moved[at]);
      EXPECT_NEAR(analytic, numeric, 0.02 * scale) << name << "[" << at << "]";
    }
  }
  return true;
}

TEST(OpConformance, GradientsAgreeWithDifferences) {
  std::set<std::string> seen;
  each_probe([&](const OpProbe& probe) {
    if (!can_compile(probe) || !probe.differentiable || probe.call.op == "Concat") return;
    if (check_gradient(probe)) seen.insert(probe.call.op);
  });
  for (const char* op : kCompiled) {
    const bool other_in_training = std::string(op) == "BatchNormalization";
    EXPECT_TRUE(other_in_training || seen.contains(op)) << op;
  }
}

TEST(OpConformance, OnnxRuntimeAgreesWithTheReference) {
  if (const auto version = onnxruntime_version(); !version.ok()) {
    GTEST_SKIP() << version.error().to_string();
  }
  each_probe([](const OpProbe& probe) {
    Model model;
    model.graph = graph_of(probe, false);
    model.opsets = {{"", 17}};
    if (!probe.call.domain.empty()) model.opsets[probe.call.domain] = 3;
    const auto wanted = run_op(probe.call, probe.inputs);
    ASSERT_TRUE(wanted.ok());
    std::vector<Tensor> inputs;
    for (const ValueInfo& input : model.graph.inputs) {
      const auto at = std::find(probe.call.inputs.begin(), probe.call.inputs.end(), input.name);
      inputs.push_back(probe.inputs[static_cast<std::size_t>(at - probe.call.inputs.begin())]);
    }
    for (std::size_t i = 0; i < model.graph.outputs.size() && i < wanted->size(); ++i) {
      model.graph.outputs[i] = {probe.call.outputs[i], (*wanted)[i].type(), (*wanted)[i].shape()};
    }
    const auto bytes = write_onnx(model);
    ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
    auto session = create_onnxruntime_session(*bytes, {});
    if (!session.ok() && probe.call.op == "StringSplit") return;  // of opset 20
    ASSERT_TRUE(session.ok()) << session.error().to_string();
    const auto found = (*session)->run(inputs);
    ASSERT_TRUE(found.ok()) << found.error().to_string();
    for (std::size_t i = 0; i < found->size(); ++i) expect_near((*found)[i], (*wanted)[i], 1e-5);
  });
}

}  // namespace
}  // namespace tenbin
