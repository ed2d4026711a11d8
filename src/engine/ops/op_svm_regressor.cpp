// SPDX-License-Identifier: Apache-2.0
#include "engine/svm.h"

namespace tenbin {
namespace {

struct Regressor {
  SvmKernel kernel;
  std::vector<float> vectors, weights;  // [supports, columns] and [supports]; or none and [columns]
  float base = 0;
  bool one_class = false;
  std::size_t columns = 0;
  PostTransform post = PostTransform::kNone;
};

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto m = std::make_shared<Regressor>();
  TENBIN_TRY(m->kernel, svm_kernel_of(call));
  TENBIN_TRY(m->post, post_transform_of(call));
  m->vectors = call.numbers("support_vectors");
  m->weights = call.numbers("coefficients");
  const auto rho = call.numbers("rho");
  m->base = rho.empty() ? 0 : rho[0];
  m->one_class = call.integer("one_class", 0) != 0;
  const std::int64_t supports = call.integer("n_supports", 0);
  const auto count = static_cast<std::size_t>(supports);
  const bool fits = supports > 0 ? m->weights.size() == count && m->vectors.size() % count == 0
                                 : supports == 0 && m->vectors.empty();
  if (!fits || m->weights.empty()) {
    return Error(ErrorCode::kBadModel,
                 call.op + ": " + std::to_string(m->vectors.size()) + " support_vectors and " +
                     std::to_string(m->weights.size()) + " coefficients for n_supports " +
                     std::to_string(supports),
                 "node '" + call.name + "'");
  }
  m->columns = supports > 0 ? m->vectors.size() / count : m->weights.size();
  return std::shared_ptr<const void>(std::move(m));
}

double value_of(const Regressor& m, std::span<const float> row) {
  if (m.vectors.empty()) return m.kernel(row, m.weights) + static_cast<double>(m.base);
  double sum = static_cast<double>(m.base);
  for (std::size_t s = 0; s < m.weights.size(); ++s) {
    const std::span<const float> vector(m.vectors.data() + s * m.columns, m.columns);
    sum += static_cast<double>(m.weights[s]) * m.kernel(row, vector);
  }
  return sum;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& m = *static_cast<const Regressor*>(prepared);
  Tensor room;
  TENBIN_TRY(const FeatureRows in, feature_rows(call, *inputs[0], room));
  if (static_cast<std::size_t>(in.columns) != m.columns) {
    return bad_operands(
        call, std::to_string(in.columns) + " columns, expected " + std::to_string(m.columns));
  }
  Tensor out(ElementType::kFloat32, {in.rows, 1});
  const auto to = out.data<float>();
  for (std::int64_t r = 0; r < in.rows; ++r) {
    float& y = to[static_cast<std::size_t>(r)];
    y = static_cast<float>(value_of(m, in.row(r)));
    if (m.one_class) y = y > 0 ? 1.0F : -1.0F;
    transform_scores(m.post, {&y, 1});
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  using Numbers = std::vector<float>;
  const Tensor rows = Tensor::of<float>({3, 2}, {1, 2, -1, 0.5F, 0, 0});
  const auto probe = [&](std::string_view why, const std::string& kernel, Attributes more) {
    more["kernel_type"] = kernel;
    return OpProbe{
        why, op_call("SVMRegressor", 1, std::move(more), "ai.onnx.ml"), {rows}, {}, false};
  };
  const Attributes supports = {{"support_vectors", Numbers{1, 0, 0.5F, 2}},
                               {"coefficients", Numbers{1.5F, -0.5F}},
                               {"rho", Numbers{0.25F}},
                               {"n_supports", std::int64_t{2}},
                               {"kernel_params", Numbers{0.5F, 1, 3}}};
  Attributes single = supports;
  single["one_class"] = std::int64_t{1};
  return {probe("distances", "RBF", supports), probe("powers", "POLY", supports),
          probe("bounded products", "SIGMOID", supports),
          probe("inside or outside", "LINEAR", single),
          probe("weights alone", "LINEAR",
                {{"coefficients", Numbers{2, 3}},
                 {"rho", Numbers{-1}},
                 {"kernel_params", Numbers{0, 0, 0}}})};
}

}  // namespace

const OpEntry& op_svm_regressor() {
  static const OpEntry entry{"ai.onnx.ml", {"SVMRegressor"}, "Weighted distances to vectors.",
                             compute,      prepare,          probes};
  return entry;
}

}  // namespace tenbin
