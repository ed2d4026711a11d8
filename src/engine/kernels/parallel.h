// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace tenbin::kernels {

// Threads that a kernel called from here would use: what the running plan set.
inline int threads_now() { return omp_get_max_threads(); }

// Calls f(begin, end, part) for equal pieces of [0, count), one a thread; piece `part` is the same
// rows on each call with the same number of threads. One thread, or work below `least` an item
// range, never enters OpenMP.
template <class F> void in_parallel(std::int64_t count, std::int64_t least, F&& f) {
  const std::int64_t wanted = std::max<std::int64_t>(least, 1);
  const auto parts = static_cast<int>(std::clamp<std::int64_t>(count / wanted, 1, threads_now()));
  if (parts == 1) {
    f(std::int64_t{0}, count, 0);
    return;
  }
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int part = 0; part < parts; ++part) {
    f(count * part / parts, count * (part + 1) / parts, part);
  }
}

}  // namespace tenbin::kernels
