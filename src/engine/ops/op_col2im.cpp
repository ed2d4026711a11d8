// SPDX-License-Identifier: Apache-2.0
#include "engine/window.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// Blocks of pixels laid over each other and summed where they meet.
template <class T> Outputs sum_blocks(const Tensor& in, const Window& w, const Shape& shape) {
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), shape));
  const std::int64_t plane = count_of(w.in), places = count_of(w.out), taps = w.taps();
  std::vector<double> sums(static_cast<std::size_t>(out.count()), 0);
  const auto x = in.data<T>();
  WindowWalk walk(w);
  for (std::int64_t place = 0; walk.next(); ++place) {
    for (std::int64_t p = 0; p < shape[0] * shape[1]; ++p) {
      for (const Tap& tap : walk.taps()) {
        const auto from = static_cast<std::size_t>((p * taps + tap.tap) * places + place);
        sums[static_cast<std::size_t>(p * plane + tap.pixel)] += static_cast<double>(x[from]);
      }
    }
  }
  const auto y = out.data<T>();
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(sums[i]);
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const auto image, integers_of(call, *inputs[1]));
  TENBIN_TRY(const auto block, integers_of(call, *inputs[2]));
  Shape shape = {in.shape().empty() ? 0 : in.shape()[0], 1};
  shape.insert(shape.end(), image.begin(), image.end());
  TENBIN_CHECK(element_count(shape));
  TENBIN_TRY(const Window w, window_of(call, shape, block));
  const bool fits =
      in.shape().size() == 3 && in.shape()[1] % w.taps() == 0 && in.shape()[2] == count_of(w.out);
  if (!fits) {
    return bad_operands(call, "blocks " + to_text(in.shape()) + " of " + to_text(block) + " over " +
                                  to_text(image));
  }
  shape[1] = in.shape()[1] / w.taps();
  return typed(call, in.type(), kReals, [&]<class T>() { return sum_blocks<T>(in, w, shape); });
}

}  // namespace

const OpEntry& op_col2im() {
  static const OpEntry entry{"",      {"Col2Im"}, "Blocks of pixels put together to an image.",
                             compute, nullptr,    nullptr};
  return entry;
}

}  // namespace tenbin
