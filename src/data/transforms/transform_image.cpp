// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "data/transforms/fragment_builder.h"
#include "data/transforms/transform.h"

namespace tenbin {
namespace {

constexpr std::size_t kSampled = 10'000;  // images: more do not change the mean

FittedTransform fit(std::span<const Column* const> columns, const FitScope& scope,
                    const FeatureOptions&) {
  const Column& column = *columns[0];
  const Shape& shape = column.images.shape();  // [rows, height, width, channels]
  const auto channels = static_cast<std::size_t>(shape[3]);
  const auto pixels = static_cast<std::size_t>(shape[1] * shape[2]);
  std::vector<std::array<std::int64_t, 256>> seen(channels);
  const std::size_t stride = scope.rows.size() / kSampled + 1;
  const std::span<const std::uint8_t> data = column.images.data<std::uint8_t>();
  for (std::size_t i = 0; i < scope.rows.size(); i += stride) {
    const std::size_t at = static_cast<std::size_t>(scope.rows[i]) * pixels * channels;
    for (std::size_t p = 0; p < pixels * channels; ++p) ++seen[p % channels][data[at + p]];
  }
  std::vector<float> mean, scale;
  for (const auto& counts : seen) {
    double n = 0, sum = 0, squares = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      const auto count = static_cast<double>(counts[v]);
      const auto value = static_cast<double>(v);
      n += count;
      sum += count * value;
      squares += count * value * value;
    }
    const double m = n > 0 ? sum / n : 0;
    const double variance = n > 0 ? squares / n - m * m : 0;
    mean.push_back(static_cast<float>(m));
    scale.push_back(variance > 1e-6 ? static_cast<float>(1 / std::sqrt(variance)) : 1.0f / 255);
  }
  FittedTransform out;
  FragmentBuilder build(scope.prefix);
  const std::string raw =
      build.input(column.name, ElementType::kUint8, {-1, shape[1], shape[2], shape[3]});
  const std::string real =
      build.call("Cast", {raw}, {{"to", static_cast<std::int64_t>(ElementType::kFloat32)}});
  // [channels] broadcasts along the last axis. pixel_scale() finds these two by their words.
  auto per_channel = [&](const char* word, const std::vector<float>& values) {
    return build.constant(word, Tensor::of<float>({shape[3]}, std::span<const float>(values)));
  };
  const std::string centred = build.call("Sub", {real, per_channel("mean", mean)});
  const std::string scaled = build.call("Mul", {centred, per_channel("scale", scale)});
  const std::string planes =
      build.call("Transpose", {scaled}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}});
  for (std::size_t c = 0; c < channels; ++c) {
    out.feature_names.push_back(column.name + " channel " + std::to_string(c));
  }
  out.feature_shape = {shape[3], shape[1], shape[2]};
  out.what = "pixels centred and scaled by the mean and deviation of each channel";
  out.fragment = build.done(planes);
  return out;
}

int suits(const ColumnSummary& column, const FeatureOptions&, std::string& why) {
  if (column.column->type != ColumnType::kImage) return 0;
  why = "images";
  return 10;
}

}  // namespace

const TransformEntry& transform_image() {
  static const TransformEntry entry{"image", "Pixels to centred, scaled float planes.", suits, fit};
  return entry;
}

}  // namespace tenbin
