// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/op.h"
#include "tensor/tensor.h"

namespace tenbin {

// A tensor for a shape that follows from outside: checked before memory is taken. Errors kTooLarge,
// kBadShape.
Result<Tensor> checked_tensor(ElementType type, Shape shape);

// Where each element of a broadcast result comes from: rows of `inner` neighbours that step by 0 or
// 1 in each operand.
struct BroadcastWalk {
  Shape shape;
  std::vector<std::vector<std::int64_t>> strides;  // per operand, per dimension of `shape`
};
Result<BroadcastWalk> broadcast_walk(const std::vector<const Shape*>& operands);

// The same walk over fewer, longer dimensions: those of size 1 go, neighbours that every operand
// steps through as one are joined.
BroadcastWalk joined(const BroadcastWalk& w);

// Calls f(i, a, b) for each element i of the result with the element numbers of two operands.
template <class F> void walk(const BroadcastWalk& given, F&& f) {
  const BroadcastWalk w = joined(given);
  const std::size_t rank = w.shape.size();
  const std::int64_t inner = rank == 0 ? 1 : w.shape.back();
  const std::int64_t total = count_of(w.shape);
  std::vector<std::int64_t> at(rank, 0);
  std::vector<std::int64_t> from(w.strides.size(), 0);
  const std::size_t operands = w.strides.size();
  const auto step = [&](std::size_t k) { return rank == 0 ? 0 : w.strides[k][rank - 1]; };
  const std::int64_t s0 = step(0), s1 = operands > 1 ? step(1) : 0;
  for (std::int64_t i = 0; i < total; i += inner) {
    const std::int64_t a = from[0], b = operands > 1 ? from[1] : 0;
    // Steps that the compiler knows become vectors.
    if (s0 == 1 && s1 == 1) {
      for (std::int64_t k = 0; k < inner; ++k) f(i + k, a + k, b + k);
    } else if (s0 == 1 && s1 == 0) {
      for (std::int64_t k = 0; k < inner; ++k) f(i + k, a + k, b);
    } else {
      for (std::int64_t k = 0; k < inner; ++k) f(i + k, a + k * s0, b + k * s1);
    }
    for (std::size_t d = rank < 2 ? 0 : rank - 1; d-- > 0;) {
      for (std::size_t k = 0; k < operands; ++k) from[k] += w.strides[k][d];
      if (++at[d] < w.shape[d]) break;
      for (std::size_t k = 0; k < operands; ++k) from[k] -= w.strides[k][d] * w.shape[d];
      at[d] = 0;
    }
  }
}

// How an operand lies under a broadcast result of `result`: after how many elements it begins again
// from its first (its own count, for one value 1); 0 if it repeats in another way.
std::int64_t period_in(const Shape& operand, const Shape& result);

// Two operands under a result that one of them fills, the other once or again and again: what
// nearly all broadcasts are.
struct PeriodicPair {
  std::int64_t total = 0, a = 0, b = 0;  // a or b is total
  // Nothing: a walk has to do it.
  static std::optional<PeriodicPair> of(const Shape& a, const Shape& b);
  bool fits_a() const { return a == total; }
};

// z[i] = f(x[i % p.a], y[i % p.b]).
template <class In, class Out, class F>
void binary_loop(const PeriodicPair& p, const In* x, const In* y, Out* z, F&& f) {
  if (p.b == 1) {
    const In other = *y;
    for (std::int64_t i = 0; i < p.total; ++i) z[i] = static_cast<Out>(f(x[i], other));
  } else if (p.a == 1) {
    const In other = *x;
    for (std::int64_t i = 0; i < p.total; ++i) z[i] = static_cast<Out>(f(other, y[i]));
  } else {
    const std::int64_t inner = std::min(p.a, p.b), a = p.a == p.total, b = p.b == p.total;
    for (std::int64_t at = 0; at < p.total; at += inner) {
      const In *from_x = x + a * at, *from_y = y + b * at;
      for (std::int64_t i = 0; i < inner; ++i) {
        z[at + i] = static_cast<Out>(f(from_x[i], from_y[i]));
      }
    }
  }
}

// out[i] = f(a, b) with broadcasting.
template <class In, class Out, class F>
Result<std::vector<Tensor>> binary(const Tensor& a, const Tensor& b, F&& f) {
  const In *x = a.data<In>().data(), *y = b.data<In>().data();
  std::vector<Tensor> results;
  if (const auto pair = PeriodicPair::of(a.shape(), b.shape())) {
    Tensor& out = results.emplace_back(kElementOf<Out>, pair->fits_a() ? a.shape() : b.shape());
    binary_loop(*pair, x, y, out.data<Out>().data(), f);
    return results;
  }
  TENBIN_TRY(const BroadcastWalk w, broadcast_walk({&a.shape(), &b.shape()}));
  TENBIN_TRY(Tensor out, checked_tensor(kElementOf<Out>, w.shape));
  Out* z = out.data<Out>().data();
  walk(w, [&](std::int64_t i, std::int64_t p, std::int64_t q) {
    z[i] = static_cast<Out>(f(x[p], y[q]));
  });
  results.push_back(std::move(out));
  return results;
}

template <class In, class Out, class F> Tensor unary(const Tensor& a, F&& f) {
  Tensor out(kElementOf<Out>, a.shape());
  const In* x = a.data<In>().data();
  Out* y = out.data<Out>().data();
  const std::int64_t count = a.count();
  for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<Out>(f(x[i]));
  return out;
}

// The second operand of a call as it stands to the first: itself, or, as operator sets before 7 had
// it, put into `room` with the shape that begins at the attribute axis.
Result<const Tensor*> aligned_operand(const OpCall& call, const Tensor& a, const Tensor& b,
                                      Tensor& room);

// The error of an element type that an operator does not take.
Error bad_element_type(const OpCall& call, ElementType found, const std::string& expected);
Error bad_operands(const OpCall& call, const std::string& what);
// Needs an operand to have this type. Error kUnsupportedOp.
Status need_type(const OpCall& call, const Tensor& operand, ElementType type);
// Needs inputs 0 .. count-1 to be there.
Status need_inputs(const OpCall& call, OpInputs inputs, std::size_t count);
// A dimension counted from the end when negative; kBadShape outside the rank.
Result<std::int64_t> axis_of(const OpCall& call, std::int64_t axis, std::size_t rank);

template <class T> std::vector<Tensor> one(T&& tensor) {
  std::vector<Tensor> out;
  out.push_back(std::forward<T>(tensor));
  return out;
}

// A call with inputs i0.. and outputs o0.., for probes and tests.
OpCall op_call(const std::string& op, std::size_t inputs, Attributes attributes = {},
               const std::string& domain = {}, std::size_t outputs = 1);
// Floats of both signs that come again after a while, for probes.
Tensor ramp(Shape shape);

}  // namespace tenbin
