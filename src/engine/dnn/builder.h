// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/dnn/program.h"
#include "graph/graph.h"
#include "graph/learned.h"

namespace tenbin::dnn {

// The same layout with elements of another type.
Desc typed(Desc desc, dnnl::memory::data_type type);

// A weight as the plan holds it: its own layout in the flat parameter buffer.
struct Parameter {
  std::string name;                   // the initialiser
  Desc plain;                         // as the graph stores it
  Desc desc;                          // as the kernels want it
  std::size_t offset = 0, bytes = 0;  // in the flat buffers
  bool decays = false;                // weights do; biases, scales and shifts do not
  bool trained = true;                // by gradient; else a running average of what steps see
  float momentum = 0;                 // of that average: how much of the old value stays
};

// Flat memory of all parameters, and where each lies. Shared by the training and the evaluation
// program of one plan, so both see the same weights.
class Parameters {
 public:
  // The parameter for an initialiser, laid out as `desc` (any layout of the same logical dims as
  // `plain`). A second caller gets the layout of the first.
  int declare(const std::string& name, const Desc& plain, const Desc& desc, bool decays);
  int find(const std::string& name) const;
  Parameter& operator[](int i) { return list_[static_cast<std::size_t>(i)]; }
  const std::vector<Parameter>& list() const { return list_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Parameter> list_;
  std::size_t bytes_ = 0;
};

// Where the values of an 8-bit tensor lie: real = (stored - zero) * scale.
struct Grid {
  float scale = 1;
  std::int32_t zero = 0;
  bool operator==(const Grid&) const = default;
};

// A value as integers on a grid.
struct OnGrid {
  Ref data;
  Grid grid;
  // Its rows are pixels of [batch, channels, height, width] that lie channels last still; the
  // graph wants them in its own order.
  std::optional<Shape> pixels;
};

struct FakeGrid;  // engine/dnn/fake_grid.h
using FakeGrids = std::map<std::string, FakeGrid>;
struct QuantisedConstant;  // engine/dnn/quantised.h
using QuantisedConstants = std::map<std::string, QuantisedConstant>;

enum class Mode { kTrain, kEvaluate, kInfer };  // kInfer: weights are constants, packed freely
enum class Layout { kBlocked, kChannelsLast, kPlain };
enum class ConvChoice { kAuto, kDirect, kWinograd };

struct BuildOptions {
  Mode mode = Mode::kTrain;
  Layout layout = Layout::kBlocked;
  ConvChoice convolution = ConvChoice::kDirect;
  // What layers exchange and multiply: f32, or bf16 with sums, weights and statistics in f32.
  dnnl::memory::data_type type = dnnl::memory::data_type::f32;
  std::uint64_t seed = 1;
  // [B] of the program, if that can be by running steps twice. To train.
  std::optional<std::size_t> memory;
  // Integers of constants on a grid, by name; null: the plan works on floats alone.
  const QuantisedConstants* quantised = nullptr;
  // Weights that layers see rounded while they are trained, by name; null: none. Not to infer.
  const FakeGrids* fake_grids = nullptr;
};

// Layers exchange and multiply bfloat16, in the layout that its kernels like here.
void use_bfloat16(BuildOptions& options);

// Turns graph nodes into steps of a program, forwards; what must follow backwards is kept on a
// tape and emitted in reverse by backward(). Lives only while a plan is compiled.
class Builder {
 public:
  struct Value {
    Ref data;  // none yet while the value lies on a grid only
    std::optional<OnGrid> on_grid;
    Shape shape;   // [batch, ...] logical
    int uses = 0;  // consumers in the graph
    Ref gradient;
    bool shared_gradient = false;  // the buffer is also another value's gradient
    bool wants_gradient = false;
    bool view = false;  // the buffer is also another value's data
    bool kept = false;  // the backward step of its own node reads it: not to be overwritten
  };

  Builder(const Graph& graph, Program& program, Parameters& parameters,
          const BuildOptions& options);

  // Emits all nodes that the outputs need. Each input of the graph must hold [batch, ...] plain
  // floats in a fixed or arena buffer.
  Status forward(std::span<const Ref> inputs);
  // Emits the backward steps, given the gradient of the output (plain layout).
  Status backward(const Ref& output_gradient);

  Value& output() { return values_.at(graph_.outputs.front().name); }
  Result<Ref> plain(const Value& value);  // the value in row-major layout, reordered if need be

  // ---- for the lowerings ----
  Value& value(const std::string& name) { return values_.at(name); }
  bool has_value(const std::string& name) const { return values_.contains(name); }
  // Whether an initialiser is one that training adjusts.
  bool is_learned(const std::string& name) const { return learned_.weights.contains(name); }
  Value& define(const std::string& name, const Shape& shape, const Ref& data);
  const Tensor* constant(const std::string& name) const;
  // Where parameter i's weights, as layers see them, and gradient lie as buffers of this program.
  Ref weights(int parameter);
  Ref gradient(int parameter);
  // The layout and type activations take: channels-first logical dims.
  Desc activation(const Shape& shape) const;
  // Channels of a block of theirs: those of a vector of this machine.
  std::int64_t channel_block() const;
  // Whether our own AVX-512 kernels run here, or, where those do not, the ones for AVX2.
  bool has_own_kernels() const;
  bool has_avx2_kernels() const;
  // The same values as floats, in the same layout.
  Result<Ref> floats(const Ref& ref) {
    return as(ref, typed(ref.desc, dnnl::memory::data_type::f32));
  }
  bool is_output(const std::string& value) const;
  // Numbers the dropouts of the network: each has its own random stream, whatever is around it.
  std::uint64_t next_dropout() { return dropouts_++; }
  // Makes known a value that a lowering puts between two of the graph's, learned as `from` is.
  void add_inner(const std::string& from, const std::string& inner) {
    if (learned_.values.contains(from)) learned_.values.insert(inner);
  }
  // In `desc`, reordered when it lies otherwise.
  Result<Ref> as(const Ref& ref, const Desc& desc);
  // Joins a gradient to a value's, summing when it has one already.
  Status add_gradient(Value& value, const Ref& gradient, bool shared);
  void on_backward(std::function<Status()> emit) { tape_.push_back(std::move(emit)); }
  bool trains() const { return options_.mode == Mode::kTrain; }
  const OpCall* only_consumer(const std::string& value) const;
  // The node being lowered does this one's work too.
  void absorb(const OpCall* node) {
    absorbed_.push_back(node);
    program_.share_node(node->outputs.front());
  }

  const Graph& graph() const { return graph_; }
  Program& program() { return program_; }
  Parameters& parameters() { return parameters_; }
  const BuildOptions& options() const { return options_; }
  // Memory of the flat buffers; set before forward().
  float* parameter_memory = nullptr;
  float* gradient_memory = nullptr;
  // Counters that own kernels read while the program runs (dropout key); borrowed.
  std::uint64_t* step_counter = nullptr;

 private:
  Status lower(const OpCall& node);
  Status check_operands(const OpCall& node) const;
  bool is_needed(const OpCall& node) const;  // whether the output depends on it
  // Weights rounded to their grid, in a buffer of the arena; the floats lie in `floats`.
  int round_weights(int parameter, const FakeGrid& grid, int floats);
  void stop_gradients_beyond_grids();

  const Graph& graph_;
  LearnedNames learned_;
  std::set<std::string> needed_;  // values that the output depends on
  Program& program_;
  Parameters& parameters_;
  BuildOptions options_;
  std::map<std::string, Value> values_;
  std::map<std::string, std::vector<const OpCall*>> consumers_;
  std::vector<const OpCall*> absorbed_;
  std::vector<std::function<Status()>> tape_;
  std::map<int, int> weight_buffers_, gradient_buffers_;
  struct Rounded {
    int floats, scales;  // buffers
  };
  std::map<int, Rounded> rounded_;  // by parameter
  std::uint64_t dropouts_ = 0;
};

// One lowering: emits the forward steps of a node and tapes its backward ones.
using Lower = Status (*)(Builder& builder, const OpCall& node);
// The lowering for an operator, or null when the plan does not have it.
Lower find_lowering(const std::string& domain, const std::string& op);
std::vector<std::string> lowered_ops();

Status lower_conv(Builder& b, const OpCall& node);
Status lower_dense(Builder& b, const OpCall& node);     // Gemm; MatMul with constant weights
Status lower_products(Builder& b, const OpCall& node);  // MatMul of two activations
Status lower_pool(Builder& b, const OpCall& node);
Status lower_norm(Builder& b, const OpCall& node);
Status lower_layer_norm(Builder& b, const OpCall& node);
Status lower_recurrent(Builder& b, const OpCall& node);  // LSTM, GRU
// The pooling that takes a ReLU of values in `src` into its own pass, or null; and both as one.
const OpCall* pool_after_relu(const Builder& b, const OpCall& relu, const Shape& shape,
                              const Desc& src);
Status lower_relu_pool(Builder& b, const OpCall& relu, const OpCall& pool);
// Takes the ReLU after a layer into the layer's own pass: `dst_name` becomes the ReLU's result and
// `attributes` get the post-op. False when there is none to take.
bool fuse_relu(Builder& b, std::string& dst_name, const Shape& shape, const Desc& dst,
               dnnl::primitive_attr& attributes);
// The gradient of the sum under a fused ReLU, from the gradient of its result `dst`.
Result<Ref> gradient_under_relu(Builder& b, const Builder::Value& result, const Ref& dst);
Status lower_activation(Builder& b, const OpCall& node);
Status lower_erf(Builder& b, const OpCall& node);
Status lower_power(Builder& b, const OpCall& node);
Status lower_softmax(Builder& b, const OpCall& node);
Status lower_binary(Builder& b, const OpCall& node);
Status lower_reduce(Builder& b, const OpCall& node);
Status lower_reshape(Builder& b, const OpCall& node);
Status lower_transpose(Builder& b, const OpCall& node);
Status lower_concat(Builder& b, const OpCall& node);
Status lower_split(Builder& b, const OpCall& node);
Status lower_slice(Builder& b, const OpCall& node);
Status lower_gather(Builder& b, const OpCall& node);
Status lower_dropout(Builder& b, const OpCall& node);
Status lower_identity(Builder& b, const OpCall& node);
Status lower_quantize(Builder& b, const OpCall& node);
Status lower_dequantize(Builder& b, const OpCall& node);
// Takes the nodes that write the Gelu of Hendrycks and Gimpel as an error function, from its
// division on, as one activation. False when `node` does not begin it.
Result<bool> take_gelu(Builder& b, const OpCall& node);

// Whether the processor (or what ONEDNN_MAX_CPU_ISA leaves of it) has all of an instruction set.
bool has_isa(dnnl::cpu_isa isa);
dnnl::memory::dims dims_of(const Shape& shape);
Desc plain_desc(const Shape& shape);
dnnl::primitive_attr user_scratch();
// Runs f; nothing where oneDNN throws, or has a reference kernel ("ref:any") unless slow ones are
// welcome: correct, and better than refusing a network.
template <class Pd, class F> std::optional<Pd> try_make(F&& f, bool slow_too = false) {
  try {
    Pd pd = f();
    if (!slow_too && std::string(pd.impl_info_str()).starts_with("ref")) return std::nullopt;
    return pd;
  } catch (const dnnl::error&) {
    return std::nullopt;
  }
}
Error no_kernel(const OpCall& node, const std::string& what);

}  // namespace tenbin::dnn
