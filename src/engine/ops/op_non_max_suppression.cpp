// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "engine/typed.h"

namespace tenbin {
namespace {

struct Box {
  float top, left, bottom, right;
};

Box box_of(const float* at, bool by_centre) {
  if (by_centre) {
    return {at[1] - at[3] / 2, at[0] - at[2] / 2, at[1] + at[3] / 2, at[0] + at[2] / 2};
  }
  return {std::min(at[0], at[2]), std::min(at[1], at[3]), std::max(at[0], at[2]),
          std::max(at[1], at[3])};
}

// Share of the union that two boxes have in common.
float overlap(const Box& a, const Box& b) {
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0) return 0;
  const float common = height * width;
  const auto area = [](const Box& x) { return (x.bottom - x.top) * (x.right - x.left); };
  const float joined = area(a) + area(b) - common;
  return joined > 0 ? common / joined : 0;
}

struct Options {
  std::int64_t most = 0;  // boxes of a class
  float overlap = 0, score = -std::numeric_limits<float>::infinity();
};

// Boxes of one class of one image, best first, none overlapping one that was taken before.
std::vector<std::int64_t> chosen(const Options& o, std::span<const float> scores,
                                 const std::vector<Box>& boxes) {
  std::vector<std::int64_t> order, out;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > o.score) order.push_back(static_cast<std::int64_t>(i));
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
  for (const std::int64_t i : order) {
    if (static_cast<std::int64_t>(out.size()) >= o.most) break;
    const bool covered = std::any_of(out.begin(), out.end(), [&](std::int64_t taken) {
      return overlap(boxes[static_cast<std::size_t>(i)], boxes[static_cast<std::size_t>(taken)]) >
             o.overlap;
    });
    if (!covered) out.push_back(i);
  }
  return out;
}

Result<Options> options_of(const OpCall& call, OpInputs inputs) {
  Options o;
  if (const Tensor* most = input_of(inputs, 2); most != nullptr) {
    TENBIN_TRY(const auto given, integers_of(call, *most));
    if (given.size() != 1) return bad_operands(call, "more than one limit of boxes");
    o.most = given[0];
  }
  if (const Tensor* share = input_of(inputs, 3); share != nullptr) {
    TENBIN_TRY(const double given, number_of(call, *share));
    o.overlap = static_cast<float>(given);
  }
  if (const Tensor* score = input_of(inputs, 4); score != nullptr) {
    TENBIN_TRY(const double given, number_of(call, *score));
    o.score = static_cast<float>(given);
  }
  return o;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor &boxes = *inputs[0], &scores = *inputs[1];
  TENBIN_CHECK(need_type(call, boxes, ElementType::kFloat32));
  TENBIN_CHECK(need_type(call, scores, ElementType::kFloat32));
  const Shape &b = boxes.shape(), &s = scores.shape();
  if (b.size() != 3 || b[2] != 4 || s.size() != 3 || s[0] != b[0] || s[2] != b[1]) {
    return bad_operands(call, "boxes " + to_text(b) + " and scores " + to_text(s));
  }
  TENBIN_TRY(const Options o, options_of(call, inputs));
  const bool by_centre = call.integer("center_point_box", 0) != 0;
  std::vector<std::int64_t> found;
  for (std::int64_t image = 0; image < b[0]; ++image) {
    std::vector<Box> all;
    for (std::int64_t i = 0; i < b[1]; ++i) {
      all.push_back(box_of(boxes.data<float>().data() + (image * b[1] + i) * 4, by_centre));
    }
    for (std::int64_t c = 0; c < s[1]; ++c) {
      const auto at = static_cast<std::size_t>((image * s[1] + c) * s[2]);
      const auto of_class = scores.data<float>().subspan(at, static_cast<std::size_t>(s[2]));
      for (const std::int64_t i : chosen(o, of_class, all)) {
        found.insert(found.end(), {image, c, i});
      }
    }
  }
  const auto rows = static_cast<std::int64_t>(found.size() / 3);
  return one(Tensor::of<std::int64_t>({rows, 3}, std::span<const std::int64_t>(found)));
}

std::vector<OpProbe> probes() {
  return {{"two of three",
           op_call("NonMaxSuppression", 4),
           {Tensor::of<float>({1, 3, 4}, {0, 0, 1, 1, 0, 0.1F, 1, 1.1F, 0, 10, 1, 11}),
            Tensor::of<float>({1, 1, 3}, {0.9F, 0.75F, 0.6F}), Tensor::of<std::int64_t>({1}, {3}),
            Tensor::of<float>({1}, {0.5F})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_non_max_suppression() {
  static const OpEntry entry{
      "", {"NonMaxSuppression"}, "The best boxes that do not overlap.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
