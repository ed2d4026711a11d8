// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/prepare.h"

namespace tenbin::kernels {
namespace {

template <class T> void convert(const T* from, float* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]);
}

template <class F> void each(float* values, std::int64_t count, const Repeated& constant, F&& f) {
  if (constant.period == 1) {
    const float c = *constant.values;
    for (std::int64_t i = 0; i < count; ++i) values[i] = f(values[i], c);
    return;
  }
  for (std::int64_t at = 0; at < count; at += constant.period) {
    float* row = values + at;
    for (std::int64_t i = 0; i < constant.period; ++i) row[i] = f(row[i], constant.values[i]);
  }
}

}  // namespace

void to_floats(const float* from, float* to, std::int64_t count) { convert(from, to, count); }
void to_floats(const std::uint8_t* from, float* to, std::int64_t count) {
  convert(from, to, count);
}
void to_floats(const std::int8_t* from, float* to, std::int64_t count) { convert(from, to, count); }
void to_floats(const std::int32_t* from, float* to, std::int64_t count) {
  convert(from, to, count);
}
void to_floats(const std::int64_t* from, float* to, std::int64_t count) {
  convert(from, to, count);
}

void add(float* values, std::int64_t count, const Repeated& constant) {
  each(values, count, constant, [](float x, float c) { return x + c; });
}
void subtract(float* values, std::int64_t count, const Repeated& constant) {
  each(values, count, constant, [](float x, float c) { return x - c; });
}
void multiply(float* values, std::int64_t count, const Repeated& constant) {
  each(values, count, constant, [](float x, float c) { return x * c; });
}
void divide(float* values, std::int64_t count, const Repeated& constant) {
  each(values, count, constant, [](float x, float c) { return x / c; });
}
void fill_nan(float* values, std::int64_t count, const Repeated& constant) {
  each(values, count, constant, [](float x, float c) { return x != x ? c : x; });
}
void fill_not_finite(float* values, std::int64_t count, const Repeated& constant) {
  each(values, count, constant, [](float x, float c) { return x - x == 0 ? x : c; });
}

}  // namespace tenbin::kernels
