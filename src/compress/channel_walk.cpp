// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_walk.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "compress/layers.h"

namespace tenbin {
namespace {

constexpr std::string_view kActivations =
    "Relu LeakyRelu Elu Selu Celu Clip Sigmoid Tanh HardSigmoid HardSwish Mish Gelu Softplus "
    "Softsign ThresholdedRelu Erf Exp Log Sqrt Reciprocal Abs Neg Floor Ceil Round Identity "
    "Dropout Cast";
constexpr std::string_view kPools =
    "MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool";
constexpr std::string_view kPointwise = "Add Sub Mul Div Pow Max Min Sum Mean PRelu";
constexpr std::string_view kReductions =
    "ReduceMean ReduceSum ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceProd ReduceSumSquare";

}  // namespace

ChannelWalk::Rule ChannelWalk::rule_of(const OpCall& node) {
  static const std::map<std::string_view, Rule> kRules = [] {
    std::map<std::string_view, Rule> rules = {{"Conv", &ChannelWalk::conv},
                                              {"ConvTranspose", &ChannelWalk::conv_transpose},
                                              {"Gemm", &ChannelWalk::gemm},
                                              {"MatMul", &ChannelWalk::matmul},
                                              {"BatchNormalization", &ChannelWalk::normalise},
                                              {"InstanceNormalization", &ChannelWalk::normalise},
                                              {"LayerNormalization", &ChannelWalk::layer_norm},
                                              {"Softmax", &ChannelWalk::softmax},
                                              {"LogSoftmax", &ChannelWalk::softmax},
                                              {"Flatten", &ChannelWalk::flatten},
                                              {"Reshape", &ChannelWalk::reshape},
                                              {"Transpose", &ChannelWalk::transpose},
                                              {"Squeeze", &ChannelWalk::squeeze},
                                              {"Unsqueeze", &ChannelWalk::squeeze},
                                              {"Concat", &ChannelWalk::concat},
                                              {"Split", &ChannelWalk::split},
                                              {"Slice", &ChannelWalk::slice},
                                              {"Pad", &ChannelWalk::pad},
                                              {"Resize", &ChannelWalk::pad},
                                              {"Gather", &ChannelWalk::gather}};
    const auto add = [&rules](std::string_view ops, Rule rule) {
      for (std::size_t at = 0; at < ops.size();) {
        const std::size_t end = std::min(ops.find(' ', at), ops.size());
        rules[ops.substr(at, end - at)] = rule;
        at = end + 1;
      }
    };
    add(kActivations, &ChannelWalk::pass);
    add(kPools, &ChannelWalk::pool);
    add(kPointwise, &ChannelWalk::pointwise);
    add(kReductions, &ChannelWalk::reduce);
    return rules;
  }();
  const auto found = node.domain.empty() ? kRules.find(node.op) : kRules.end();
  return found == kRules.end() ? &ChannelWalk::fix : found->second;
}

ChannelSpaces ChannelWalk::run() && {
  for (;;) {
    const auto known = apart_;
    walk();
    for (const auto& [space, channel] : asked_) {
      for (const std::size_t same : spaces_.united_with(space)) {
        apart_[origins_[same].value].insert(origins_[same].first + channel);
      }
    }
    if (apart_ == known) return std::move(spaces_);
    spaces_ = {};
    layouts_.clear();
    origins_.clear();
    asked_.clear();
  }
}

void ChannelWalk::walk() {
  for (const OpCall& node : graph_.nodes) {
    if (is_plain(node)) {
      (this->*rule_of(node))(node);
      drop_misread(node);
    } else {
      fix(node);
    }
  }
  for (const ValueInfo& output : graph_.outputs) {
    if (const auto* leaving = layout(output.name)) spaces_.fix(*leaving);
  }
}

void ChannelWalk::make_apart(const ChannelSegment& segment, std::int64_t entry) {
  const std::int64_t channel = entry * segment.per;
  if (segment.times != 1 || channel <= 0 || channel >= spaces_.channels(segment.space)) return;
  asked_.emplace_back(segment.space, channel);
}

// All shapes are known, and channels leave by the first output alone: others (places of maxima,
// masks) have them too, but no rule says where.
bool ChannelWalk::is_plain(const OpCall& node) const {
  const auto known = [this](const std::string& value) {
    if (value.empty()) return true;
    const auto info = graph_.info(value);
    return info && info->has_shape &&
           std::ranges::all_of(info->shape, [](auto d) { return d >= 0; });
  };
  const bool lone =
      node.op == "Split" || std::ranges::all_of(node.outputs.begin() + 1, node.outputs.end(),
                                                [](const std::string& o) { return o.empty(); });
  return lone && std::ranges::all_of(node.inputs, known) &&
         std::ranges::all_of(node.outputs, known);
}

// Channels that do not fill their axis are not those that we took them for.
void ChannelWalk::drop_misread(const OpCall& node) {
  for (const std::string& output : node.outputs) {
    const ChannelLayout* made = layout(output);
    if (made == nullptr) continue;
    std::int64_t entries = 0;
    for (const ChannelSegment& segment : made->segments) entries += spaces_.entries(segment);
    const Shape its = shape(output);
    if (made->axis < its.size() && its[made->axis] == entries) continue;
    spaces_.fix(*made);
    layouts_.erase(output);
  }
}

const ChannelLayout* ChannelWalk::layout(const std::string& value) const {
  const auto found = layouts_.find(value);
  return found == layouts_.end() ? nullptr : &found->second;
}

const ChannelLayout* ChannelWalk::layout(const OpCall& node, std::size_t input) const {
  return input < node.inputs.size() ? layout(node.inputs[input]) : nullptr;
}

Shape ChannelWalk::shape(const std::string& value) const {
  const auto info = graph_.info(value);
  return info && info->has_shape ? info->shape : Shape{};
}

std::vector<std::int64_t> ChannelWalk::integers(const OpCall& node, std::size_t input,
                                                const std::string& attribute) const {
  if (input < node.inputs.size() && is_constant(node.inputs[input])) {
    const Tensor& tensor = graph_.initializers.at(node.inputs[input]);
    if (tensor.type() == ElementType::kInt64) {
      const auto values = tensor.data<std::int64_t>();
      return {values.begin(), values.end()};
    }
  }
  return node.integers(attribute);
}

void ChannelWalk::give_new(const OpCall& node, std::size_t axis, std::int64_t channels,
                           const std::string& weights, std::size_t weights_axis) {
  const std::string& value = node.outputs[0];
  std::set<std::int64_t> ends = {channels};
  if (const auto parts = apart_.find(value); parts != apart_.end()) {
    ends.insert(parts->second.begin(), parts->second.end());
  }
  ChannelLayout made{axis, {}};
  std::int64_t first = 0;
  for (const std::int64_t end : ends) {
    const std::string name = first == 0 ? value : value + " from " + std::to_string(first);
    made.segments.push_back({spaces_.make(name, end - first), 1, 1});
    origins_.push_back({value, first});
    first = end;
  }
  spaces_.tie(made, weights, weights_axis, SliceRole::kMakes);
  give(value, std::move(made));
}

void ChannelWalk::tie_bias(const OpCall& node, std::size_t input) {
  if (input >= node.inputs.size() || node.inputs[input].empty()) return;
  const std::string& added = node.inputs[input];
  const ChannelLayout made = *layout(node.outputs[0]);
  const Shape bias = shape(added);
  if (const auto* its = layout(added)) {  // a Gemm may add what was computed
    spaces_.unite(made, {its->axis + shape(node.outputs[0]).size() - bias.size(), its->segments});
  } else if (!bias.empty() && bias.back() != 1) {
    if (!is_constant(added)) return spaces_.fix(made);
    spaces_.tie(made, added, bias.size() - 1, SliceRole::kFollows);
  }
}

void ChannelWalk::fix(const OpCall& node) {
  for (const std::string& value : reads_of(node)) {
    if (const auto* read = layout(value)) spaces_.fix(*read);
  }
}

void ChannelWalk::pass(const OpCall& node) {
  if (const auto* read = layout(node, 0)) give(node.outputs[0], ChannelLayout(*read));
}

void ChannelWalk::pool(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read != nullptr && read->axis != 1) return fix(node);
  pass(node);
}

void ChannelWalk::tie_constant(const OpCall& node, const ChannelLayout& at, std::size_t rank,
                               const std::string& constant) {
  const Shape own = shape(constant);
  const std::size_t missing = rank - own.size();
  if (own.size() > rank || at.axis < missing || own[at.axis - missing] == 1) return;
  const bool scales = node.op == "Mul" || node.op == "Div";
  spaces_.tie(at, constant, at.axis - missing, scales ? SliceRole::kScales : SliceRole::kFollows);
}

// Another operand meets those before: the same channels, or one value for all of them.
void ChannelWalk::meet(ChannelLayout& have, Shape& have_shape, const std::string& other) {
  Shape its_shape = shape(other);
  const ChannelLayout* its = layout(other);
  ChannelLayout theirs = its != nullptr ? *its : ChannelLayout{};
  const std::size_t rank = std::max(have_shape.size(), its_shape.size());
  have.axis += rank - have_shape.size();
  theirs.axis += rank - its_shape.size();
  have_shape.insert(have_shape.begin(), rank - have_shape.size(), 1);
  its_shape.insert(its_shape.begin(), rank - its_shape.size(), 1);
  if (have.segments.empty()) {
    if (!theirs.segments.empty() && have_shape[theirs.axis] != 1) spaces_.fix(theirs);
    have = std::move(theirs);
  } else if (theirs.segments.empty()) {
    if (its_shape[have.axis] != 1) spaces_.fix(have);
  } else if (have.axis != theirs.axis || have_shape[have.axis] == its_shape[have.axis]) {
    spaces_.unite(have, theirs);
  } else if (its_shape[have.axis] != 1) {
    have = std::move(theirs);  // ours was one value for all
  }
  for (std::size_t d = 0; d < rank; ++d) have_shape[d] = std::max(have_shape[d], its_shape[d]);
}

void ChannelWalk::pointwise(const OpCall& node) {
  const std::size_t rank = shape(node.outputs[0]).size();
  ChannelLayout out;
  Shape seen;
  bool first = true;
  for (const std::string& value : node.inputs) {
    if (is_constant(value)) continue;
    if (first) {
      if (const auto* read = layout(value)) out = *read;
      seen = shape(value);
      first = false;
    } else {
      meet(out, seen, value);
    }
  }
  if (out.segments.empty()) return;
  out.axis += rank - seen.size();
  for (const std::string& value : node.inputs) {
    if (is_constant(value)) tie_constant(node, out, rank, value);
  }
  give(node.outputs[0], std::move(out));
}

void ChannelWalk::normalise(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (read->axis != 1 || !is_constant(node.inputs[i])) return fix(node);
    spaces_.tie(*read, node.inputs[i], 0, i == 1 ? SliceRole::kScales : SliceRole::kFollows);
  }
  pass(node);
}

void ChannelWalk::layer_norm(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const std::size_t rank = shape(node.inputs[0]).size();
  if (read->axis >= axis_in(node.integer("axis", -1), rank)) spaces_.fix(*read);
  pass(node);
}

void ChannelWalk::softmax(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const std::size_t rank = shape(node.inputs[0]).size();
  // Before operator set 13 it joined all dimensions from the axis on.
  if (node.opset < 13 || read->axis == axis_in(node.integer("axis", -1), rank)) return fix(node);
  pass(node);
}

void ChannelWalk::conv(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  const Tensor* weights = float_constant(graph_, node, 1);
  if (weights == nullptr || (read != nullptr && read->axis != 1)) return fix(node);
  const std::int64_t groups = node.integer("group", 1);
  if (groups > 1) return conv_in_groups(node, groups);
  if (read != nullptr) spaces_.tie(*read, node.inputs[1], 1, SliceRole::kReads);
  give_new(node, 1, weights->shape()[0], node.inputs[1], 0);
  tie_bias(node, 2);
}

// A channel of the operand goes with all of its group, and with what the group makes.
void ChannelWalk::conv_in_groups(const OpCall& node, std::int64_t groups) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return fix(node);
  const Shape weights = shape(node.inputs[1]);
  const std::int64_t in = weights[1], out = weights[0] / groups;
  ChannelLayout made = *read;
  for (ChannelSegment& segment : made.segments) {
    if (in > 1 && (segment.times != 1 || segment.per != 1)) return fix(node);
    if (spaces_.channels(segment.space) % in != 0) return fix(node);
    spaces_.coarsen(segment.space, in);
    segment.times *= out;
    segment.per *= in;
  }
  give(node.outputs[0], made);
  spaces_.tie(made, node.inputs[1], 0, SliceRole::kFollows);
  tie_bias(node, 2);
}

void ChannelWalk::conv_transpose(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  const Tensor* weights = float_constant(graph_, node, 1);
  const bool plain = weights != nullptr && node.integer("group", 1) == 1;
  if (!plain || (read != nullptr && read->axis != 1)) return fix(node);
  if (read != nullptr) spaces_.tie(*read, node.inputs[1], 0, SliceRole::kReads);
  give_new(node, 1, weights->shape()[1], node.inputs[1], 1);
  tie_bias(node, 2);
}

void ChannelWalk::gemm(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  const Tensor* weights = float_constant(graph_, node, 1);
  const bool turned = node.integer("transA", 0) != 0;
  if (weights == nullptr || (read != nullptr && (turned || read->axis != 1))) return fix(node);
  const std::size_t makes = node.integer("transB", 0) != 0 ? 0 : 1;
  if (read != nullptr) spaces_.tie(*read, node.inputs[1], 1 - makes, SliceRole::kReads);
  give_new(node, 1, weights->shape()[makes], node.inputs[1], makes);
  tie_bias(node, 2);
}

void ChannelWalk::matmul(const OpCall& node) {
  const Tensor* weights = float_constant(graph_, node, 1);
  if (weights == nullptr) return products(node);
  const ChannelLayout* read = layout(node, 0);
  const std::size_t rank = shape(node.inputs[0]).size();
  if (weights->shape().size() != 2 || rank < 2) return fix(node);
  if (read != nullptr && read->axis != rank - 1) return pass(node);
  if (read != nullptr) spaces_.tie(*read, node.inputs[1], 0, SliceRole::kReads);
  give_new(node, rank - 1, weights->shape()[1], node.inputs[1], 1);
}

void ChannelWalk::products(const OpCall& node) {
  const ChannelLayout *a = layout(node, 0), *b = layout(node, 1);
  const std::size_t rank = shape(node.inputs[0]).size();
  const bool stacked = a != nullptr && b != nullptr && rank > 2 && a->axis < rank - 2 &&
                       shape(node.inputs[1]).size() == rank && b->axis == a->axis;
  if (!stacked) return fix(node);
  spaces_.unite(*a, *b);
  pass(node);
}

}  // namespace tenbin
