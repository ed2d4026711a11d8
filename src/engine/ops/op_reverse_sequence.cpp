// SPDX-License-Identifier: Apache-2.0
#include "engine/axes.h"

namespace tenbin {
namespace {

template <class T>
void reverse(const Tensor& in, std::int64_t time, std::int64_t batch,
             std::span<const std::int64_t> lengths, Tensor& out) {
  const auto strides = strides_of(in.shape());
  const std::int64_t t_step = strides[static_cast<std::size_t>(time)];
  const std::int64_t b_step = strides[static_cast<std::size_t>(batch)];
  const std::int64_t times = in.shape()[static_cast<std::size_t>(time)];
  const std::int64_t batches = in.shape()[static_cast<std::size_t>(batch)];
  const auto from = cells<T>(in);
  const auto to = cells<T>(out);
  for (std::int64_t at = 0; at < in.count(); ++at) {
    const std::int64_t t = at / t_step % times;
    const std::int64_t length = lengths[static_cast<std::size_t>(at / b_step % batches)];
    const std::int64_t source = t < length ? at + (length - 1 - 2 * t) * t_step : at;
    to[static_cast<std::size_t>(at)] = from[static_cast<std::size_t>(source)];
  }
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& in = *inputs[0];
  const std::size_t rank = in.shape().size();
  TENBIN_TRY(const std::int64_t time, axis_of(call, call.integer("time_axis", 0), rank));
  TENBIN_TRY(const std::int64_t batch, axis_of(call, call.integer("batch_axis", 1), rank));
  if (time == batch) return bad_operands(call, "time and batch on one axis");
  TENBIN_TRY(const auto lengths, integers_of(call, *inputs[1]));
  const std::int64_t times = in.shape()[static_cast<std::size_t>(time)];
  if (static_cast<std::int64_t>(lengths.size()) != in.shape()[static_cast<std::size_t>(batch)]) {
    return bad_operands(call, std::to_string(lengths.size()) + " lengths");
  }
  for (const std::int64_t length : lengths) {
    if (length < 0 || length > times) {
      return bad_operands(call,
                          "length " + std::to_string(length) + " of " + std::to_string(times));
    }
  }
  Tensor out(in.type(), in.shape());
  moved(in.type(), [&]<class T>() { reverse<T>(in, time, batch, lengths, out); });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"rows of two lengths",
           op_call("ReverseSequence", 2,
                   {{"time_axis", std::int64_t{1}}, {"batch_axis", std::int64_t{0}}}),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<std::int64_t>({2}, {2, 3})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_reverse_sequence() {
  static const OpEntry entry{
      "", {"ReverseSequence"}, "The first steps of each row backwards.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin
