// SPDX-License-Identifier: Apache-2.0
#include "app/fit/export_model.h"

#include <algorithm>
#include <charconv>

namespace tenbin {
namespace {

void add_node(Graph& graph, const std::string& op, std::vector<std::string> inputs,
              const std::string& output, Attributes attributes = {}) {
  OpCall call;
  call.op = op;
  call.name = output + "." + op;
  call.inputs = std::move(inputs);
  call.outputs = {output};
  call.attributes = std::move(attributes);
  graph.nodes.push_back(std::move(call));
}

// Class names as int64 when all are whole numbers, else as text.
Tensor class_tensor(const std::vector<std::string>& names) {
  const auto count = static_cast<std::int64_t>(names.size());
  std::vector<std::int64_t> numbers;
  for (const std::string& name : names) {
    std::int64_t value = 0;
    const char* last = name.data() + name.size();
    const auto [end, failure] = std::from_chars(name.data(), last, value);
    if (failure != std::errc{} || end != last) return Tensor::strings({count}, names);
    numbers.push_back(value);
  }
  return Tensor::of<std::int64_t>({count}, std::span<const std::int64_t>(numbers));
}

// The values of a category that training rows hold, so that new ones can be told at prediction;
// none if there are very many.
std::vector<std::string> values_of(const Column& column, const std::vector<std::int64_t>& rows) {
  constexpr std::size_t kMost = 1'000;
  std::vector<char> seen(column.dictionary.size(), 0);
  for (const std::int64_t row : rows) {
    const std::int32_t code = column.codes[static_cast<std::size_t>(row)];
    if (code >= 0) seen[static_cast<std::size_t>(code)] = 1;
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != 0) out.push_back(column.dictionary[i]);
  }
  return out.size() <= kMost ? out : std::vector<std::string>();
}

// From the network's numbers to `label` and `probabilities`. Names give way to columns that have
// them already.
void add_classes(Graph& g, const Target& target, const std::string& numbers, bool probabilities) {
  const Tensor classes = class_tensor(target.class_names);
  const std::string names = g.fresh_name("classes");
  g.initializers[names] = classes;
  const std::string shares = g.fresh_name("probabilities");
  if (probabilities) {
    add_node(g, "Identity", {numbers}, shares);
  } else {
    add_node(g, "Softmax", {numbers}, shares, {{"axis", std::int64_t{1}}});
  }
  const std::string index = g.fresh_name("class_index");
  add_node(g, "ArgMax", {numbers}, index,
           {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}});
  const std::string label = g.fresh_name("label");
  add_node(g, "Gather", {names, index}, label, {{"axis", std::int64_t{0}}});
  g.outputs = {{label, classes.type(), {-1}},
               {shares, ElementType::kFloat32, {-1, target.classes()}}};
}

void add_value(Graph& g, const TargetScale& scale, const std::string& number) {
  const std::string by = g.fresh_name("target_scale");
  const std::string from = g.fresh_name("target_offset");
  g.initializers[by] = Tensor::scalar(scale.scale);
  g.initializers[from] = Tensor::scalar(scale.offset);
  const std::string scaled = g.fresh_name("scaled");
  add_node(g, "Mul", {number, by}, scaled);
  const std::string prediction = g.fresh_name("prediction");
  add_node(g, "Add", {scaled, from}, prediction);
  g.outputs = {{prediction, ElementType::kFloat32, {-1, 1}}};
}

Json recipe_of(const Prepared& prepared, const std::vector<ValueInfo>& inputs) {
  Json recipe = Json::object({{"target", prepared.target.name},
                              {"task", task_name(prepared.target.task)},
                              {"classes", Json::array_of(prepared.target.class_names)},
                              {"features", prepared.features.to_json()},
                              {"cleaning", prepared.cleaning.to_json()}});
  Json columns = Json::array();
  for (const ValueInfo& input : inputs) {
    const Column* column = prepared.data.table.find(input.name);
    Json entry = Json::object(
        {{"name", input.name}, {"type", column ? column_type_name(column->type) : "number"}});
    if (column != nullptr && column->type == ColumnType::kCategory) {
      entry.set("values", Json::array_of(values_of(*column, prepared.cleaning.train)));
    }
    columns.push(std::move(entry));
  }
  recipe.set("columns", std::move(columns));
  return recipe;
}

}  // namespace

Result<Model> export_model(const Prepared& prepared, const Graph& network, const TargetScale& scale,
                           bool probabilities) {
  Model model;
  model.opsets[""] = prepared.features.min_opset;
  model.opsets["ai.onnx.ml"] = 3;
  if (prepared.features.min_opset >= 20) model.ir_version = 9;
  model.producer_version = TENBIN_VERSION;
  Graph& g = model.graph;
  g.inputs = prepared.features.fragment.inputs;
  TENBIN_TRY(const auto features, append(g, prepared.features.fragment, own_names(g.inputs)));
  TENBIN_TRY(const auto logits,
             append(g, network, {{network.inputs.front().name, features.front()}}));
  if (prepared.target.classifies()) {
    add_classes(g, prepared.target, logits.front(), probabilities);
  } else {
    add_value(g, scale, logits.front());
  }
  TENBIN_CHECK(check_and_sort(g));
  model.metadata["tenbin.source_sha256"] = prepared.data.digest;
  model.metadata["tenbin.reference_stats"] =
      reference_stats(prepared.data.table, prepared.target, prepared.cleaning.kept,
                      prepared.cleaning.train)
          .dump();
  model.metadata["tenbin.recipe"] = recipe_of(prepared, g.inputs).dump();
  return model;
}

}  // namespace tenbin
