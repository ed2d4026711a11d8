// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include "base/limits.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

Status infer_depth(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  const std::int64_t block = call.call.integer("blocksize", 0);
  if (src->size() != 4 || block < 1 || block > INT16_MAX) {
    return call.bad_shape(to_text(*src) + " in blocks of " + std::to_string(block));
  }
  const bool to_space = call.call.op == "DepthToSpace";
  const auto change = [&](std::int64_t size, std::int64_t by, bool grows) {
    return size < 0 ? -1 : grows ? size * by : size / by;
  };
  call.set(0, call.type(0),
           Shape{(*src)[0], change((*src)[1], block * block, !to_space),
                 change((*src)[2], block, to_space), change((*src)[3], block, to_space)});
  return {};
}

// Scales of a constant, or of the attribute that old operator sets had.
std::vector<double> scales_of(const InferCall& call, std::size_t i) {
  std::vector<double> out;
  const Tensor* constant = call.has(i) ? call.inputs[i]->constant : nullptr;
  if (constant != nullptr && constant->type() == ElementType::kFloat32) {
    for (const float scale : constant->data<float>()) out.push_back(static_cast<double>(scale));
  }
  for (const float scale : call.call.numbers("scales")) out.push_back(static_cast<double>(scale));
  return out;
}

Status infer_resize(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  const bool early = call.call.op == "Upsample" || call.call.opset < 11;
  Shape out(src->size(), -1);
  const std::vector<double> scales = scales_of(call, early ? 1 : 2);
  const auto* sizes = early ? nullptr : call.integers(3);
  std::vector<std::int64_t> axes = call.call.integers("axes");
  if (axes.empty()) {
    for (std::size_t d = 0; d < src->size(); ++d) axes.push_back(static_cast<std::int64_t>(d));
  } else {
    out = *src;
  }
  const std::size_t given = sizes != nullptr ? sizes->size() : scales.size();
  if (given != 0 && given != axes.size()) {
    return call.bad_shape(std::to_string(given) + " sizes or scales for " +
                          std::to_string(axes.size()) + " axes");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    TENBIN_TRY(const std::size_t d, normal_axis(axes[i], src->size()));
    out[d] = -1;
    if (sizes != nullptr && i < sizes->size()) {
      out[d] = std::max<std::int64_t>((*sizes)[i], -1);
    } else if (!scales.empty() && (*src)[d] >= 0) {
      const double size = std::floor(static_cast<double>((*src)[d]) * scales[i]);
      if (!(size >= 0 && size <= static_cast<double>(limits::kTensorElements))) {
        return call.bad_shape("scale of " + std::to_string(scales[i]));
      }
      out[d] = static_cast<std::int64_t>(size);
    }
  }
  const bool stretches = call.call.text("keep_aspect_ratio_policy", "stretch") == "stretch";
  if (!stretches) std::fill(out.begin(), out.end(), -1);
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_grid_sample(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape *src = call.shape(0), *grid = call.shape(1);
  if (src == nullptr || grid == nullptr) return {};
  if (src->size() < 3 || grid->size() != src->size()) {
    return call.bad_shape("grid " + to_text(*grid) + " of " + to_text(*src));
  }
  Shape out = {(*src)[0], (*src)[1]};
  out.insert(out.end(), grid->begin() + 1, grid->end() - 1);
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_roi_align(InferCall& call) {
  const Shape *src = call.shape(0), *regions = call.shape(1);
  const std::int64_t channels = src == nullptr || src->size() != 4 ? -1 : (*src)[1];
  const std::int64_t count = regions == nullptr || regions->empty() ? -1 : (*regions)[0];
  call.set(0, call.type(0),
           Shape{count, channels, call.call.integer("output_height", 1),
                 call.call.integer("output_width", 1)});
  return {};
}

Status infer_suppression(InferCall& call) {
  call.set(0, ElementType::kInt64, Shape{-1, 3});
  return {};
}

Status infer_unpool(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src != nullptr) call.set(0, call.type(0), Shape(src->size(), -1));
  return {};
}

// Sizes that an operand gives, as far as they are known and possible.
std::optional<Shape> sizes_of(const InferCall& call, std::size_t i) {
  const auto* known = call.integers(i);
  if (known == nullptr) return std::nullopt;
  Shape out = *known;
  for (std::int64_t& size : out) {
    if (size < 0 || size > limits::kTensorElements) size = -1;
  }
  return out;
}

Status infer_centre(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  const auto sizes = sizes_of(call, 1);
  if (src == nullptr) return {};
  Shape out = *src;
  std::vector<std::int64_t> axes = call.call.integers("axes");
  if (axes.empty()) {
    for (std::size_t d = 0; d < src->size(); ++d) axes.push_back(static_cast<std::int64_t>(d));
  }
  if (sizes && sizes->size() != axes.size()) {
    return call.bad_shape(std::to_string(sizes->size()) + " sizes for " +
                          std::to_string(axes.size()) + " axes");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    TENBIN_TRY(const std::size_t d, normal_axis(axes[i], src->size()));
    out[d] = sizes ? (*sizes)[i] : -1;
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_col2im(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  const auto image = sizes_of(call, 1);
  if (!image) return {};
  Shape out = {src == nullptr || src->empty() ? -1 : (*src)[0], -1};
  out.insert(out.end(), image->begin(), image->end());
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_affine_grid(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const auto sizes = sizes_of(call, 1);
  if (!sizes) return {};
  if (sizes->size() < 4) return call.bad_shape("an image of sizes " + to_text(*sizes));
  Shape out = {(*sizes)[0]};
  out.insert(out.end(), sizes->begin() + 2, sizes->end());
  out.push_back(static_cast<std::int64_t>(sizes->size()) - 2);
  call.set(0, call.type(0), std::move(out));
  return {};
}

}  // namespace

const SchemaFamily& schema_image();
const SchemaFamily& schema_image() {
  static const SchemaFamily family{
      "image",
      {{"",
        {"DepthToSpace", "SpaceToDepth"},
        "Channels into blocks of pixels and back.",
        infer_depth,
        nullptr,
        {},
        {}},
       {"", {"Resize", "Upsample"}, "Another size.", infer_resize, nullptr, {}, {}},
       {"", {"GridSample"}, "Pixels at given places.", infer_grid_sample, nullptr, {}, {}},
       {"", {"CenterCropPad"}, "The middle of some axes.", infer_centre, nullptr, {}, {}},
       {"", {"Col2Im"}, "Blocks put together.", infer_col2im, nullptr, {}, {}},
       {"", {"AffineGrid"}, "Places of a moved image.", infer_affine_grid, nullptr, {}, {}},
       {"", {"RoiAlign"}, "Regions brought to one size.", infer_roi_align, nullptr, {}, {}},
       {"", {"NonMaxSuppression"}, "The best boxes.", infer_suppression, nullptr, {}, {}},
       {"", {"MaxUnpool"}, "Elements back in their places.", infer_unpool, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin
