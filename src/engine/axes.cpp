// SPDX-License-Identifier: Apache-2.0
#include "engine/axes.h"

namespace tenbin {
namespace {

using Offsets = std::vector<std::vector<std::int64_t>>;  // by axis: where to read, or -1

template <class T> void pick(const Tensor& in, const Offsets& offsets, const T& fill, Tensor& out) {
  const auto from = cells<T>(in);
  auto to = cells<T>(out);
  const std::size_t rank = offsets.size();
  const std::vector<std::int64_t>& row = offsets.back();
  std::vector<std::size_t> at(rank, 0);
  std::size_t next = 0;
  while (next < to.size()) {
    std::int64_t base = 0;
    bool filled = false;
    for (std::size_t d = 0; d + 1 < rank; ++d) {
      filled |= offsets[d][at[d]] < 0;
      base += offsets[d][at[d]];
    }
    for (const std::int64_t offset : row) {
      to[next++] = filled || offset < 0 ? fill : from[static_cast<std::size_t>(base + offset)];
    }
    for (std::size_t d = rank - 1; d-- > 0;) {
      if (++at[d] < offsets[d].size()) break;
      at[d] = 0;
    }
  }
}

}  // namespace

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Result<Tensor> picked(const Tensor& in, const Shape& shape, const AxisPlace& place,
                      const Tensor* fill) {
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), shape));
  if (out.count() == 0) return out;
  if (shape.empty()) return in;
  const std::vector<std::int64_t> strides = strides_of(in.shape());
  Offsets offsets(shape.size());
  for (std::size_t d = 0; d < shape.size(); ++d) {
    offsets[d].resize(static_cast<std::size_t>(shape[d]));
    for (std::size_t i = 0; i < offsets[d].size(); ++i) {
      const std::int64_t from = place(d, static_cast<std::int64_t>(i));
      if (from >= in.shape()[d] || (from < 0 && fill == nullptr)) {
        return Error(ErrorCode::kBadShape, "place " + std::to_string(from) + " on axis " +
                                               std::to_string(d) + " of " + to_text(in.shape()));
      }
      offsets[d][i] = from < 0 ? -1 : from * strides[d];
    }
  }
  moved(in.type(),
        [&]<class T>() { pick<T>(in, offsets, fill == nullptr ? T() : cells<T>(*fill)[0], out); });
  return out;
}

Tensor with_rank(Tensor in, std::size_t rank) {
  Shape shape = in.shape();
  if (shape.size() < rank) shape.insert(shape.begin(), rank - shape.size(), 1);
  in.reshape(std::move(shape));
  return in;
}

}  // namespace tenbin
