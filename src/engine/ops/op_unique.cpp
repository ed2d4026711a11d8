// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "engine/axes.h"

namespace tenbin {
namespace {

// Slices of an axis compared element by element, as sequences.
template <class T> struct Slices {
  std::span<const T> data;
  AxisView view;

  int compare(std::int64_t a, std::int64_t b) const {
    for (std::int64_t o = 0; o < view.outer; ++o) {
      for (std::int64_t i = 0; i < view.inner; ++i) {
        const T& x = data[static_cast<std::size_t>((o * view.size + a) * view.inner + i)];
        const T& y = data[static_cast<std::size_t>((o * view.size + b) * view.inner + i)];
        if (x < y) return -1;
        if (y < x) return 1;
      }
    }
    return 0;
  }
};

struct Found {
  std::vector<std::int64_t> first, inverse, counts;
};

template <class T> Found find_unique(const Slices<T>& slices, bool sorted) {
  const auto size = static_cast<std::size_t>(slices.view.size);
  std::vector<std::int64_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return slices.compare(a, b) < 0; });
  Found found;
  found.inverse.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const bool fresh = i == 0 || slices.compare(order[i - 1], order[i]) != 0;
    if (fresh) {
      found.first.push_back(order[i]);
      found.counts.push_back(0);
    }
    ++found.counts.back();
    found.inverse[static_cast<std::size_t>(order[i])] =
        static_cast<std::int64_t>(found.first.size()) - 1;
  }
  if (sorted) return found;
  // In the order of their first appearance.
  std::vector<std::size_t> rank(found.first.size()), place(found.first.size());
  std::iota(rank.begin(), rank.end(), 0);
  std::sort(rank.begin(), rank.end(),
            [&](std::size_t a, std::size_t b) { return found.first[a] < found.first[b]; });
  Found out;
  for (std::size_t i = 0; i < rank.size(); ++i) {
    place[rank[i]] = i;
    out.first.push_back(found.first[rank[i]]);
    out.counts.push_back(found.counts[rank[i]]);
  }
  for (const std::int64_t group : found.inverse) {
    out.inverse.push_back(static_cast<std::int64_t>(place[static_cast<std::size_t>(group)]));
  }
  return out;
}

Tensor vector_of(const std::vector<std::int64_t>& values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())},
                                  std::span<const std::int64_t>(values));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  Tensor in = *inputs[0];
  if (call.find("axis") == nullptr) in.reshape({in.count()});
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), in.shape().size()));
  const bool sorted = call.integer("sorted", 1) != 0;
  const auto run = [&]<class T>() -> Result<std::vector<Tensor>> {
    const Found found = find_unique(Slices<T>{in.data<T>(), around_axis(in.shape(), axis)}, sorted);
    Shape shape = in.shape();
    const auto along = static_cast<std::size_t>(axis);
    shape[along] = static_cast<std::int64_t>(found.first.size());
    TENBIN_TRY(Tensor values, picked(in, shape, [&](std::size_t d, std::int64_t i) {
                 return d == along ? found.first[static_cast<std::size_t>(i)] : i;
               }));
    std::vector<Tensor> out;
    out.push_back(std::move(values));
    out.push_back(vector_of(found.first));
    out.push_back(vector_of(found.inverse));
    out.push_back(vector_of(found.counts));
    return out;
  };
  return typed(call, in.type(), kNumbers + kBools + kTexts, run);
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({6}, {2, 1, 1, 3, 4, 3});
  return {
      {"sorted", op_call("Unique", 1, {}, "", 4), {x}, {}, false},
      {"as they come", op_call("Unique", 1, {{"sorted", std::int64_t{0}}}, "", 4), {x}, {}, false}};
}

}  // namespace

const OpEntry& op_unique() {
  static const OpEntry entry{"",      {"Unique"}, "Each value or slice once, and where it stood.",
                             compute, nullptr,    probes};
  return entry;
}

}  // namespace tenbin
