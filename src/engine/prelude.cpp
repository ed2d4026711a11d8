// SPDX-License-Identifier: Apache-2.0
#include "engine/prelude.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/convert.h"
#include "engine/elementwise.h"
#include "engine/kernels/prepare.h"

namespace tenbin {
namespace {

template <class T> void to_floats(const Tensor& source, Tensor& out) {
  kernels::to_floats(source.data<T>().data(), out.data<float>().data(), source.count());
}

bool is_read(const Prelude::ReadCounts& reads, const std::string& value, int times) {
  const auto found = reads.find(value);
  return found != reads.end() && found->second == times;
}

// A constant of floats that repeats over rows: it says nothing of the batch.
const Tensor* row_constant(const Graph& graph, const std::string& name, const Shape& value) {
  const auto found = graph.initializers.find(name);
  if (found == graph.initializers.end()) return nullptr;
  const Tensor& constant = found->second;
  Shape one_row = value;
  if (one_row.empty()) return nullptr;
  one_row.front() = 1;
  const bool fits =
      constant.type() == ElementType::kFloat32 && period_in(constant.shape(), one_row);
  return fits ? &constant : nullptr;
}

std::optional<Shape> known_shape(const Graph& graph, const std::string& value) {
  const auto info = graph.info(value);
  if (!info || !info->has_shape || info->shape.empty()) return std::nullopt;
  const bool known = std::all_of(info->shape.begin() + 1, info->shape.end(),
                                 [](std::int64_t size) { return size > 0; });
  return known ? std::optional(info->shape) : std::nullopt;
}

}  // namespace

void Prelude::step_back(const std::string& source, std::size_t nodes, int reads) {
  source_ = source;
  reads_ = reads;
  begin_ -= nodes;
}

bool Prelude::take_pass(const Graph& graph, const OpCall& node) {
  static const std::map<std::string, Pass> kPasses = {{"Add", Pass::kAdd},
                                                      {"Sub", Pass::kSubtract},
                                                      {"Mul", Pass::kMultiply},
                                                      {"Div", Pass::kDivide}};
  const auto pass = kPasses.find(node.op);
  const auto shape = known_shape(graph, node.outputs[0]);
  if (pass == kPasses.end() || !shape || node.opset < 7) return false;
  const bool turns = pass->second == Pass::kAdd || pass->second == Pass::kMultiply;
  for (const std::size_t at : {std::size_t{1}, std::size_t{0}}) {
    if (at == 0 && !turns) break;
    const Tensor* constant = row_constant(graph, node.inputs[at], *shape);
    const auto source = graph.info(node.inputs[1 - at]);
    if (constant == nullptr || !source || source->shape != *shape) continue;
    steps_.insert(steps_.begin(), {pass->second, *constant});
    step_back(node.inputs[1 - at], 1);
    return true;
  }
  return false;
}

// Where(IsNaN(x), fill, x), or of x - x: infinite numbers are filled too.
bool Prelude::take_fill(const Graph& graph, const OpCall& where, const ReadCounts& reads) {
  if (where.op != "Where" || begin_ < 3) return false;
  const OpCall& test = graph.nodes[begin_ - 2];
  const OpCall& less = graph.nodes[begin_ - 3];
  const std::string& x = where.inputs[2];
  const auto shape = known_shape(graph, x);
  if (test.op != "IsNaN" || test.outputs[0] != where.inputs[0] || !shape ||
      !is_read(reads, test.outputs[0], 1) || !is_read(reads, x, 2)) {
    return false;
  }
  const bool finite = test.inputs[0] != x;
  const bool zero_or_nan = less.op == "Sub" && less.outputs[0] == test.inputs[0] &&
                           less.inputs[0] == x && less.inputs[1] == x &&
                           is_read(reads, test.inputs[0], 1);
  const Tensor* constant = row_constant(graph, where.inputs[1], *shape);
  if (constant == nullptr || (finite && !zero_or_nan)) return false;
  steps_.insert(steps_.begin(), {finite ? Pass::kFillNotFinite : Pass::kFillNaN, *constant});
  results_.insert(results_.begin(), test.outputs[0]);
  if (finite) results_.insert(results_.begin(), less.outputs[0]);
  step_back(x, finite ? 3 : 2, 2);
  return true;
}

bool Prelude::take_cast(const Graph& graph, const OpCall& node) {
  if (node.op != "Cast" ||
      node.integer("to", 0) != static_cast<std::int64_t>(ElementType::kFloat32))
    return false;
  const auto source = graph.info(node.inputs[0]);
  if (!source || !source->has_shape) return false;
  type_ = source->type;
  const bool known = type_ == ElementType::kUint8 || type_ == ElementType::kInt8 ||
                     type_ == ElementType::kInt32 || type_ == ElementType::kInt64;
  if (!known) {
    type_ = ElementType::kFloat32;
    return false;
  }
  step_back(node.inputs[0], 1);
  return true;
}

// Only dimensions of 1 may change places.
bool Prelude::take_transpose(const Graph& graph, const OpCall& node) {
  if (node.op != "Transpose") return false;
  const auto shape = known_shape(graph, node.inputs[0]);
  const std::vector<std::int64_t> order = node.integers("perm");
  if (!shape || order.size() != shape->size() || order.empty() || order[0] != 0) return false;
  std::int64_t last = -1;
  std::vector<std::size_t> places;
  for (const std::int64_t axis : order) {
    places.push_back(static_cast<std::size_t>(axis));
    if ((*shape)[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  // Constants that later passes read were shaped for the turned value; their period is the same.
  std::vector<std::size_t> joined;
  for (std::size_t d = 0; d < places_.size(); ++d) joined.push_back(places[places_[d]]);
  places_ = places_.empty() ? places : joined;
  step_back(node.inputs[0], 1);
  return true;
}

bool Prelude::take(const Graph& graph, const ReadCounts& reads) {
  if (begin_ == 0 || type_ != ElementType::kFloat32) return false;
  const OpCall& node = graph.nodes[begin_ - 1];
  const bool makes = node.domain.empty() && node.outputs.size() == 1 && node.outputs[0] == source_;
  if (!makes) return false;
  results_.insert(results_.begin(), node.outputs[0]);
  const bool taken = take_fill(graph, node, reads) || take_pass(graph, node) ||
                     take_cast(graph, node) || take_transpose(graph, node);
  if (!taken) results_.erase(results_.begin());
  return taken;
}

std::optional<Prelude> Prelude::before(const Graph& graph, std::size_t begin,
                                       const std::string& value, const ReadCounts& reads) {
  Prelude out;
  out.begin_ = begin;
  out.source_ = value;
  while (out.take(graph, reads)) {
    // What else reads the source keeps it a value of its own.
    if (!is_read(reads, out.source_, out.reads_)) break;
  }
  if (out.begin_ == begin) return std::nullopt;
  return out;
}

const Tensor* Prelude::run(const Tensor& source) {
  if (source.type() != type_) return nullptr;
  Shape shape = source.shape();
  if (!places_.empty()) {
    if (places_.size() != shape.size()) return nullptr;
    for (std::size_t d = 0; d < places_.size(); ++d) shape[d] = source.shape()[places_[d]];
  }
  if (room_.shape() != shape || room_.type() != ElementType::kFloat32) {
    room_ = Tensor(ElementType::kFloat32, shape);
  }
  switch (type_) {
    case ElementType::kUint8: to_floats<std::uint8_t>(source, room_); break;
    case ElementType::kInt8: to_floats<std::int8_t>(source, room_); break;
    case ElementType::kInt32: to_floats<std::int32_t>(source, room_); break;
    case ElementType::kInt64: to_floats<std::int64_t>(source, room_); break;
    default: std::ranges::copy(source.bytes(), room_.bytes().begin());
  }
  float* values = room_.data<float>().data();
  for (const Step& step : steps_) {
    const std::int64_t period = step.constant.count();
    if (room_.count() % period != 0) return nullptr;
    const kernels::Repeated constant{step.constant.data<float>().data(), period};
    switch (step.pass) {
      case Pass::kAdd: kernels::add(values, room_.count(), constant); break;
      case Pass::kSubtract: kernels::subtract(values, room_.count(), constant); break;
      case Pass::kMultiply: kernels::multiply(values, room_.count(), constant); break;
      case Pass::kDivide: kernels::divide(values, room_.count(), constant); break;
      case Pass::kFillNaN: kernels::fill_nan(values, room_.count(), constant); break;
      case Pass::kFillNotFinite: kernels::fill_not_finite(values, room_.count(), constant); break;
    }
  }
  return &room_;
}

}  // namespace tenbin
