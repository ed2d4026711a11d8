// SPDX-License-Identifier: Apache-2.0
// The stages of Winograd's method around its products, for the vectors of the source that includes
// this inside an anonymous namespace, after it defined
//   Lanes                     a vector of floats; kLanes: how many
//   TENBIN_LANES(operation)   the intrinsic on it: TENBIN_LANES(add_ps)(a, b)
//   TENBIN_LANES_TARGET       the attribute of functions that use it

// Where a tile lies.
struct Tile {
  std::int64_t image, y, x;
  Tile(const Winograd& s, std::int64_t tile)
      : image(tile / (s.tile_rows() * s.tile_columns())),
        y(tile / s.tile_columns() % s.tile_rows() * 4),
        x(tile % s.tile_columns() * 4) {}
};

// The three matrices of the method, applied to six, four or three vectors that lie `step` apart.
TENBIN_LANES_TARGET inline void transform_source(Lanes* d, std::int64_t step) {
  const Lanes four = TENBIN_LANES(set1_ps)(4), five = TENBIN_LANES(set1_ps)(5),
              two = TENBIN_LANES(set1_ps)(2);
  const Lanes d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step],
              d5 = d[5 * step];
  const Lanes even = TENBIN_LANES(fnmadd_ps)(four, d2, d4),
              odd = TENBIN_LANES(fnmadd_ps)(four, d1, d3);
  const Lanes far_even = TENBIN_LANES(sub_ps)(d4, d2);
  const Lanes far_odd = TENBIN_LANES(mul_ps)(two, TENBIN_LANES(sub_ps)(d3, d1));
  d[0] = TENBIN_LANES(fmadd_ps)(four, d0, TENBIN_LANES(fnmadd_ps)(five, d2, d4));
  d[step] = TENBIN_LANES(add_ps)(even, odd);
  d[2 * step] = TENBIN_LANES(sub_ps)(even, odd);
  d[3 * step] = TENBIN_LANES(add_ps)(far_even, far_odd);
  d[4 * step] = TENBIN_LANES(sub_ps)(far_even, far_odd);
  d[5 * step] = TENBIN_LANES(fmadd_ps)(four, d1, TENBIN_LANES(fnmadd_ps)(five, d3, d5));
}

// Six products to four results.
TENBIN_LANES_TARGET inline void transform_result(Lanes* m, std::int64_t step) {
  const Lanes s1 = TENBIN_LANES(add_ps)(m[step], m[2 * step]);
  const Lanes d1 = TENBIN_LANES(sub_ps)(m[step], m[2 * step]);
  const Lanes s2 = TENBIN_LANES(add_ps)(m[3 * step], m[4 * step]);
  const Lanes d2 = TENBIN_LANES(sub_ps)(m[3 * step], m[4 * step]);
  m[0] = TENBIN_LANES(add_ps)(m[0], TENBIN_LANES(add_ps)(s1, s2));
  m[step] = TENBIN_LANES(fmadd_ps)(TENBIN_LANES(set1_ps)(2), d2, d1);
  m[2 * step] = TENBIN_LANES(fmadd_ps)(TENBIN_LANES(set1_ps)(4), s2, s1);
  m[3 * step] =
      TENBIN_LANES(add_ps)(TENBIN_LANES(fmadd_ps)(TENBIN_LANES(set1_ps)(8), d2, d1), m[5 * step]);
}

// Three weights to six.
TENBIN_LANES_TARGET inline void transform_weights(Lanes* g, std::int64_t step) {
  const Lanes sixth = TENBIN_LANES(set1_ps)(-1.0F / 6), part = TENBIN_LANES(set1_ps)(1.0F / 24);
  const Lanes g0 = g[0], g1 = g[step], g2 = g[2 * step];
  const Lanes ends = TENBIN_LANES(add_ps)(g0, g2);
  const Lanes far_ends = TENBIN_LANES(fmadd_ps)(TENBIN_LANES(set1_ps)(4), g2, g0);
  const Lanes middle = TENBIN_LANES(add_ps)(g1, g1);
  g[0] = TENBIN_LANES(mul_ps)(TENBIN_LANES(set1_ps)(0.25F), g0);
  g[step] = TENBIN_LANES(mul_ps)(sixth, TENBIN_LANES(add_ps)(ends, g1));
  g[2 * step] = TENBIN_LANES(mul_ps)(sixth, TENBIN_LANES(sub_ps)(ends, g1));
  g[3 * step] = TENBIN_LANES(mul_ps)(part, TENBIN_LANES(add_ps)(far_ends, middle));
  g[4 * step] = TENBIN_LANES(mul_ps)(part, TENBIN_LANES(sub_ps)(far_ends, middle));
  g[5 * step] = g2;
}

// V[point, tile, in] of tiles [first, first + count).
TENBIN_LANES_TARGET void take_sources(const Winograd& s, const float* src, std::int64_t first,
                                      std::int64_t count, float* v) {
  const std::int64_t groups = s.in / kLanes, pixels = s.height * s.width;
  const std::int64_t step = Winograd::point_step(count, s.in);
  for (std::int64_t t = 0; t < count; ++t) {
    const Tile tile(s, first + t);
    const std::int64_t top = tile.y - s.top, left = tile.x - s.left;
    for (std::int64_t group = 0; group < groups; ++group) {
      const float* plane = src + (tile.image * groups + group) * pixels * kLanes;
      Lanes rows[6][6];
      for (std::int64_t y = 0; y < 6; ++y) {
        const bool inside = top + y >= 0 && top + y < s.height;
        const float* from = plane + ((top + y) * s.width + left) * kLanes;
        Lanes d[6];
        for (std::int64_t x = 0; x < 6; ++x) {
          const bool there = inside && left + x >= 0 && left + x < s.width;
          d[x] = there ? TENBIN_LANES(loadu_ps)(from + x * kLanes) : TENBIN_LANES(setzero_ps)();
        }
        transform_source(d, 1);
        for (int x = 0; x < 6; ++x) rows[y][x] = d[x];
      }
      float* const to = v + t * s.in + group * kLanes;
      for (int x = 0; x < 6; ++x) {
        Lanes d[6];
        for (int y = 0; y < 6; ++y) d[y] = rows[y][x];
        transform_source(d, 1);
        for (int y = 0; y < 6; ++y) TENBIN_LANES(storeu_ps)(to + (y * 6 + x) * step, d[y]);
      }
    }
  }
}

TENBIN_LANES_TARGET void give_results(const Winograd& s, const float* m, std::int64_t first,
                                      std::int64_t count, const float* bias, bool relu,
                                      float* dst) {
  const std::int64_t groups = s.out / kLanes, height = s.out_height(), width = s.out_width();
  const std::int64_t step = Winograd::point_step(count, s.out);
  const Lanes floor = TENBIN_LANES(set1_ps)(relu ? 0.0F : -__builtin_inff());
  for (std::int64_t t = 0; t < count; ++t) {
    const Tile tile(s, first + t);
    const std::int64_t rows = std::min<std::int64_t>(4, height - tile.y);
    const std::int64_t columns = std::min<std::int64_t>(4, width - tile.x);
    for (std::int64_t group = 0; group < groups; ++group) {
      Lanes half[4][6];
      const float* const from = m + t * s.out + group * kLanes;
      for (int x = 0; x < 6; ++x) {
        Lanes r[6];
        for (int y = 0; y < 6; ++y) r[y] = TENBIN_LANES(loadu_ps)(from + (y * 6 + x) * step);
        transform_result(r, 1);
        for (int y = 0; y < 4; ++y) half[y][x] = r[y];
      }
      const Lanes shift = bias == nullptr ? TENBIN_LANES(setzero_ps)()
                                          : TENBIN_LANES(loadu_ps)(bias + group * kLanes);
      float* to =
          dst + (((tile.image * groups + group) * height + tile.y) * width + tile.x) * kLanes;
      for (std::int64_t y = 0; y < rows; ++y) {
        Lanes r[6];
        for (int x = 0; x < 6; ++x) r[x] = half[y][x];
        transform_result(r, 1);
        for (int x = 0; x < 4; ++x) {
          if (x >= columns) break;
          TENBIN_LANES(storeu_ps)
          (to + (y * width + x) * kLanes,
           TENBIN_LANES(max_ps)(floor, TENBIN_LANES(add_ps)(r[x], shift)));
        }
      }
    }
  }
}

// Weights [3, 3, in, out] to [36, in, out].
TENBIN_LANES_TARGET void transform_all_weights(const Winograd& s, const float* weights,
                                               float* packed) {
  const std::int64_t plane = s.in * s.out;
  for (std::int64_t at = 0; at < plane; at += kLanes) {
    Lanes g[Winograd::kPoints];
    for (std::int64_t tap = 0; tap < 9; ++tap) {
      g[tap / 3 * 6 + tap % 3] = TENBIN_LANES(loadu_ps)(weights + tap * plane + at);
    }
    for (int x = 0; x < 3; ++x) transform_weights(g + x, 6);
    for (std::int64_t y = 0; y < 6; ++y) transform_weights(g + 6 * y, 1);
    for (std::int64_t p = 0; p < Winograd::kPoints; ++p)
      TENBIN_LANES(storeu_ps)(packed + p * plane + at, g[p]);
  }
}
