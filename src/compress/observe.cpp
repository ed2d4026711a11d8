// SPDX-License-Identifier: Apache-2.0
#include "compress/observe.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/inference_plan.h"
#include "engine/session.h"

namespace tenbin {
namespace {

constexpr std::int64_t kRowsAtOnce = 16;

// Makes the outputs of a graph for some rows: [rows, ...] each.
using Run = std::function<Result<std::vector<Tensor>>(const Tensor& some)>;

Result<Run> compiled_run(const Graph& graph, std::int64_t batch) {
  TENBIN_TRY(std::shared_ptr<InferencePlan> plan, InferencePlan::compile(graph, batch, 1));
  return Run([plan](const Tensor& some) -> Result<std::vector<Tensor>> {
    const std::int64_t rows = some.shape()[0];
    std::vector<Tensor> made;
    std::vector<std::span<float>> spans;
    for (const Shape& shape : plan->output_shapes()) {
      spans.push_back(made.emplace_back(ElementType::kFloat32, shape).data<float>());
    }
    const auto in = some.data<float>();
    plan->run(std::span(&in, 1), spans);
    for (Tensor& tensor : made) {
      Shape shape = tensor.shape();
      if (shape.empty() || shape[0] != plan->batch() || rows == plan->batch()) continue;
      shape[0] = rows;
      const auto count = static_cast<std::size_t>(count_of(shape));
      tensor = Tensor::of<float>(shape, std::span<const float>(tensor.data<float>()).first(count));
    }
    return made;
  });
}

Result<Run> session_run(const Graph& graph) {
  Model model;
  model.graph = graph;
  TENBIN_TRY(std::shared_ptr<Session> session, Session::create(model, {}));
  Graph ends;
  ends.inputs = graph.inputs;
  return Run([session, ends](const Tensor& some) {
    const Tensor in = as_input(ends, some);
    return session->run(std::span(&in, 1));
  });
}

Result<Run> run_of(const Graph& graph, std::int64_t batch) {
  auto compiled = compiled_run(graph, batch);
  if (compiled.ok() || compiled.error().code() != ErrorCode::kUnsupportedOp) return compiled;
  return session_run(graph);
}

Status check_floats(const std::string& name, const Tensor& tensor, std::int64_t row) {
  if (tensor.type() != ElementType::kFloat32 || tensor.shape().empty()) {
    return Error(ErrorCode::kBadValue, "value '" + name + "' is not rows of floats");
  }
  const auto data = tensor.data<float>();
  if (std::ranges::all_of(data, [](float v) { return std::isfinite(v); })) return {};
  return Error(ErrorCode::kBadValue, "value '" + name + "' is not finite on row " +
                                         std::to_string(row) + " or one of the " +
                                         std::to_string(tensor.shape()[0] - 1) + " after it");
}

Tensor slice_rows(const Tensor& rows, std::int64_t first, std::int64_t count) {
  Shape shape = rows.shape();
  const auto width = static_cast<std::size_t>(rows.count() / shape[0]);
  shape[0] = count;
  return Tensor::of<float>(shape,
                           rows.data<float>().subspan(static_cast<std::size_t>(first) * width,
                                                      static_cast<std::size_t>(count) * width));
}

}  // namespace

Tensor as_input(const Graph& graph, const Tensor& floats) {
  if (graph.inputs.front().type != ElementType::kInt64) return floats;
  Tensor out(ElementType::kInt64, floats.shape());
  std::ranges::transform(floats.data<float>(), out.data<std::int64_t>().begin(),
                         [](float v) { return static_cast<std::int64_t>(v); });
  return out;
}

Status observe(const Graph& graph, const std::vector<std::string>& values, const Tensor& rows,
               const Observer& see) {
  if (rows.type() != ElementType::kFloat32 || rows.shape().empty() || rows.count() == 0) {
    return Error(ErrorCode::kBadValue, "calibration data is " + to_text(rows.shape()) +
                                           ", expected at least one row of floats");
  }
  Graph watched = graph;
  watched.outputs.clear();
  std::vector<std::size_t> made;  // which value each output is
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (graph.find_input(values[i]) != nullptr) continue;
    watched.outputs.push_back({values[i], ElementType::kFloat32, {}, false});
    made.push_back(i);
  }
  const std::int64_t n = rows.shape()[0], batch = std::min(n, kRowsAtOnce);
  watched.inputs.front().shape = rows.shape();
  watched.inputs.front().shape[0] = -1;
  Run run;
  if (!made.empty()) {
    TENBIN_TRY(run, run_of(watched, batch));
  }
  for (std::int64_t first = 0; first < n; first += batch) {
    const Tensor some = slice_rows(rows, first, std::min(batch, n - first));
    const std::string& input = watched.inputs.front().name;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != input) continue;
      TENBIN_CHECK(check_floats(input, some, first));
      TENBIN_CHECK(see({i, first, some.shape(), some.data<float>()}));
    }
    if (made.empty()) continue;
    TENBIN_TRY(const std::vector<Tensor> out, run(some));
    for (std::size_t i = 0; i < out.size(); ++i) {
      TENBIN_CHECK(check_floats(values[made[i]], out[i], first));
      TENBIN_CHECK(see({made[i], first, out[i].shape(), out[i].data<float>()}));
    }
  }
  return {};
}

Result<Tensor> values_of(const Graph& graph, const std::string& value, const Tensor& rows) {
  std::vector<float> all;
  Shape shape;
  TENBIN_CHECK(observe(graph, {value}, rows, [&](const ObservedRows& some) -> Status {
    shape = some.shape;
    all.insert(all.end(), some.data.begin(), some.data.end());
    return {};
  }));
  shape[0] = rows.shape()[0];
  return Tensor::of<float>(shape, std::span<const float>(all));
}

}  // namespace tenbin
