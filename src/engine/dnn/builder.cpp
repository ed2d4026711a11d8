// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/builder.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <string_view>

#include "base/nearest_name.h"
#include "engine/dnn/fake_grid.h"
#include "engine/dnn/quantised.h"
#include "engine/dnn/weights.h"
#include "engine/kernels/kernels.h"
#include "engine/kernels/simd.h"

namespace tenbin::dnn {
namespace {

constexpr std::size_t kAlignment = 64;

struct LoweringRow {
  const char* op;
  Lower lower;
};
constexpr LoweringRow kLowerings[] = {
    {"Conv", lower_conv},
    {"Gemm", lower_dense},
    {"MatMul", lower_dense},
    {"MaxPool", lower_pool},
    {"AveragePool", lower_pool},
    {"GlobalAveragePool", lower_pool},
    {"GlobalMaxPool", lower_pool},
    {"BatchNormalization", lower_norm},
    {"LayerNormalization", lower_layer_norm},
    {"LSTM", lower_recurrent},
    {"GRU", lower_recurrent},
    {"Relu", lower_activation},
    {"LeakyRelu", lower_activation},
    {"Sigmoid", lower_activation},
    {"Tanh", lower_activation},
    {"Elu", lower_activation},
    {"Exp", lower_activation},
    {"Log", lower_activation},
    {"Sqrt", lower_activation},
    {"Abs", lower_activation},
    {"Neg", lower_activation},
    {"Reciprocal", lower_activation},
    {"Softplus", lower_activation},
    {"HardSwish", lower_activation},
    {"Gelu", lower_activation},
    {"Mish", lower_activation},
    {"Clip", lower_activation},
    {"HardSigmoid", lower_activation},
    {"Erf", lower_erf},
    {"Pow", lower_power},
    {"Softmax", lower_softmax},
    {"Add", lower_binary},
    {"Sub", lower_binary},
    {"Mul", lower_binary},
    {"Div", lower_binary},
    {"ReduceMean", lower_reduce},
    {"ReduceSum", lower_reduce},
    {"Flatten", lower_reshape},
    {"Reshape", lower_reshape},
    {"Squeeze", lower_reshape},
    {"Unsqueeze", lower_reshape},
    {"Transpose", lower_transpose},
    {"Concat", lower_concat},
    {"Split", lower_split},
    {"Slice", lower_slice},
    {"Gather", lower_gather},
    {"Dropout", lower_dropout},
    {"Identity", lower_identity},
    {"QuantizeLinear", lower_quantize},
    {"DequantizeLinear", lower_dequantize},
};

void add_to_kernel(const KernelArgs& a) { kernels::add_scaled(a.p[0], a.p[1], 1, a.n[0]); }
void add_kernel(const KernelArgs& a) { kernels::add(a.p[0], a.p[1], a.p[2], a.n[0], false); }

// dst, weights, scales; n: elements; f: least, most.
void round_weights_kernel(const KernelArgs& a) {
  kernels::round_to_grids(a.p[0], a.p[1], a.p[2], a.n[0], {0, a.f[0], a.f[1]});
}
// gradient, weights, scales.
void weights_in_reach_kernel(const KernelArgs& a) {
  kernels::pass_in_reach(a.p[0], a.p[0], a.p[1], a.p[2], a.n[0], {0, a.f[0], a.f[1]});
}

}  // namespace

dnnl::memory::dims dims_of(const Shape& shape) { return {shape.begin(), shape.end()}; }

Desc plain_desc(const Shape& shape) {
  dnnl::memory::dims strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return Desc(dims_of(shape), dnnl::memory::data_type::f32, strides);
}

Desc typed(Desc desc, dnnl::memory::data_type type) {
  desc.data.data_type = static_cast<dnnl_data_type_t>(type);
  return desc;
}

bool has_isa(dnnl::cpu_isa isa) {
  // Sets include each other as their bits do.
  const auto bits = [](dnnl::cpu_isa of) { return static_cast<unsigned>(of); };
  return (bits(dnnl::get_effective_cpu_isa()) & bits(isa)) == bits(isa);
}

dnnl::primitive_attr user_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

Error no_kernel(const OpCall& node, const std::string& what) {
  return Error(ErrorCode::kUnsupportedOp, "no kernel for " + what + " of '" + node.op + "'",
               "node '" + node.name + "'");
}

Lower find_lowering(const std::string& domain, const std::string& op) {
  if (!domain.empty()) return nullptr;
  for (const LoweringRow& row : kLowerings) {
    if (op == row.op) return row.lower;
  }
  return nullptr;
}

std::vector<std::string> lowered_ops() {
  std::vector<std::string> names;
  for (const LoweringRow& row : kLowerings) names.emplace_back(row.op);
  return names;
}

void use_bfloat16(BuildOptions& options) {
  options.type = dnnl::memory::data_type::bf16;
  // The tile units read pixels with all their channels side by side.
  if (has_isa(dnnl::cpu_isa::avx512_core_amx)) options.layout = Layout::kChannelsLast;
}

int Parameters::find(const std::string& name) const {
  for (std::size_t i = 0; i < list_.size(); ++i) {
    if (list_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

int Parameters::declare(const std::string& name, const Desc& plain, const Desc& desc, bool decays) {
  if (const int found = find(name); found >= 0) return found;
  Parameter parameter;
  parameter.name = name;
  parameter.plain = plain;
  parameter.desc = desc;
  parameter.bytes = desc.get_size();
  parameter.offset = bytes_;
  parameter.decays = decays;
  bytes_ += (parameter.bytes + kAlignment - 1) / kAlignment * kAlignment;
  list_.push_back(std::move(parameter));
  return static_cast<int>(list_.size()) - 1;
}

Builder::Builder(const Graph& graph, Program& program, Parameters& parameters,
                 const BuildOptions& options)
    : graph_(graph),
      learned_(find_learned(graph)),
      program_(program),
      parameters_(parameters),
      options_(options) {
  for (const ValueInfo& output : graph_.outputs) needed_.insert(output.name);
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
    const bool runs = std::ranges::any_of(
        node->outputs, [&](const std::string& name) { return needed_.contains(name); });
    if (runs) needed_.insert(node->inputs.begin(), node->inputs.end());
  }
  for (const OpCall& node : graph_.nodes) {
    if (!is_needed(node)) continue;
    for (const std::string& input : node.inputs) consumers_[input].push_back(&node);
  }
}

bool Builder::is_needed(const OpCall& node) const {
  return std::ranges::any_of(node.outputs,
                             [&](const std::string& name) { return needed_.contains(name); });
}

const Tensor* Builder::constant(const std::string& name) const {
  const auto found = graph_.initializers.find(name);
  return found == graph_.initializers.end() ? nullptr : &found->second;
}

const OpCall* Builder::only_consumer(const std::string& value) const {
  const auto found = consumers_.find(value);
  if (found == consumers_.end() || found->second.size() != 1) return nullptr;
  return is_output(value) ? nullptr : found->second.front();
}

Builder::Value& Builder::define(const std::string& name, const Shape& shape, const Ref& data) {
  Value& value = values_[name];
  value.shape = shape;
  value.data = data;
  value.on_grid.reset();
  const auto found = consumers_.find(name);
  value.uses = found == consumers_.end() ? 0 : static_cast<int>(found->second.size());
  if (is_output(name) && value.uses > 0) ++value.uses;  // who reads the results comes last
  value.wants_gradient = trains() && learned_.values.contains(name);
  return value;
}

Ref Builder::weights(int parameter) {
  const auto [found, fresh] = weight_buffers_.try_emplace(parameter, -1);
  const Parameter& p = parameters_[parameter];
  if (fresh) {
    found->second = program_.fixed_buffer(parameter_memory + p.offset / sizeof(float));
    const bool rounds = options_.fake_grids != nullptr && options_.fake_grids->contains(p.name);
    if (rounds && parameter_memory != nullptr) {
      found->second = round_weights(parameter, options_.fake_grids->at(p.name), found->second);
    }
  }
  return {found->second, p.desc};
}

int Builder::round_weights(int parameter, const FakeGrid& grid, int floats) {
  const Parameter& p = parameters_[parameter];
  const std::vector<float> plain = scale_of_elements(grid, constant(p.name)->shape());
  std::vector<float> scales(p.bytes / sizeof(float), 0);  // padding stays 0
  if (!copy_layout(program_.engine(), p.plain, plain.data(), p.desc, scales.data()).ok()) {
    assert(false && "a layout that the weights themselves were brought to");
  }
  const Rounded buffers{floats, program_.constant_buffer(std::span<const float>(scales))};
  rounded_[parameter] = buffers;
  const Ref dst = program_.arena_ref(p.desc);
  KernelArgs args;
  args.n[0] = static_cast<std::int64_t>(scales.size());
  args.f[0] = grid.reach.least;
  args.f[1] = grid.reach.most;
  program_.add(round_weights_kernel, args, {dst, {floats, p.desc}, {buffers.scales, p.desc}},
               "round_weights:own");
  return dst.buffer;
}

// Where weights lie beyond their grid, no gradient reaches them.
void Builder::stop_gradients_beyond_grids() {
  for (const auto& [parameter, buffers] : rounded_) {
    const Parameter& p = parameters_[parameter];
    const kernels::GridReach& reach = options_.fake_grids->at(p.name).reach;
    const Ref diff = gradient(parameter);
    KernelArgs args;
    args.n[0] = static_cast<std::int64_t>(p.bytes / sizeof(float));
    args.f[0] = reach.least;
    args.f[1] = reach.most;
    program_.add(weights_in_reach_kernel, args,
                 {diff, {buffers.floats, p.desc}, {buffers.scales, p.desc}});
  }
}

Ref Builder::gradient(int parameter) {
  const auto [found, fresh] = gradient_buffers_.try_emplace(parameter, -1);
  const Parameter& p = parameters_[parameter];
  if (fresh) found->second = program_.fixed_buffer(gradient_memory + p.offset / sizeof(float));
  return {found->second, p.desc};
}

bool Builder::has_own_kernels() const {
  return options_.layout != Layout::kPlain && has_isa(dnnl::cpu_isa::avx512_core) &&
         kernels::has_avx512();
}

bool Builder::has_avx2_kernels() const {
  return options_.layout != Layout::kPlain && !has_isa(dnnl::cpu_isa::avx512_core) &&
         has_isa(dnnl::cpu_isa::avx2) && kernels::has_avx2();
}

std::int64_t Builder::channel_block() const { return has_isa(dnnl::cpu_isa::avx512_core) ? 16 : 8; }

bool Builder::is_output(const std::string& value) const {
  return std::any_of(graph_.outputs.begin(), graph_.outputs.end(),
                     [&](const ValueInfo& output) { return output.name == value; });
}

Desc Builder::activation(const Shape& shape) const {
  using Tag = dnnl::memory::format_tag;
  const bool line = shape.size() == 3;
  if ((!line && shape.size() != 4) || options_.layout == Layout::kPlain) {
    return typed(plain_desc(shape), options_.type);
  }
  const bool wide = channel_block() == 16;
  Tag tag = line ? (wide ? Tag::nCw16c : Tag::nCw8c) : (wide ? Tag::nChw16c : Tag::nChw8c);
  if (options_.layout == Layout::kChannelsLast) tag = line ? Tag::nwc : Tag::nhwc;
  return Desc(dims_of(shape), options_.type, tag);
}

Result<Ref> Builder::as(const Ref& ref, const Desc& desc) {
  if (ref.desc == desc) return ref;
  const Ref out = program_.arena_ref(desc);
  TENBIN_CHECK(program_.add_reorder(ref, out));
  return out;
}

Result<Ref> Builder::plain(const Value& value) { return as(value.data, plain_desc(value.shape)); }

Status Builder::add_gradient(Value& value, const Ref& gradient, bool shared) {
  if (!value.wants_gradient) return {};
  if (!value.gradient) {
    value.gradient = gradient;
    value.shared_gradient = shared;
    return {};
  }
  TENBIN_TRY(Ref sum, floats(value.gradient));
  TENBIN_TRY(Ref other, as(gradient, sum.desc));
  // Into one of the two, unless both are read elsewhere too.
  const bool own = !value.shared_gradient || sum.buffer != value.gradient.buffer;
  const bool other_own = !shared || other.buffer != gradient.buffer;
  if (!own && other_own) std::swap(sum, other);
  KernelArgs args;
  args.n[0] = static_cast<std::int64_t>(sum.desc.get_size() / sizeof(float));
  if (own || other_own) {
    program_.add(add_to_kernel, args, {sum, other});
  } else {
    const Ref first = sum;
    sum = program_.arena_ref(first.desc);
    program_.add(add_kernel, args, {sum, first, other});
  }
  value.gradient = sum;
  value.shared_gradient = false;
  return {};
}

// Lowerings look their operands up without asking; what they need is seen to here. Only arithmetic
// and what lays on or takes off a grid begin with a constant.
Status Builder::check_operands(const OpCall& node) const {
  static const std::map<std::string_view, std::size_t> kLeast = {
      {"Conv", 2}, {"Gemm", 2}, {"MatMul", 2},         {"Add", 2},
      {"Sub", 2},  {"Mul", 2},  {"Reshape", 2},        {"BatchNormalization", 5},
      {"LSTM", 3}, {"GRU", 3},  {"QuantizeLinear", 2}, {"DequantizeLinear", 2},
      {"Div", 2},  {"Pow", 2},  {"Gather", 2},         {"LayerNormalization", 2}};
  const auto found = kLeast.find(node.op);
  const std::size_t least = found == kLeast.end() ? 1 : found->second;
  bool reads_value = false;
  for (std::size_t i = 0; i < std::max(least, node.inputs.size()); ++i) {
    const bool given = i < node.inputs.size() && !node.inputs[i].empty();
    if (given ? !values_.contains(node.inputs[i]) && constant(node.inputs[i]) == nullptr
              : i < least) {
      return Error(ErrorCode::kUnsupportedOp,
                   "operator '" + node.op + "' without input " + std::to_string(i),
                   "node '" + node.name + "'");
    }
    reads_value = reads_value || (given && values_.contains(node.inputs[i]));
  }
  const bool any_order = node.op == "Add" || node.op == "Sub" || node.op == "Mul" ||
                         node.op == "Div" || node.op == "Gather";
  const bool grid = node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
  if (grid || (any_order ? reads_value : values_.contains(node.inputs[0]))) return {};
  return Error(ErrorCode::kUnsupportedOp, "operator '" + node.op + "' of a constant",
               "node '" + node.name + "'");
}

Status Builder::lower(const OpCall& node) {
  const Lower lowering = find_lowering(node.domain, node.op);
  if (lowering == nullptr) {
    return Error(ErrorCode::kUnsupportedOp,
                 "operator '" + node.op + "' cannot be compiled: " + one_of(lowered_ops(), 32),
                 "node '" + node.name + "'");
  }
  TENBIN_CHECK(check_operands(node));
  try {
    TENBIN_TRY(const bool on_integers, lower_quantised(*this, node));
    if (on_integers) return {};
    const bool changes_grid = lowering == lower_quantize || lowering == lower_dequantize;
    for (const std::string& input : node.inputs) {
      const auto value = values_.find(input);
      if (!changes_grid && value != values_.end()) TENBIN_CHECK(dequantise(*this, value->second));
    }
    return lowering(*this, node);
  } catch (const dnnl::error& failure) {
    return Error(ErrorCode::kUnsupportedOp,
                 "kernel library refuses '" + node.op + "': " + failure.what(),
                 "node '" + node.name + "'");
  }
}

Status Builder::forward(std::span<const Ref> inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ValueInfo& info = graph_.inputs[i];
    define(info.name, info.shape, inputs[i]).wants_gradient = false;  // nobody needs it
  }
  for (const OpCall& node : graph_.nodes) {
    if (std::find(absorbed_.begin(), absorbed_.end(), &node) != absorbed_.end()) continue;
    if (!is_needed(node)) continue;
    program_.begin_node(node.outputs.front());
    TENBIN_CHECK(lower(node));
  }
  for (const ValueInfo& output : graph_.outputs) {
    const auto value = values_.find(output.name);
    if (value == values_.end()) {
      return Error(ErrorCode::kUnsupportedOp, "output '" + output.name + "' is not computed");
    }
    TENBIN_CHECK(dequantise(*this, value->second));
  }
  return {};
}

Status Builder::backward(const Ref& output_gradient) {
  output().gradient = output_gradient;
  for (auto emit = tape_.rbegin(); emit != tape_.rend(); ++emit) {
    try {
      TENBIN_CHECK((*emit)());
    } catch (const dnnl::error& failure) {
      return Error(ErrorCode::kUnsupportedOp,
                   std::string("kernel library refuses a gradient: ") + failure.what());
    }
  }
  stop_gradients_beyond_grids();
  return {};
}

}  // namespace tenbin::dnn
