// SPDX-License-Identifier: Apache-2.0
#include "engine/features.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tenbin {
namespace {

constexpr auto kPosts = std::to_array<std::pair<std::string_view, PostTransform>>({
    {"NONE", PostTransform::kNone},
    {"LOGISTIC", PostTransform::kLogistic},
    {"SOFTMAX", PostTransform::kSoftmax},
    {"SOFTMAX_ZERO", PostTransform::kSoftmaxZero},
    {"PROBIT", PostTransform::kProbit},
});

void softmax(std::span<float> row, bool keep_zeros) {
  const float top = *std::max_element(row.begin(), row.end());
  float sum = 0;
  for (float& x : row) {
    if (keep_zeros && std::fabs(x) <= 1e-7F) {
      x *= std::exp(-top);
    } else {
      sum += x = std::exp(x - top);
    }
  }
  if (sum == 0) return;
  for (float& x : row) x /= sum;
}

// Inverse of the normal distribution by Winitzki's formula, as the other engines have it.
float probit(float x) {
  constexpr float kA = 0.147F, kPi = 3.14159265F;
  const float y = 2 * x - 1;
  const float log = std::log((1 - y) * (1 + y));
  const float half = 2 / (kPi * kA) + 0.5F * log;
  const float size = std::sqrt(std::sqrt(half * half - log / kA) - half);
  return 1.41421356F * (y < 0 ? -size : size);
}

}  // namespace

float logistic(float x) { return 1.0F / (1.0F + std::exp(-x)); }

Result<FeatureRows> feature_rows(const OpCall& call, const Tensor& in, Tensor& room) {
  const std::size_t rank = in.shape().size();
  if (rank == 0 || rank > 2) return bad_operands(call, "features " + to_text(in.shape()));
  const auto wide = [](auto x) { return static_cast<float>(x); };
  const Tensor* from = &room;
  switch (in.type()) {
    case ElementType::kFloat32: from = &in; break;
    case ElementType::kFloat64: room = unary<double, float>(in, wide); break;
    case ElementType::kInt64: room = unary<std::int64_t, float>(in, wide); break;
    case ElementType::kInt32: room = unary<std::int32_t, float>(in, wide); break;
    default: return bad_element_type(call, in.type(), "float32, float64, int64 or int32");
  }
  return FeatureRows{rank == 2 ? in.shape()[0] : 1, in.shape().back(), from->data<float>()};
}

Result<PostTransform> post_transform_of(const OpCall& call) {
  const std::string name = call.text("post_transform", "NONE");
  for (const auto& [known, post] : kPosts) {
    if (known == name) return post;
  }
  return Error(ErrorCode::kBadModel,
               call.op + ": post_transform '" + name +
                   "', expected one of NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO, PROBIT",
               "node '" + call.name + "'");
}

void transform_scores(PostTransform post, std::span<float> row) {
  if (row.empty()) return;
  switch (post) {
    case PostTransform::kNone: return;
    case PostTransform::kLogistic:
      for (float& x : row) x = logistic(x);
      return;
    case PostTransform::kSoftmax: softmax(row, false); return;
    case PostTransform::kSoftmaxZero: softmax(row, true); return;
    case PostTransform::kProbit:
      for (float& x : row) x = probit(x);
      return;
  }
}

Tensor ClassLabels::pick(std::span<const std::size_t> classes) const {
  const Shape shape = {static_cast<std::int64_t>(classes.size())};
  Tensor out(texts.empty() ? ElementType::kInt64 : ElementType::kString, shape);
  for (std::size_t r = 0; r < classes.size(); ++r) {
    if (texts.empty()) {
      out.data<std::int64_t>()[r] = integers[classes[r]];
    } else {
      out.data<std::string>()[r] = texts[classes[r]];
    }
  }
  return out;
}

}  // namespace tenbin
