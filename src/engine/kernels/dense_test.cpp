// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/dense.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"
#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

TEST(DenseFewRows, AgreesWithPlainLoops) {
  if (!has_avx512()) GTEST_SKIP() << "this processor has no AVX-512";
  const struct {
    const char* why;
    FewRows layer;
    bool bias, transposed;
  } rows[] = {
      {"whole columns", {1, 9, 128, true}, true, false},
      {"one output", {1, 7, 1, false}, true, false},
      {"a narrow last column", {2, 5, 82, false}, false, true},
      {"a long row, some values zero", {1, 1301, 100, true}, true, false},
      {"one input", {4, 1, 64, true}, true, true},
      {"three rows, ten outputs", {3, 33, 10, false}, true, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const FewRows& l = row.layer;
    auto src = normal(l.rows * l.in, 1);
    for (std::size_t i = 0; i < src.size(); i += 3) src[i] = 0;
    const auto weights = normal(l.in * l.out, 2);
    const auto bias = normal(l.out, 3);
    const std::int64_t out_step = row.transposed ? 1 : l.in, in_step = row.transposed ? l.out : 1;
    const auto packed = pack_weights(l, weights, out_step, in_step);
    // One more than there is, to see that nothing is written behind the end.
    std::vector<float> dst(static_cast<std::size_t>(l.rows * l.out + 1), 77);
    dense_few_rows(l, src.data(), packed.data(), row.bias ? bias.data() : nullptr, dst.data());
    EXPECT_EQ(dst.back(), 77);
    for (std::int64_t r = 0; r < l.rows; ++r) {
      for (std::int64_t o = 0; o < l.out; ++o) {
        double sum = row.bias ? static_cast<double>(bias[static_cast<std::size_t>(o)]) : 0;
        for (std::int64_t i = 0; i < l.in; ++i) {
          const auto w = static_cast<std::size_t>(o * out_step + i * in_step);
          sum += static_cast<double>(src[static_cast<std::size_t>(r * l.in + i)]) *
                 static_cast<double>(weights[w]);
        }
        if (l.relu) sum = std::max(sum, 0.0);
        EXPECT_NEAR(dst[static_cast<std::size_t>(r * l.out + o)], sum, 1e-4) << r << ", " << o;
      }
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels
