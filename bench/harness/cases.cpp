// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/cases.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "graph/counts.h"
#include "graph/learned.h"
#include "graph/models/blocks.h"
#include "graph/models/model.h"
#include "graph/nets/nets.h"
#include "graph/onnx.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/plugin.h"
#include "platform/random.h"

namespace tenbin::bench {
namespace {

constexpr std::uint64_t kSeed = 7;
constexpr std::int64_t kTokens = 100;
constexpr float kScale = 0.25F;  // a calm start: a steep loss makes mountains of rounding

struct MlpShape {
  const char* name;
  std::int64_t in;
  std::vector<std::int64_t> hidden;
  std::int64_t out;
};

const std::vector<MlpShape>& mlps() {
  static const std::vector<MlpShape> shapes = {
      {"mlp_tiny", 14, {64, 32}, 2},    {"mlp_20", 20, {64, 64}, 2},
      {"mlp_784", 784, {256, 128}, 10}, {"mlp_1024", 784, {1024, 1024}, 10},
      {"mlp_w32", 64, {32, 32}, 10},    {"mlp_w128", 64, {128, 128}, 10},
      {"mlp_w512", 64, {512, 512}, 10}};
  return shapes;
}

Status count_flop(Net& net) {
  TENBIN_TRY(const GraphCounts counts, count(net.graph));
  double all = 0, first = 0;
  for (const NodeCount& node : counts.nodes) {
    const auto macs = static_cast<double>(node.macs.count);
    if (all == 0) first = macs;
    all += macs;
  }
  net.infer_flop = 2 * all;
  net.train_flop = 2 * (3 * all - first);
  return {};
}

// A stem and two residual blocks of 64 channels, as speed is measured on.
Result<Graph> make_res_64() {
  ModelOptions options;
  options.input = {3, 32, 32};
  options.seed = kSeed;
  PlaneNet net(options);
  Plane plane = net.conv_norm_relu(net.input(), {.out = 64});
  for (int i = 0; i < 2; ++i) plane = basic_block(net, plane, 64, 1);
  return net.classify(plane);
}

// Initialisers of floats in the order in which nodes read them.
std::vector<std::string> weights_in_order(const Graph& graph) {
  std::vector<std::string> names;
  for (const OpCall& node : graph.nodes) {
    for (const std::string& input : node.inputs) {
      const auto found = graph.initializers.find(input);
      const bool fresh = std::find(names.begin(), names.end(), input) == names.end();
      if (fresh && found != graph.initializers.end() &&
          found->second.type() == ElementType::kFloat32) {
        names.push_back(input);
      }
    }
  }
  return names;
}

Json attributes_of(const OpCall& node) {
  Json out = Json::object({});
  for (const auto& [name, value] : node.attributes) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) out.set(name, *integer);
    if (const auto* number = std::get_if<float>(&value))
      out.set(name, static_cast<double>(*number));
    if (const auto* text = std::get_if<std::string>(&value)) out.set(name, *text);
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      out.set(name, Json::array_of(*list));
    }
  }
  return out;
}

template <class T> std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

Result<Net> reference_net(const std::string& name) {
  Net net;
  net.name = name;
  net.classes = 10;
  if (name == "cnn_28") {
    net.row = {1, 28, 28};
    TENBIN_TRY(net.graph, make_cnn(1, 28, 28, 10, cnn_28(), kSeed));
    TENBIN_CHECK(count_flop(net));
    return net;
  }
  std::string known = "cnn_28";
  for (const MlpShape& shape : mlps()) {
    known += std::string(", ") + shape.name;
    if (name != shape.name) continue;
    net.row = {shape.in};
    net.classes = shape.out;
    TENBIN_TRY(net.graph, make_mlp(shape.in, shape.hidden, shape.out, kSeed));
    TENBIN_CHECK(count_flop(net));
    return net;
  }
  if (name == "res_64") {
    net.row = {3, 32, 32};
    TENBIN_TRY(net.graph, make_res_64());
    TENBIN_CHECK(count_flop(net));
    return net;
  }
  const bool shallow = name == "vit_2";
  const ModelEntry* model = find_model(shallow ? "vit_tiny" : name);
  if (model == nullptr) {
    return Error(ErrorCode::kBadValue, "no reference net '" + name + "'", {},
                 "one of " + known + ", or a model of the zoo");
  }
  ModelOptions options;
  options.seed = kSeed;
  if (shallow) options.depth = 2;
  TENBIN_TRY(net.graph, build_model(*model, options));
  net.row = model->input;
  TENBIN_CHECK(count_flop(net));
  return net;
}

Result<Json> layers_of(const Graph& graph) {
  Json out = Json::array();
  for (const OpCall& node : graph.nodes) {
    Json layer;
    if (node.op == "Conv") {
      layer.set("op", "conv").set("pad", node.integers("pads", {0}).front());
    } else if (node.op == "Relu" || node.op == "Flatten") {
      layer.set("op", node.op == "Relu" ? "relu" : "flatten");
    } else if (node.op == "MaxPool") {
      layer.set("op", "pool");
    } else if (node.op == "Gemm") {
      layer.set("op", "dense");
    } else {
      return Error(ErrorCode::kUnsupportedOp, "peers do not know '" + node.op + "'", node.name);
    }
    if (node.inputs.size() == 3) {
      layer.set("weights", Json::array_of(graph.initializers.at(node.inputs[1]).shape()));
    }
    out.push(std::move(layer));
  }
  return out;
}

Json graph_of(const Graph& graph) {
  const LearnedNames learned = find_learned(graph);
  Json weights = Json::array(), integers = Json::object({}), nodes = Json::array();
  for (const std::string& name : weights_in_order(graph)) {
    weights.push(Json::object({{"name", name},
                               {"shape", Json::array_of(graph.initializers.at(name).shape())},
                               {"learned", learned.weights.contains(name)}}));
  }
  for (const auto& [name, tensor] : graph.initializers) {
    if (tensor.type() != ElementType::kInt64) continue;
    const auto values = tensor.data<std::int64_t>();
    integers.set(name, Json::array_of(std::vector<std::int64_t>(values.begin(), values.end())));
  }
  for (const OpCall& node : graph.nodes) {
    nodes.push(Json::object({{"op", node.op},
                             {"in", Json::array_of(node.inputs)},
                             {"out", Json::array_of(node.outputs)},
                             {"attributes", attributes_of(node)}}));
  }
  return Json::object({{"nodes", std::move(nodes)},
                       {"weights", std::move(weights)},
                       {"integers", std::move(integers)},
                       {"input", graph.inputs.front().name},
                       {"output", graph.outputs.front().name}});
}

Rows learnable_rows(std::int64_t count, std::int64_t width, std::int64_t classes) {
  Rows out;
  Random patterns(kSeed, 1), noise(kSeed, 2), choice(kSeed, 3);
  std::vector<float> pattern(static_cast<std::size_t>(classes * width));
  for (float& value : pattern) value = static_cast<float>(patterns.normal());
  out.features.reserve(static_cast<std::size_t>(count * width));
  for (std::int64_t row = 0; row < count; ++row) {
    const auto shown = choice.below(static_cast<std::uint64_t>(classes));
    const bool wrong = choice.below(10) == 0;
    const auto label = wrong ? choice.below(static_cast<std::uint64_t>(classes)) : shown;
    out.labels.push_back(static_cast<std::int64_t>(label));
    const float* from = pattern.data() + shown * static_cast<std::size_t>(width);
    for (std::int64_t i = 0; i < width; ++i) {
      out.features.push_back(kScale * (0.5F * from[i] + static_cast<float>(noise.normal())));
    }
  }
  return out;
}

Rows rows_for(const Net& net, std::int64_t count) {
  std::int64_t width = 1;
  for (const std::int64_t size : net.row) width *= size;
  Rows out = learnable_rows(count, width, net.classes);
  if (net.graph.inputs.front().type != ElementType::kInt64) return out;
  for (float& value : out.features) {
    value = std::floor(std::clamp(50 + 50 * value, 0.0F, static_cast<float>(kTokens - 1)));
  }
  return out;
}

Result<CaseFiles> CaseFiles::create() {
  std::string parent = environment("TMPDIR");
  if (parent.empty()) parent = "/tmp";
  const std::string folder =
      join_path(parent, "tenbin_bench_" + std::to_string(real_clock().wall_now_ns()));
  TENBIN_CHECK(real_file_system().make_folders(folder));
  return CaseFiles(folder);
}

CaseFiles::CaseFiles(CaseFiles&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), written_(std::move(other.written_)) {}

CaseFiles::~CaseFiles() {
  if (folder_.empty()) return;
  // What cannot be removed is left to whoever cleans the folder of temporary files.
  for (const std::string& path : written_) (void)real_file_system().remove(path).ok();
  (void)real_file_system().remove(folder_).ok();
}

Result<std::string> CaseFiles::write(const std::string& name, std::string_view bytes) {
  std::string path = join_path(folder_, name);
  TENBIN_TRY(const auto file, real_file_system().create(path));
  written_.push_back(path);
  TENBIN_CHECK(file->append(std::as_bytes(std::span(bytes.data(), bytes.size()))));
  return path;
}

Result<std::string> CaseFiles::write_model(const std::string& name, const Graph& graph) {
  Model model;
  model.graph = graph;
  TENBIN_TRY(const std::string onnx, write_onnx(model));
  return write(name + ".onnx", onnx);
}

Result<Json> CaseFiles::write_net(const Net& net) {
  TENBIN_TRY(const std::string model_path, write_model(net.name, net.graph));
  Json out = Json::object(
      {{"model", model_path}, {"row", Json::array_of(net.row)}, {"classes", net.classes}});
  std::vector<float> weights;
  for (const std::string& name : weights_in_order(net.graph)) {
    const auto values = net.graph.initializers.at(name).data<float>();
    weights.insert(weights.end(), values.begin(), values.end());
  }
  TENBIN_TRY(const std::string weights_path, write(net.name + ".weights", bytes_of(weights)));
  out.set("weights", weights_path).set("graph", graph_of(net.graph));
  auto layers = layers_of(net.graph);
  if (layers.ok()) out.set("layers", std::move(*layers));
  return out;
}

Result<Json> CaseFiles::write_rows(const Rows& rows) {
  const std::string number = std::to_string(written_.size());
  TENBIN_TRY(const std::string features, write("features" + number, bytes_of(rows.features)));
  TENBIN_TRY(const std::string labels, write("labels" + number, bytes_of(rows.labels)));
  return Json::object({{"features", features}, {"labels", labels}});
}

}  // namespace tenbin::bench
