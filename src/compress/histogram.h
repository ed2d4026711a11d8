// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenbin {

// How often a value was seen in bins of one width around 0, which doubles as larger ones come: a
// few ten kB for any number of values, in one pass.
class Histogram {
 public:
  Histogram();
  void add(std::span<const float> values);
  // For least() and most() alone: cheaper. Not to be mixed with add().
  void add_extremes(std::span<const float> values);

  float least() const { return least_; }  // exact; of no values: 0
  float most() const { return most_; }

  // What lies between when an equal share is cut from both ends, together 1 - `share`.
  struct Span {
    float least = 0, most = 0;
  };
  Span middle(double share) const;
  // The bound on magnitude whose grid (`levels` steps on a side of 0, values beyond on the last)
  // has the least mean squared error.
  float bound_of_least_error(int levels) const;
  // The bound whose grid keeps most of the distribution of magnitudes: least Kullback-Leibler
  // divergence (Migacz 2017, 8-bit Inference with TensorRT).
  float bound_of_least_divergence(int levels) const;

 private:
  void widen(float largest);
  double error_of_bound(double bound, int levels) const;
  std::vector<double> magnitudes(std::size_t bins) const;

  std::vector<std::int64_t> above_, below_;  // bins from 0 on, each way
  std::int64_t zeros_ = 0, count_ = 0;
  double width_ = 0;
  float least_ = 0, most_ = 0;
  bool empty_ = true;
};

}  // namespace tenbin
