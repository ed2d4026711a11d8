// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/features.h"

namespace tenbin {
namespace {

struct Linear {
  std::vector<float> weights, base;  // [outputs, columns], [outputs]
  ClassLabels labels;
  PostTransform post = PostTransform::kNone;
  std::size_t outputs = 1, columns = 0;
  bool classify = false;
};

Error bad_linear(const OpCall& call, const std::string& what) {
  return Error(ErrorCode::kBadModel, call.op + ": " + what, "node '" + call.name + "'");
}

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto m = std::make_shared<Linear>();
  m->classify = call.op == "LinearClassifier";
  m->weights = call.numbers("coefficients");
  m->base = call.numbers("intercepts");
  TENBIN_TRY(m->post, post_transform_of(call));
  if (m->classify) {
    m->labels = {call.texts("classlabels_strings"), call.integers("classlabels_ints")};
    m->outputs = m->base.empty() ? m->labels.size() : m->base.size();
    const bool one_for_two = m->outputs == 1 && m->labels.size() == 2;
    if (m->outputs == 0 || (m->labels.size() != m->outputs && !one_for_two)) {
      return bad_linear(call, std::to_string(m->labels.size()) + " labels for " +
                                  std::to_string(m->outputs) + " scores");
    }
  } else {
    const std::int64_t targets = call.integer("targets", 1);
    if (targets < 1 || static_cast<std::size_t>(targets) > m->weights.size()) {
      return bad_linear(call, std::to_string(targets) + " targets");
    }
    m->outputs = static_cast<std::size_t>(targets);
  }
  if (m->base.empty()) m->base.assign(m->outputs, 0.0F);
  if (m->weights.empty() || m->weights.size() % m->outputs != 0 || m->base.size() != m->outputs) {
    return bad_linear(call, std::to_string(m->weights.size()) + " coefficients and " +
                                std::to_string(m->base.size()) + " intercepts for " +
                                std::to_string(m->outputs) + " outputs");
  }
  m->columns = m->weights.size() / m->outputs;
  return std::shared_ptr<const void>(std::move(m));
}

void scores_of(const Linear& m, std::span<const float> row, std::span<float> out) {
  for (std::size_t k = 0; k < m.outputs; ++k) {
    double sum = static_cast<double>(m.base[k]);
    for (std::size_t i = 0; i < m.columns; ++i) {
      sum += static_cast<double>(row[i]) * static_cast<double>(m.weights[k * m.columns + i]);
    }
    out[k] = static_cast<float>(sum);
  }
}

// One score for two classes: the second is meant above 0. Its share or its margin, in two columns.
std::size_t finish_pair(const Linear& m, std::span<float> row) {
  const float score = row[0];
  if (m.post == PostTransform::kLogistic) {
    row[0] = logistic(-score);
    row[1] = logistic(score);
  } else {
    row[0] = 1 - score;
    row[1] = score;
    if (m.post != PostTransform::kNone) transform_scores(m.post, row);
  }
  return score > 0 ? 1 : 0;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& m = *static_cast<const Linear*>(prepared);
  Tensor room;
  TENBIN_TRY(const FeatureRows in, feature_rows(call, *inputs[0], room));
  if (static_cast<std::size_t>(in.columns) != m.columns) {
    return bad_operands(
        call, std::to_string(in.columns) + " columns, expected " + std::to_string(m.columns));
  }
  const std::size_t width = m.classify ? m.labels.size() : m.outputs;
  const Shape shape = {in.rows, static_cast<std::int64_t>(width)};
  TENBIN_CHECK(element_count(shape));
  Tensor scores(ElementType::kFloat32, shape);
  std::vector<std::size_t> best(static_cast<std::size_t>(in.rows));
  for (std::size_t r = 0; r < best.size(); ++r) {
    const auto row = scores.data<float>().subspan(r * width, width);
    scores_of(m, in.row(static_cast<std::int64_t>(r)), row);
    if (width != m.outputs) {
      best[r] = finish_pair(m, row);
      continue;
    }
    best[r] = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    transform_scores(m.post, row);
  }
  if (!m.classify) return one(std::move(scores));
  std::vector<Tensor> out;
  out.push_back(m.labels.pick(best));
  out.push_back(std::move(scores));
  return out;
}

std::vector<OpProbe> probes() {
  using Numbers = std::vector<float>;
  const Tensor rows = Tensor::of<float>({3, 2}, {1, 2, -3, 0.5F, 0, 0});
  const Attributes three = {{"coefficients", Numbers{1, 2, -1, 0.5F, 0, -2}},
                            {"intercepts", Numbers{0.5F, 0, 0.25F}},
                            {"classlabels_ints", std::vector<std::int64_t>{4, 5, 6}},
                            {"post_transform", std::string("SOFTMAX")}};
  Attributes each = three;
  each["post_transform"] = std::string("LOGISTIC");
  const Attributes two = {{"coefficients", Numbers{1, -2}},
                          {"intercepts", Numbers{0.5F}},
                          {"classlabels_strings", std::vector<std::string>{"no", "yes"}}};
  Attributes margin = two;
  margin["post_transform"] = std::string("LOGISTIC");
  Attributes zero = three;
  zero["post_transform"] = std::string("SOFTMAX_ZERO");
  const Attributes targets = {{"coefficients", Numbers{1, 2, -1, 0.5F}},
                              {"intercepts", Numbers{0.5F, 0}},
                              {"targets", std::int64_t{2}}};
  const auto classifier = [&](std::string_view why, const Attributes& a) {
    return OpProbe{why, op_call("LinearClassifier", 1, a, "ai.onnx.ml", 2), {rows}, {}, false};
  };
  return {classifier("shares of three classes", three),
          classifier("each class alone", each),
          classifier("one score for two classes", two),
          classifier("one margin for two classes", margin),
          classifier("shares without those of zero", zero),
          {"two targets", op_call("LinearRegressor", 1, targets, "ai.onnx.ml"), {rows}, {}, false}};
}

}  // namespace

const OpEntry& op_linear_model() {
  static const OpEntry entry{"ai.onnx.ml",
                             {"LinearClassifier", "LinearRegressor"},
                             "Weighted sums of columns.",
                             compute,
                             prepare,
                             probes};
  return entry;
}

}  // namespace tenbin
