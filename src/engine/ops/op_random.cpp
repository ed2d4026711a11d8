// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/typed.h"
#include "platform/random.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// The same seed draws the same numbers; without one, always those of seed 0: a run can be repeated.
Random random_of(const OpCall& call) {
  return Random(std::bit_cast<std::uint32_t>(call.number("seed", 0)));
}

Outputs draw(const OpCall& call, ElementType type, Shape shape) {
  Random random = random_of(call);
  const bool normal = call.op.starts_with("RandomNormal");
  const auto low = static_cast<double>(call.number("low", 0));
  const auto high = static_cast<double>(call.number("high", 1));
  const auto mean = static_cast<double>(call.number("mean", 0));
  const auto scale = static_cast<double>(call.number("scale", 1));
  return typed(call, type, kReals, [&]<class T>() -> Outputs {
    TENBIN_TRY(Tensor out, checked_tensor(type, std::move(shape)));
    for (T& x : out.data<T>()) {
      x = static_cast<T>(normal ? mean + scale * random.normal()
                                : low + (high - low) * random.uniform());
    }
    return one(std::move(out));
  });
}

Outputs bernoulli(const OpCall& call, const Tensor& in) {
  const auto same = static_cast<std::int64_t>(in.type());
  const auto type = static_cast<ElementType>(call.integer("dtype", same));
  Random random = random_of(call);
  return typed(call, in.type(), kReals, [&]<class From>() {
    return typed(call, type, kNumbers + kBools, [&]<class To>() {
      return one(unary<From, To>(in, [&](From p) {
        return static_cast<To>(random.uniform() < static_cast<double>(p) ? 1 : 0);
      }));
    });
  });
}

// Draws classes by the logarithms of their shares, row by row.
template <class T>
Tensor sample(const OpCall& call, const Tensor& in, std::int64_t count, ElementType type) {
  Random random = random_of(call);
  const auto classes = static_cast<std::size_t>(in.shape()[1]);
  Tensor out(type, {in.shape()[0], count});
  std::vector<double> sums(classes);
  for (std::int64_t row = 0; row < in.shape()[0]; ++row) {
    const auto logs = in.data<T>().subspan(static_cast<std::size_t>(row) * classes, classes);
    double top = static_cast<double>(logs[0]), sum = 0;
    for (const T x : logs) top = std::max(top, static_cast<double>(x));
    for (std::size_t c = 0; c < classes; ++c) {
      sums[c] = sum += std::exp(static_cast<double>(logs[c]) - top);
    }
    for (std::int64_t i = row * count; i < (row + 1) * count; ++i) {
      const auto found = std::upper_bound(sums.begin(), sums.end() - 1, random.uniform() * sum);
      const auto drawn = found - sums.begin();
      if (type == ElementType::kInt64) {
        out.data<std::int64_t>()[static_cast<std::size_t>(i)] = drawn;
      } else {
        out.data<std::int32_t>()[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(drawn);
      }
    }
  }
  return out;
}

Outputs multinomial(const OpCall& call, const Tensor& in) {
  const std::int64_t count = call.integer("sample_size", 1);
  const auto type = static_cast<ElementType>(call.integer("dtype", 6));
  const Shape& shape = in.shape();
  if (shape.size() != 2 || shape[1] < 1 || count < 0) {
    return bad_operands(call, std::to_string(count) + " samples of " + to_text(shape));
  }
  if (type != ElementType::kInt32 && type != ElementType::kInt64) {
    return bad_element_type(call, type, "int32 or int64 as the result");
  }
  TENBIN_CHECK(checked_tensor(ElementType::kInt64, {shape[0], count}));
  return typed(call, in.type(), kReals,
               [&]<class T>() { return one(sample<T>(call, in, count, type)); });
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  const auto type = static_cast<ElementType>(call.integer("dtype", 1));
  if (call.op == "RandomNormal" || call.op == "RandomUniform") {
    return draw(call, type, call.integers("shape"));
  }
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  if (call.op == "Bernoulli") return bernoulli(call, in);
  if (call.op == "Multinomial") return multinomial(call, in);
  return draw(call, call.find("dtype") == nullptr ? in.type() : type, in.shape());
}

}  // namespace

const OpEntry& op_random() {
  static const OpEntry entry{"",
                             {"RandomNormal", "RandomNormalLike", "RandomUniform",
                              "RandomUniformLike", "Bernoulli", "Multinomial"},
                             "Numbers drawn at random, the same ones each run.",
                             compute,
                             nullptr,
                             nullptr};
  return entry;
}

}  // namespace tenbin
