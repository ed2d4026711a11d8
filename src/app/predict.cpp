// SPDX-License-Identifier: Apache-2.0
#include "app/predict.h"

#include <algorithm>

#include "base/csv.h"
#include "base/json.h"
#include "data/read.h"
#include "data/transforms/features.h"
#include "engine/session.h"
#include "graph/onnx.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

constexpr std::int64_t kChunk = 2'048;

ColumnType type_named(const std::string& name, ElementType element) {
  for (const ColumnType type : {ColumnType::kNumber, ColumnType::kBoolean, ColumnType::kCategory,
                                ColumnType::kText, ColumnType::kTime, ColumnType::kImage}) {
    if (name == column_type_name(type)) return type;
  }
  return element == ElementType::kString ? ColumnType::kText : ColumnType::kNumber;
}

std::vector<ExpectedColumn> expected_of(const Model& model, const Json& recipe) {
  std::vector<ExpectedColumn> out;
  for (const ValueInfo& input : model.graph.inputs) {
    ExpectedColumn column;
    column.name = input.name;
    std::string type;
    for (const Json& known : recipe["columns"].items()) {
      if (known["name"].as_string() != input.name) continue;
      type = known["type"].as_string();
      for (const Json& value : known["values"].items()) {
        column.dictionary.push_back(value.as_string());
      }
    }
    column.type = type_named(type, input.type);
    if (input.shape.size() == 4) {
      column.type = ColumnType::kImage;
      column.height = input.shape[1];
      column.width = input.shape[2];
      column.channels = input.shape[3];
    }
    out.push_back(std::move(column));
  }
  return out;
}

std::string text_at(const Tensor& tensor, std::size_t i) {
  if (tensor.is_string()) return csv_cell(tensor.data<std::string>()[i]);
  if (tensor.type() == ElementType::kInt64) return std::to_string(tensor.data<std::int64_t>()[i]);
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", static_cast<double>(tensor.data<float>()[i]));
  return text;
}

void write_rows(const std::vector<Tensor>& outputs, std::string& csv) {
  const auto rows = static_cast<std::size_t>(outputs.front().shape()[0]);
  for (std::size_t row = 0; row < rows; ++row) {
    bool first = true;
    for (const Tensor& out : outputs) {
      const std::size_t width = static_cast<std::size_t>(out.count()) / rows;
      for (std::size_t k = 0; k < width; ++k) {
        csv += (first ? "" : ",") + text_at(out, row * width + k);
        first = false;
      }
    }
    csv += '\n';
  }
}

std::string header_of(const Model& model, const Json& recipe) {
  std::string out;
  for (const ValueInfo& output : model.graph.outputs) {
    const bool classes = &output != &model.graph.outputs.front();  // behind the label
    if (!classes) out += (out.empty() ? "" : ",") + csv_cell(output.name);
    for (const Json& name : classes ? recipe["classes"].items() : Json::Array{}) {
      out += (out.empty() ? "" : ",") + csv_cell("p_" + name.as_string());
    }
  }
  return out + "\n";
}

// Errors name the file beside the place inside it.
Result<Model> read_model(const std::string& path, FileSystem& files) {
  auto model = read_onnx(files, path);
  if (model.ok() || model.error().where().find(path) != std::string::npos) return model;
  const Error& e = model.error();
  return Error(e.code(), e.message(), path + (e.where().empty() ? "" : ", ") + e.where(), e.hint());
}

}  // namespace

Result<PredictOutcome> predict(const PredictOptions& options, FileSystem& files) {
  TENBIN_TRY(const Model model, read_model(options.model, files));
  Json recipe;
  if (const auto found = model.metadata.find("tenbin.recipe"); found != model.metadata.end()) {
    TENBIN_TRY(recipe, Json::parse(found->second));
  }
  const int threads = options.threads > 0 ? options.threads : read_machine_facts(files).threads;
  TENBIN_TRY(const auto session, Session::create(model, {threads}));
  TENBIN_TRY(const Dataset data,
             read_rows_like(files, options.data, expected_of(model, recipe), options.read));
  PredictOutcome out;
  out.notes = data.notes;
  out.rows = data.table.rows;
  out.csv = header_of(model, recipe);
  for (std::int64_t at = 0; at < out.rows; at += kChunk) {
    TENBIN_TRY(const auto columns,
               column_tensors(data.table, session->inputs(), at, std::min(at + kChunk, out.rows)));
    TENBIN_TRY(const auto answers, session->run(columns));
    write_rows(answers, out.csv);
  }
  if (!options.output.empty() && options.output != "-") {
    TENBIN_CHECK(files.write_durable(options.output, out.csv));
    out.csv.clear();
  }
  return out;
}

}  // namespace tenbin
