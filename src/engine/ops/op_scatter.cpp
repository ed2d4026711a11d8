// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/axes.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// Where each update goes, in runs of neighbours.
struct Updates {
  std::vector<std::int64_t> begins;  // first element of each run in the result
  std::int64_t block = 1;            // elements of a run
};

Error bad_index(const OpCall& call, std::int64_t index, std::int64_t size) {
  return bad_operands(call, "index " + std::to_string(index) + " of " + std::to_string(size));
}

Result<Updates> element_updates(const OpCall& call, OpInputs inputs) {
  const Shape &shape = inputs[0]->shape(), &by = inputs[1]->shape();
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), shape.size()));
  TENBIN_TRY(const auto indices, integers_of(call, *inputs[1]));
  const auto along = static_cast<std::size_t>(axis);
  bool fits = by.size() == shape.size() && inputs[2]->shape() == by;
  for (std::size_t d = 0; fits && d < by.size(); ++d) fits = d == along || by[d] <= shape[d];
  if (!fits) {
    return bad_operands(call, "indices " + to_text(by) + " and updates " +
                                  to_text(inputs[2]->shape()) + " of " + to_text(shape));
  }
  std::vector<std::int64_t> strides = strides_of(shape);
  const std::int64_t step = strides[along], size = shape[along];
  strides[along] = 0;
  for (const std::int64_t index : indices) {
    if (index < -size || index >= size) return bad_index(call, index, size);
  }
  Updates out{std::vector<std::int64_t>(indices.size()), 1};
  walk({by, {strides}}, [&](std::int64_t i, std::int64_t base, std::int64_t) {
    const std::int64_t index = indices[static_cast<std::size_t>(i)];
    out.begins[static_cast<std::size_t>(i)] = base + (index < 0 ? index + size : index) * step;
  });
  return out;
}

Result<Updates> slice_updates(const OpCall& call, OpInputs inputs) {
  const Shape &shape = inputs[0]->shape(), &by = inputs[1]->shape();
  const std::int64_t width = by.empty() ? 0 : by.back();
  if (width < 1 || width > static_cast<std::int64_t>(shape.size())) {
    return bad_operands(call, "indices " + to_text(by) + " of " + to_text(shape));
  }
  Shape wanted(by.begin(), by.end() - 1);
  wanted.insert(wanted.end(), shape.begin() + width, shape.end());
  if (inputs[2]->shape() != wanted) {
    return bad_operands(call,
                        "updates " + to_text(inputs[2]->shape()) + ", expected " + to_text(wanted));
  }
  TENBIN_TRY(const auto indices, integers_of(call, *inputs[1]));
  const std::vector<std::int64_t> strides = strides_of(shape);
  Updates out{{}, count_of(Shape(shape.begin() + width, shape.end()))};
  for (std::size_t row = 0; row < indices.size(); row += static_cast<std::size_t>(width)) {
    std::int64_t begin = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(width); ++k) {
      const std::int64_t index = indices[row + k], size = shape[k];
      if (index < -size || index >= size) return bad_index(call, index, size);
      begin += (index < 0 ? index + size : index) * strides[k];
    }
    out.begins.push_back(begin);
  }
  return out;
}

template <class T, class F>
void put(const Updates& updates, std::span<const T> from, std::span<T> to, F&& combine) {
  std::size_t next = 0;
  for (const std::int64_t begin : updates.begins) {
    for (std::int64_t k = 0; k < updates.block; ++k, ++next) {
      T& element = to[static_cast<std::size_t>(begin + k)];
      element = combine(element, from[next]);
    }
  }
}

Outputs reduced(const OpCall& call, const Updates& updates, const Tensor& from, Tensor out,
                const std::string& how) {
  return typed(call, out.type(), kNumbers, [&]<class T>() -> Outputs {
    const auto x = from.data<T>();
    const auto y = out.data<T>();
    using W = std::conditional_t<kIsReal<T>, Wide<T>, std::uint64_t>;  // integers wrap around
    if (how == "add") {
      put<T>(updates, x, y, [](T a, T b) { return static_cast<T>(W(a) + W(b)); });
    } else if (how == "mul") {
      put<T>(updates, x, y, [](T a, T b) { return static_cast<T>(W(a) * W(b)); });
    } else if (how == "min") {
      put<T>(updates, x, y, [](T a, T b) { return b < a ? b : a; });
    } else if (how == "max") {
      put<T>(updates, x, y, [](T a, T b) { return a < b ? b : a; });
    } else {
      return bad_operands(call, "reduction '" + how + "', expected none, add, mul, min or max");
    }
    return one(std::move(out));
  });
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  TENBIN_CHECK(need_type(call, *inputs[2], inputs[0]->type()));
  const bool slices = call.op == "ScatterND";
  TENBIN_TRY(const Updates updates,
             slices ? slice_updates(call, inputs) : element_updates(call, inputs));
  Tensor out = *inputs[0];
  const std::string how = call.text("reduction", "none");
  if (how != "none") return reduced(call, updates, *inputs[2], std::move(out), how);
  moved(out.type(), [&]<class T>() {
    put<T>(updates, cells<T>(*inputs[2]), cells<T>(out), [](const T&, const T& b) { return b; });
  });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  return {{"one of each row",
           op_call("ScatterElements", 3, {{"axis", std::int64_t{1}}}),
           {x, Tensor::of<std::int64_t>({2, 1}, {2, -3}), Tensor::of<float>({2, 1}, {9, 8})},
           {},
           false},
          {"a row",
           op_call("ScatterND", 3),
           {x, Tensor::of<std::int64_t>({1, 1}, {1}), Tensor::of<float>({1, 3}, {7, 8, 9})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_scatter() {
  static const OpEntry entry{"",
                             {"Scatter", "ScatterElements", "ScatterND"},
                             "A copy with elements or slices replaced.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
