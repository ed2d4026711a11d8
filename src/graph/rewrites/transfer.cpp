// SPDX-License-Identifier: Apache-2.0
#include "graph/rewrites/transfer.h"

#include <algorithm>
#include <optional>
#include <set>

#include "graph/nets/layers.h"
#include "graph/rewrites/rewrites.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

// Tokens travel as floats, which tell so many whole numbers apart.
constexpr std::int64_t kMostTokens = std::int64_t{1} << 24;

bool is_constant(const Graph& g, const std::string& name) { return g.initializers.contains(name); }

// Has weights that training changes; normalisations belong to the layer before them.
bool is_layer(const Graph& g, const OpCall& node) {
  const OpSchema* schema = find_schema(node.domain, node.op);
  if (schema == nullptr || node.op == "BatchNormalization" || node.op == "LayerNormalization") {
    return false;
  }
  return std::any_of(schema->parameters.begin(), schema->parameters.end(), [&](std::size_t i) {
    return i < node.inputs.size() && is_constant(g, node.inputs[i]) &&
           g.initializers.at(node.inputs[i]).shape().size() >= 2;
  });
}

std::size_t writer_of(const Graph& g, const std::string& value) {
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    const auto& outputs = g.nodes[i].outputs;
    if (std::find(outputs.begin(), outputs.end(), value) != outputs.end()) return i;
  }
  return g.nodes.size();
}

ElementType type_of(const Graph& g, const std::string& value) {
  const auto info = g.info(value);
  return info ? info->type : ElementType::kUndefined;
}

// What a classifier makes of its numbers, and names for one value.
bool comes_after_logits(const OpCall& node) {
  static const std::set<std::string> ops = {"Softmax", "LogSoftmax", "Sigmoid", "Identity",
                                            "ArgMax",  "ZipMap",     "Cast"};
  return ops.contains(node.op);
}

// The numbers behind an output of the model.
std::string numbers_behind(const Graph& g, std::string value, std::vector<std::string>& notes) {
  for (std::size_t i = writer_of(g, value); i < g.nodes.size() && comes_after_logits(g.nodes[i]);
       i = writer_of(g, value)) {
    if (g.nodes[i].op != "Identity") notes.push_back(g.nodes[i].op + " at its end left out");
    value = g.nodes[i].inputs[0];
  }
  return value;
}

// Of the outputs, the one of floats [batch, n]; the last if there are several.
Result<std::string> numeric_output(const Graph& g) {
  for (auto output = g.outputs.rbegin(); output != g.outputs.rend(); ++output) {
    const auto info = g.info(output->name).value_or(*output);
    const bool floats = info.type == ElementType::kFloat32 && info.kind == ValueKind::kTensor;
    if (floats && (!info.has_shape || info.shape.size() == 2)) return output->name;
  }
  return Error(ErrorCode::kUnsupportedOp,
               "model has no output of floats [batch, n], expected one to train further");
}

// The whole numbers that a node picks rows of a constant table by, if it does.
std::optional<std::string> tokens_of(const Graph& g, const OpCall& node) {
  if (node.op != "Gather" || node.integer("axis", 0) != 0 || is_constant(g, node.inputs[1])) {
    return std::nullopt;
  }
  const auto table = g.initializers.find(node.inputs[0]);
  if (table == g.initializers.end() || table->second.type() != ElementType::kFloat32 ||
      table->second.shape().size() != 2 || table->second.shape()[0] > kMostTokens) {
    return std::nullopt;
  }
  const ElementType type = type_of(g, node.inputs[1]);
  if (type != ElementType::kInt64 && type != ElementType::kInt32) return std::nullopt;
  return node.inputs[1];
}

// The value that the first layer reads, through what only moves or scales it: floats, or tokens.
Result<std::string> first_value(const Graph& g, std::vector<std::string>& notes) {
  std::vector<std::string> inputs;
  for (const ValueInfo& input : g.inputs) inputs.push_back(input.name);
  if (inputs.size() == 1 && type_of(g, inputs[0]) == ElementType::kFloat32) return inputs[0];
  for (const OpCall& node : g.nodes) {
    if (auto tokens = tokens_of(g, node)) return *tokens;
    if (!is_layer(g, node)) continue;
    notes.push_back("its own scaling of inputs left out: this data is scaled by itself");
    return node.inputs[0];
  }
  return Error(ErrorCode::kUnsupportedOp, "model has " + std::to_string(inputs.size()) +
                                              " inputs and no layer with weights, expected one "
                                              "input of floats");
}

// Keeps what `output` needs of what `input` gives. Error kUnsupportedOp: it needs more.
Status keep_between(Graph& g, const std::string& input, const std::string& output) {
  std::set<std::string> needed = {output};
  std::vector<OpCall> kept;
  for (std::size_t i = g.nodes.size(); i-- > 0;) {
    const auto& made = g.nodes[i].outputs;
    const bool wanted = std::any_of(made.begin(), made.end(), [&](const std::string& name) {
      return name != input && needed.contains(name);
    });
    if (!wanted) continue;
    for (const std::string& name : reads_of(g.nodes[i])) needed.insert(name);
    kept.push_back(std::move(g.nodes[i]));
  }
  std::reverse(kept.begin(), kept.end());
  g.nodes = std::move(kept);
  for (const ValueInfo& other : g.inputs) {
    if (other.name != input && needed.contains(other.name)) {
      return Error(ErrorCode::kUnsupportedOp, "the network needs input '" + other.name +
                                                  "' beside '" + input +
                                                  "', expected one of floats");
    }
  }
  return {};
}

// A batch that the file fixes, in the input and in the shapes of Reshape, becomes free.
void free_batch(Graph& g) {
  const std::int64_t batch = g.inputs.front().shape.front();
  g.inputs.front().shape.front() = -1;
  if (batch < 1) return;
  std::set<std::string> done;
  for (const OpCall& node : g.nodes) {
    if (node.op != "Reshape" || node.integer("allowzero", 0) != 0) continue;
    const auto shape = g.initializers.find(node.inputs[1]);
    if (shape == g.initializers.end() || !done.insert(node.inputs[1]).second) continue;
    if (shape->second.type() != ElementType::kInt64 || shape->second.count() == 0) continue;
    std::int64_t& first = shape->second.data<std::int64_t>()[0];
    if (first == batch) first = 0;  // as it comes
  }
}

// Names the ends "x" and "logits", whatever else had these names.
void name_ends(Graph& g) {
  for (const auto& [from, to] : {std::pair(g.inputs.front().name, std::string("x")),
                                 std::pair(g.outputs.front().name, std::string("logits"))}) {
    if (from == to) continue;
    if (g.fresh_name(to) != to) rename_value(g, to, g.fresh_name(to + "_inner"));
    rename_value(g, from, to);
  }
}

// Values that pass from before node `at` to it and those after it.
std::set<std::string> crossing(const Graph& g, std::size_t at) {
  std::set<std::string> made, read;
  for (const ValueInfo& input : g.inputs) made.insert(input.name);
  for (std::size_t i = 0; i < at; ++i) {
    made.insert(g.nodes[i].outputs.begin(), g.nodes[i].outputs.end());
  }
  for (std::size_t i = at; i < g.nodes.size(); ++i) {
    for (const std::string& name : reads_of(g.nodes[i])) {
      if (made.contains(name)) read.insert(name);
    }
  }
  return read;
}

// Nodes [begin, end) as a graph of their own.
Result<Graph> part_of(const Graph& g, std::size_t begin, std::size_t end, const ValueInfo& input,
                      const std::string& output) {
  Graph out;
  out.name = g.name;
  out.inputs = {input};
  out.outputs = {{output, ElementType::kFloat32, {}, false}};
  out.nodes.assign(g.nodes.begin() + static_cast<std::ptrdiff_t>(begin),
                   g.nodes.begin() + static_cast<std::ptrdiff_t>(end));
  out.initializers = g.initializers;
  remove_unused_initializers(out);
  TENBIN_CHECK(check_and_sort(out));
  TENBIN_CHECK(infer_shapes(out));
  return out;
}

}  // namespace

Result<Network> network_of(const Model& model) {
  Network out;
  Graph g = model.graph;
  stamp_opsets(g, model.opsets);
  TENBIN_CHECK(check_and_sort(g));
  TENBIN_CHECK(infer_shapes(g));
  TENBIN_CHECK(remove_identities(g));
  TENBIN_TRY(const std::string last, numeric_output(g));
  const std::string numbers = numbers_behind(g, last, out.notes);
  TENBIN_TRY(const std::string first, first_value(g, out.notes));
  out.first = first;
  out.last = numbers;
  TENBIN_CHECK(keep_between(g, first, numbers));
  const auto info = g.info(first);
  if (!info || !info->has_shape || info->shape.size() < 2) {
    return Error(ErrorCode::kUnsupportedOp,
                 "the shape of value '" + first + "' is not known, expected [batch, ...]");
  }
  const bool floats = info->type == ElementType::kFloat32;
  g.inputs = {{first, floats ? ElementType::kFloat32 : ElementType::kInt64, info->shape}};
  g.outputs = {{numbers, ElementType::kFloat32, {}, false}};
  g.values.clear();
  remove_unused_initializers(g);
  if (count_layers(g) == 0) {
    return Error(ErrorCode::kUnsupportedOp, "model has no layer with weights to train");
  }
  free_batch(g);
  name_ends(g);
  TENBIN_CHECK(check_and_sort(g));
  TENBIN_CHECK(infer_shapes(g));
  out.graph = std::move(g);
  return out;
}

std::int64_t count_layers(const Graph& network) {
  return std::count_if(network.nodes.begin(), network.nodes.end(),
                       [&](const OpCall& node) { return is_layer(network, node); });
}

Result<Graph> with_new_head(const Graph& network, std::int64_t outputs, std::uint64_t seed) {
  Graph body = network;
  // The last dense layer, as Gemm or as MatMul with its bias behind it.
  std::size_t at = writer_of(body, "logits");
  if (at < body.nodes.size() && body.nodes[at].op == "Add" &&
      is_constant(body, body.nodes[at].inputs[1])) {
    at = writer_of(body, body.nodes[at].inputs[0]);
  }
  const bool dense = at < body.nodes.size() && is_layer(body, body.nodes[at]) &&
                     (body.nodes[at].op == "Gemm" || body.nodes[at].op == "MatMul");
  const std::string features = dense ? body.nodes[at].inputs[0] : "logits";
  TENBIN_CHECK(keep_between(body, "x", features));
  body.outputs = {{features, ElementType::kFloat32, {}, false}};
  body.values.clear();
  remove_unused_initializers(body);
  TENBIN_CHECK(infer_shapes(body));
  const auto info = body.info(features);
  if (!info || info->shape.size() != 2 || info->shape[1] < 1) {
    return Error(ErrorCode::kUnsupportedOp, "features before the last layer are " +
                                                to_text(info ? info->shape : Shape{}) +
                                                ", expected [batch, n]");
  }
  GraphBuilder b("head");
  Layers layers(b, seed);
  b.output(layers.dense(b.input("features", ElementType::kFloat32, info->shape), info->shape[1],
                        outputs, 1),
           "logits");
  TENBIN_TRY(const Graph head, std::move(b).build());
  if (body.nodes.empty()) {  // one layer was all: the head is the network
    Graph alone = head;
    rename_value(alone, "features", "x");
    return alone;
  }
  return join(body, head, {{"features", features}});
}

Result<Halves> split_at_last_layers(const Graph& network, std::int64_t layers) {
  if (layers < 1) {
    return Error(ErrorCode::kBadValue, std::to_string(layers) + " layers to train, expected 1.." +
                                           std::to_string(count_layers(network)));
  }
  Halves out;
  std::size_t at = network.nodes.size();
  while (at > 0 && out.layers < layers) {
    if (is_layer(network, network.nodes[--at])) ++out.layers;
  }
  for (; at > 0; --at) {
    const auto values = crossing(network, at);
    if (values.size() != 1) {
      if (is_layer(network, network.nodes[at - 1])) ++out.layers;
      continue;
    }
    const std::string& value = *values.begin();
    const auto info = network.info(value);
    if (!info || !info->has_shape || value == "x") break;
    TENBIN_TRY(out.fixed, part_of(network, 0, at, network.inputs.front(), value));
    TENBIN_TRY(out.trained, part_of(network, at, network.nodes.size(), *info, "logits"));
    rename_value(out.trained, value, "x");
    return out;
  }
  out.layers = count_layers(network);
  out.trained = network;
  return out;
}

}  // namespace tenbin
