// SPDX-License-Identifier: Apache-2.0
#include "engine/axes.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

Error bad_index(const OpCall& call, std::int64_t index, std::int64_t size) {
  return bad_operands(call, "index " + std::to_string(index) + " of " + std::to_string(size));
}

Outputs elements(const OpCall& call, const Tensor& in, const Tensor& places) {
  const std::size_t rank = in.shape().size();
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), rank));
  TENBIN_TRY(auto indices, integers_of(call, places));
  const auto along = static_cast<std::size_t>(axis);
  if (places.shape().size() != rank) return bad_operands(call, "indices of another rank");
  for (std::size_t d = 0; d < rank; ++d) {
    if (d != along && places.shape()[d] > in.shape()[d]) {
      return bad_operands(call,
                          "indices " + to_text(places.shape()) + " of " + to_text(in.shape()));
    }
  }
  const std::int64_t size = in.shape()[along];
  std::vector<std::int64_t> strides = strides_of(in.shape());
  const std::int64_t step = strides[along];
  strides[along] = 0;  // the index says where on this axis
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), places.shape()));
  for (std::int64_t& index : indices) {
    if (index < -size || index >= size) return bad_index(call, index, size);
    if (index < 0) index += size;
  }
  moved(in.type(), [&]<class T>() {
    const auto from = cells<T>(in);
    const auto to = cells<T>(out);
    walk({places.shape(), {strides}}, [&](std::int64_t i, std::int64_t base, std::int64_t) {
      const auto at = static_cast<std::size_t>(i);
      to[at] = from[static_cast<std::size_t>(base + indices[at] * step)];
    });
  });
  return one(std::move(out));
}

Outputs slices(const OpCall& call, const Tensor& in, const Tensor& places) {
  const Shape &shape = in.shape(), &by = places.shape();
  const std::int64_t shared = call.integer("batch_dims", 0);
  const std::int64_t width = by.empty() ? 0 : by.back();
  const auto rank = static_cast<std::int64_t>(shape.size());
  if (shared < 0 || shared >= static_cast<std::int64_t>(by.size()) || width < 1 ||
      width > rank - shared) {
    return bad_operands(call, "indices " + to_text(by) + " of " + to_text(shape));
  }
  Shape result(by.begin(), by.end() - 1);
  result.insert(result.end(), shape.begin() + shared + width, shape.end());
  std::int64_t batches = 1;
  for (std::size_t d = 0; d < static_cast<std::size_t>(shared); ++d) {
    if (by[d] != shape[d]) return bad_operands(call, "batches differ");
    batches *= shape[d];
  }
  TENBIN_TRY(const auto indices, integers_of(call, places));
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), result));
  const std::vector<std::int64_t> strides = strides_of(shape);
  const std::int64_t block = count_of(Shape(shape.begin() + shared + width, shape.end()));
  const std::int64_t whole = count_of(Shape(shape.begin() + shared, shape.end()));
  const std::int64_t rows = static_cast<std::int64_t>(indices.size()) / width;
  const std::int64_t each = batches == 0 ? 0 : rows / batches;
  std::vector<std::int64_t> begins;
  for (std::int64_t row = 0; row < rows; ++row) {
    std::int64_t from = row / each * whole;
    for (std::int64_t k = 0; k < width; ++k) {
      const std::int64_t size = shape[static_cast<std::size_t>(shared + k)];
      std::int64_t index = indices[static_cast<std::size_t>(row * width + k)];
      if (index < -size || index >= size) return bad_index(call, index, size);
      if (index < 0) index += size;
      from += index * strides[static_cast<std::size_t>(shared + k)];
    }
    begins.push_back(from);
  }
  moved(in.type(), [&]<class T>() {
    const auto from = cells<T>(in).begin();
    auto to = cells<T>(out).begin();
    for (const std::int64_t begin : begins) to = std::copy_n(from + begin, block, to);
  });
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  return call.op == "GatherND" ? slices(call, *inputs[0], *inputs[1])
                               : elements(call, *inputs[0], *inputs[1]);
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  return {{"one of each row",
           op_call("GatherElements", 2, {{"axis", std::int64_t{1}}}),
           {x, Tensor::of<std::int64_t>({2, 1}, {2, -3})},
           {},
           false},
          {"elements by place",
           op_call("GatherND", 2),
           {x, Tensor::of<std::int64_t>({2, 2}, {0, 1, -1, 2})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_gather_elements() {
  static const OpEntry entry{"",
                             {"GatherElements", "GatherND"},
                             "Elements and slices by index tensors.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
