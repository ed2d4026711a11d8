// SPDX-License-Identifier: Apache-2.0
#include "plan/roofline.h"

#include <cassert>

namespace tenbin {

const char* precision_name(PeakPrecision precision) {
  switch (precision) {
    case PeakPrecision::kFloat32: return "fp32";
    case PeakPrecision::kBfloat16: return "bf16";
    case PeakPrecision::kInt8: return "int8";
  }
  return "";
}

double Roofline::peak(PeakPrecision precision) const {
  if (precision == PeakPrecision::kBfloat16) return bfloat16.value_or(float32);
  if (precision == PeakPrecision::kInt8) return int8.value_or(float32);
  return float32;
}

const MemoryLevel& Roofline::level_of(Bytes size) const {
  assert(!levels.empty());
  for (const MemoryLevel& level : levels) {
    if (size <= level.size) return level;
  }
  return levels.back();
}

Floor floor_of(const Work& work, const Roofline& roofline) {
  const auto read = [](Bytes bytes, const MemoryLevel& level) {
    return static_cast<double>(bytes.count) / level.bytes_per_second;
  };
  Floor out;
  out.compute = seconds(2.0 * static_cast<double>(work.macs.count) / roofline.peak(work.precision));
  out.memory = seconds(read(work.weights, roofline.level_of(work.model)) +
                       read(work.activations, roofline.level_of(work.activations)));
  return out;
}

}  // namespace tenbin
