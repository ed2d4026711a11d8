// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "base/limits.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

bool is_vector(const InferCall& call, std::size_t i) {
  const Shape* shape = call.shape(i);
  return shape != nullptr && shape->size() == 1;
}

// Shapes that are put together from pieces.
void fold_concat(InferCall& call) {
  std::vector<std::int64_t> joined;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    if (call.integers(i) == nullptr || !is_vector(call, i)) return;
    joined.insert(joined.end(), call.integers(i)->begin(), call.integers(i)->end());
  }
  if (joined.size() <= limits::kTensorRank) call.outputs[0].integers = std::move(joined);
}

Status infer_concat(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  if (call.inputs.empty()) return call.bad_shape("no input");
  std::optional<Shape> out;
  std::size_t axis = 0;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const Shape* shape = call.shape(i);
    if (shape == nullptr) return {};
    if (!out) {
      TENBIN_TRY(axis, normal_axis(call.call.integer("axis", 1), shape->size()));
      out = *shape;
      continue;
    }
    if (shape->size() != out->size()) {
      return call.bad_shape("inputs " + to_text(*out) + " and " + to_text(*shape));
    }
    for (std::size_t d = 0; d < shape->size(); ++d) {
      std::int64_t& size = (*out)[d];
      const std::int64_t other = (*shape)[d];
      if (d == axis) {
        size = size < 0 || other < 0 ? -1 : size + other;
      } else if (size >= 0 && other >= 0 && size != other) {
        return call.bad_shape("inputs " + to_text(*out) + " and " + to_text(*shape) +
                              " differ off the axis");
      } else {
        size = std::max(size, other);
      }
    }
  }
  call.set(0, call.type(0), std::move(out));
  if (!call.outputs.empty()) fold_concat(call);
  return {};
}

struct Range {
  std::int64_t start, end, step;
};

// Number of elements of a Python-like slice of a known size.
std::int64_t slice_count(Range range, std::int64_t size) {
  const auto wrap = [size](std::int64_t at) {
    return at < 0 ? std::max(at, -size - 1) + size : at;
  };
  if (range.step > 0) {
    const std::int64_t begin = std::clamp<std::int64_t>(wrap(range.start), 0, size);
    const std::int64_t end = std::clamp<std::int64_t>(wrap(range.end), 0, size);
    if (end <= begin) return 0;
    return (end - begin - 1) / range.step + 1;
  }
  const std::int64_t begin = std::clamp<std::int64_t>(wrap(range.start), -1, size - 1);
  const std::int64_t end =
      std::clamp<std::int64_t>(range.end < -size ? -1 : wrap(range.end), -1, size - 1);
  if (begin <= end) return 0;
  const std::int64_t back = range.step == INT64_MIN ? INT64_MAX : -range.step;
  return (begin - end - 1) / back + 1;
}

void fold_slice(InferCall& call, Range range) {
  const auto* values = call.integers(0);
  if (values == nullptr || !is_vector(call, 0) || range.step != 1) return;
  const auto size = static_cast<std::int64_t>(values->size());
  const std::int64_t count = slice_count(range, size);
  const std::int64_t begin = std::clamp<std::int64_t>(
      range.start < 0 ? std::max(range.start, -size) + size : range.start, 0, size);
  call.outputs[0].integers.emplace(values->begin() + begin, values->begin() + begin + count);
}

Status infer_slice(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  const auto starts = call.integers_of("starts", 1);
  const auto ends = call.integers_of("ends", 2);
  auto axes = call.integers_of("axes", 3);
  auto steps = call.integers_of("steps", 4);
  Shape out = *src;
  const bool axes_given = call.has(3) || call.call.find("axes") != nullptr;
  if (axes_given && !axes) {
    call.set(0, call.type(0), Shape(src->size(), -1));
    return {};
  }
  const std::size_t count = starts ? starts->size() : ends ? ends->size() : src->size();
  if (!axes) {
    axes.emplace();
    for (std::size_t i = 0; i < count; ++i) axes->push_back(static_cast<std::int64_t>(i));
  }
  const bool steps_known = steps.has_value() || !call.has(4);
  if (!steps) steps.emplace(axes->size(), 1);
  const bool known = starts && ends && steps_known;
  if (known && (starts->size() != axes->size() || ends->size() != axes->size() ||
                steps->size() != axes->size())) {
    return call.bad_shape("starts, ends, axes and steps of different lengths");
  }
  for (std::size_t i = 0; i < axes->size(); ++i) {
    TENBIN_TRY(const std::size_t axis, normal_axis((*axes)[i], src->size()));
    if (known && (*steps)[i] == 0) return call.bad_shape("step of 0");
    const bool sized = known && (*src)[axis] >= 0;
    out[axis] = sized ? slice_count({(*starts)[i], (*ends)[i], (*steps)[i]}, (*src)[axis]) : -1;
  }
  call.set(0, call.type(0), std::move(out));
  if (known && axes->size() == 1 && !call.outputs.empty()) {
    fold_slice(call, {(*starts)[0], (*ends)[0], (*steps)[0]});
  }
  return {};
}

Status infer_gather(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape *src = call.shape(0), *indices = call.shape(1);
  if (src == nullptr || indices == nullptr) return {};
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", 0), src->size()));
  const auto at = src->begin() + static_cast<std::ptrdiff_t>(axis);
  Shape out(src->begin(), at);
  out.insert(out.end(), indices->begin(), indices->end());
  out.insert(out.end(), at + 1, src->end());
  call.set(0, call.type(0), std::move(out));
  const auto *values = call.integers(0), *wanted = call.integers(1);
  if (values == nullptr || wanted == nullptr || src->size() != 1 || call.outputs.empty()) return {};
  std::vector<std::int64_t> picked;
  const auto size = static_cast<std::int64_t>(values->size());
  for (const std::int64_t index : *wanted) {
    const std::int64_t place = index < 0 && index != kUnknownElement ? index + size : index;
    const bool inside = place >= 0 && place < size;
    picked.push_back(inside ? (*values)[static_cast<std::size_t>(place)] : kUnknownElement);
  }
  call.outputs[0].integers = std::move(picked);
  return {};
}

Status infer_gather_elements(InferCall& call) {
  const Shape* indices = call.shape(1);
  call.set(0, call.type(0), indices == nullptr ? std::nullopt : std::optional<Shape>(*indices));
  return {};
}

Status infer_split(InferCall& call) {
  for (std::size_t i = 0; i < call.outputs.size(); ++i) call.set(i, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr || call.outputs.empty()) return {};
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", 0), src->size()));
  const auto parts = static_cast<std::int64_t>(call.outputs.size());
  const std::int64_t size = (*src)[axis];
  const auto sizes = call.integers_of("split", 1);
  if (sizes && sizes->size() != call.outputs.size()) {
    return call.bad_shape(std::to_string(sizes->size()) + " sizes for " + std::to_string(parts) +
                          " outputs");
  }
  const bool given = call.has(1) || call.call.find("split") != nullptr;
  const std::int64_t each = size < 0 ? -1 : (size + parts - 1) / parts;
  std::int64_t rest = size, sum = 0;
  for (std::size_t i = 0; i < call.outputs.size(); ++i) {
    Shape out = *src;
    if (sizes) {
      out[axis] = std::clamp<std::int64_t>((*sizes)[i], -1, limits::kTensorElements);
      sum += out[axis];
    } else if (given || size < 0) {
      out[axis] = -1;
    } else {
      out[axis] = std::min(each, rest);
      rest -= out[axis];
    }
    call.set(i, call.type(0), std::move(out));
  }
  if (sizes && size >= 0 && sum != size) {
    return call.bad_shape("sizes of " + std::to_string(sum) + " in all, expected " +
                          std::to_string(size));
  }
  return {};
}

Status infer_pad(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  const char* name = call.call.find("paddings") != nullptr ? "paddings" : "pads";
  const auto pads = call.integers_of(name, 1);
  const auto axes = call.integers_of("axes", 3);
  Shape out(src->size(), -1);
  if (!pads || (call.has(3) && !axes)) {
    call.set(0, call.type(0), std::move(out));
    return {};
  }
  out = *src;
  const std::size_t count = axes ? axes->size() : src->size();
  if (pads->size() != 2 * count) {
    return call.bad_shape("pads of " + std::to_string(pads->size()) + " values, expected " +
                          std::to_string(2 * count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t axis = i;
    if (axes) {
      TENBIN_TRY(axis, normal_axis((*axes)[i], src->size()));
    }
    const std::int64_t before = (*pads)[i], after = (*pads)[i + count];
    if (std::max(before, after) > limits::kTensorElements ||
        std::min(before, after) < -limits::kTensorElements) {
      return call.bad_shape("padding past every limit");
    }
    if (out[axis] < 0) continue;
    out[axis] += before + after;
    if (out[axis] < 0) return call.bad_shape("padding removes more than there is");
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

}  // namespace

const SchemaFamily& schema_pieces();
const SchemaFamily& schema_pieces() {
  static const SchemaFamily family{
      "pieces",
      {{"", {"Concat"}, "Inputs one after another along an axis.", infer_concat, nullptr, {}, {}},
       {"", {"Slice"}, "A range of each axis.", infer_slice, nullptr, {}, {}},
       {"", {"Gather"}, "Entries of an axis by index.", infer_gather, nullptr, {0}, {}},
       {"", {"GatherElements"}, "Elements by index.", infer_gather_elements, nullptr, {}, {}},
       {"", {"Split"}, "Parts along an axis.", infer_split, nullptr, {}, {}},
       {"", {"Pad"}, "A border around each axis.", infer_pad, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin
