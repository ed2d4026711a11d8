// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/svm.h"

namespace tenbin {
namespace {

struct Classifier {
  SvmKernel kernel;
  ClassLabels labels;
  std::vector<float> vectors, weights, base, prob_a, prob_b;
  std::vector<std::size_t> starts;  // of each class among the vectors, and their number
  std::size_t columns = 0, supports = 0;
  PostTransform post = PostTransform::kNone;
  std::size_t pairs() const { return labels.size() * (labels.size() - 1) / 2; }
  bool shares() const { return !prob_a.empty(); }
};

Error bad_svm(const OpCall& call, const std::string& what) {
  return Error(ErrorCode::kBadModel, call.op + ": " + what, "node '" + call.name + "'");
}

// Vectors of each class in turn; weights [classes - 1, supports], one base a pair of classes.
Status check_supports(const OpCall& call, Classifier& m) {
  const auto counts = call.integers("vectors_per_class");
  const std::size_t k = m.labels.size();
  std::size_t total = 0;
  m.starts.push_back(0);
  for (const std::int64_t count : counts) {
    if (count < 0 || count > INT32_MAX) return bad_svm(call, "vectors_per_class below 0");
    m.starts.push_back(total += static_cast<std::size_t>(count));
  }
  m.supports = total;
  if (counts.size() != k || total == 0 || m.vectors.size() % total != 0 || m.vectors.empty()) {
    return bad_svm(call, std::to_string(m.vectors.size()) + " support_vectors for " +
                             std::to_string(total) + " vectors of " + std::to_string(k) +
                             " classes");
  }
  m.columns = m.vectors.size() / total;
  if (k < 2 || m.weights.size() != (k - 1) * total || m.base.size() != m.pairs()) {
    return bad_svm(call, std::to_string(m.weights.size()) + " coefficients and " +
                             std::to_string(m.base.size()) + " rho for " + std::to_string(k) +
                             " classes");
  }
  if (m.shares() && (m.prob_a.size() != m.pairs() || m.prob_b.size() != m.pairs())) {
    return bad_svm(call, "prob_a and prob_b, expected one each for each pair of classes");
  }
  return {};
}

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto m = std::make_shared<Classifier>();
  TENBIN_TRY(m->kernel, svm_kernel_of(call));
  TENBIN_TRY(m->post, post_transform_of(call));
  m->labels = {call.texts("classlabels_strings"), call.integers("classlabels_ints")};
  m->vectors = call.numbers("support_vectors");
  m->weights = call.numbers("coefficients");
  m->base = call.numbers("rho");
  m->prob_a = call.numbers("prob_a");
  m->prob_b = call.numbers("prob_b");
  const std::size_t k = m->labels.size();
  if (k == 0) return bad_svm(call, "no labels");
  if (!call.integers("vectors_per_class").empty()) {
    TENBIN_CHECK(check_supports(call, *m));
  } else {
    if (m->weights.empty() || m->weights.size() % k != 0 || m->base.empty()) {
      return bad_svm(call, std::to_string(m->weights.size()) + " coefficients and " +
                               std::to_string(m->base.size()) + " rho for " + std::to_string(k) +
                               " classes");
    }
    m->prob_a.clear();
    m->columns = m->weights.size() / k;
  }
  return std::shared_ptr<const void>(std::move(m));
}

// The sum of each pair of classes; above 0 it speaks for the first. Votes decide.
std::size_t decide_pairs(const Classifier& m, std::span<const float> row,
                         std::vector<double>& sums) {
  std::vector<double> near(m.supports);
  for (std::size_t s = 0; s < m.supports; ++s) {
    near[s] = m.kernel(row, {m.vectors.data() + s * m.columns, m.columns});
  }
  const std::size_t k = m.labels.size();
  std::vector<int> votes(k, 0);
  sums.clear();
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = i + 1; j < k; ++j) {
      double sum = static_cast<double>(m.base[sums.size()]);
      const float* first = m.weights.data() + (j - 1) * m.supports;
      const float* second = m.weights.data() + i * m.supports;
      for (std::size_t s = m.starts[i]; s < m.starts[i + 1]; ++s) {
        sum += static_cast<double>(first[s]) * near[s];
      }
      for (std::size_t s = m.starts[j]; s < m.starts[j + 1]; ++s) {
        sum += static_cast<double>(second[s]) * near[s];
      }
      ++votes[sum > 0 ? i : j];
      sums.push_back(sum);
    }
  }
  return static_cast<std::size_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
}

std::vector<double> shares_of(const Classifier& m, const std::vector<double>& sums) {
  const std::size_t k = m.labels.size();
  std::vector<double> pairs(k * k, 0);
  std::size_t at = 0;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = i + 1; j < k; ++j, ++at) {
      const double x =
          sums[at] * static_cast<double>(m.prob_a[at]) + static_cast<double>(m.prob_b[at]);
      const double share = std::clamp(1 / (1 + std::exp(x)), 1e-7, 1 - 1e-7);
      pairs[i * k + j] = share;
      pairs[j * k + i] = 1 - share;
    }
  }
  return couple_pairs(pairs, k);
}

// Fills the scores of a row; the number of its class.
std::size_t finish_row(const Classifier& m, std::span<const float> row, std::span<float> out) {
  std::vector<double> scores;
  std::size_t best = 0;
  if (m.supports > 0) {
    best = decide_pairs(m, row, scores);
    if (m.shares()) scores = shares_of(m, scores);
  } else {
    for (std::size_t c = 0; c < m.labels.size(); ++c) {
      scores.push_back(m.kernel(row, {m.weights.data() + c * m.columns, m.columns}) +
                       static_cast<double>(m.base[0]));
    }
    best =
        static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  }
  if (scores.size() == 1) {  // one pair: a column for each of its classes
    const auto sum = static_cast<float>(scores[0]);
    const bool plain = m.post == PostTransform::kNone;
    out[0] = plain ? -sum : 1 - sum;
    out[1] = sum;
    if (m.post == PostTransform::kProbit) transform_scores(m.post, out);
    return best;
  }
  std::transform(scores.begin(), scores.end(), out.begin(),
                 [](double x) { return static_cast<float>(x); });
  transform_scores(m.post, out);
  return best;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& m = *static_cast<const Classifier*>(prepared);
  Tensor room;
  TENBIN_TRY(const FeatureRows in, feature_rows(call, *inputs[0], room));
  if (static_cast<std::size_t>(in.columns) != m.columns) {
    return bad_operands(
        call, std::to_string(in.columns) + " columns, expected " + std::to_string(m.columns));
  }
  const std::size_t k = m.labels.size();
  const std::size_t width = m.supports > 0 && !m.shares() ? std::max<std::size_t>(m.pairs(), 2) : k;
  const Shape shape = {in.rows, static_cast<std::int64_t>(width)};
  TENBIN_CHECK(element_count(shape));
  Tensor scores(ElementType::kFloat32, shape);
  std::vector<std::size_t> best(static_cast<std::size_t>(in.rows));
  for (std::size_t r = 0; r < best.size(); ++r) {
    best[r] = finish_row(m, in.row(static_cast<std::int64_t>(r)),
                         scores.data<float>().subspan(r * width, width));
  }
  std::vector<Tensor> out;
  out.push_back(m.labels.pick(best));
  out.push_back(std::move(scores));
  return out;
}

std::vector<OpProbe> probes() {
  using Numbers = std::vector<float>;
  const Tensor rows = Tensor::of<float>({4, 2}, {1, 2, -1, 0.5F, 0, 0, 2, -1});
  const Attributes two = {{"kernel_type", std::string("RBF")},
                          {"kernel_params", Numbers{0.5F, 0, 3}},
                          {"support_vectors", Numbers{1, 0, 0.5F, 2, -1, 0}},
                          {"vectors_per_class", std::vector<std::int64_t>{2, 1}},
                          {"coefficients", Numbers{1.5F, 0.5F, -2}},
                          {"rho", Numbers{0.25F}},
                          {"classlabels_ints", std::vector<std::int64_t>{3, 7}}};
  Attributes three = two;
  three["vectors_per_class"] = std::vector<std::int64_t>{1, 1, 1};
  three["coefficients"] = Numbers{1, 0.5F, -1, 0.75F, -1, -0.5F};
  three["rho"] = Numbers{0.25F, -0.1F, 0.05F};
  three["classlabels_ints"] = std::vector<std::int64_t>{0, 1, 2};
  Attributes shares = three;
  shares["prob_a"] = Numbers{-1, -2, -1.5F};
  shares["prob_b"] = Numbers{0.1F, 0, -0.1F};
  Attributes pair_shares = two;
  pair_shares["prob_a"] = Numbers{-1};
  pair_shares["prob_b"] = Numbers{0.1F};
  const Attributes weights = {{"coefficients", Numbers{1, -1, 0.5F, 2, -0.5F, 0.25F}},
                              {"rho", Numbers{0.1F}},
                              {"kernel_params", Numbers{0, 0, 0}},
                              {"classlabels_strings", std::vector<std::string>{"a", "b", "c"}}};
  const auto probe = [&](std::string_view why, const Attributes& a) {
    return OpProbe{why, op_call("SVMClassifier", 1, a, "ai.onnx.ml", 2), {rows}, {}, false};
  };
  return {probe("one pair", two), probe("votes of three pairs", three),
          probe("shares of three classes", shares), probe("shares of one pair", pair_shares),
          probe("weights alone", weights)};
}

}  // namespace

const OpEntry& op_svm_classifier() {
  static const OpEntry entry{"ai.onnx.ml", {"SVMClassifier"}, "Classes by support vectors.",
                             compute,      prepare,           probes};
  return entry;
}

}  // namespace tenbin
