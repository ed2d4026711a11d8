// SPDX-License-Identifier: Apache-2.0
#include "app/zoo.h"

#include "base/nearest_name.h"
#include "graph/counts.h"
#include "graph/models/model.h"
#include "graph/onnx.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

std::string text_of(const Shape& sizes) {
  std::string out;
  for (const std::int64_t size : sizes) out += (out.empty() ? "" : "x") + std::to_string(size);
  return out;
}

// "3x32x32" as sizes; empty stays empty.
Result<Shape> sizes_of(const std::string& text) {
  Shape out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    const auto size = parse_integer(std::string_view(text).substr(at, end - at));
    if (!size.ok() || end + 1 == text.size()) {
      return Error(ErrorCode::kBadValue, "input of '" + text + "', expected sizes as 3x32x32",
                   "--input");
    }
    out.push_back(*size);
    at = end + 1;
  }
  return out;
}

Result<const ModelEntry*> entry_named(const std::string& name) {
  if (const ModelEntry* entry = find_model(name); entry != nullptr) return entry;
  std::vector<std::string> names;
  for (const ModelEntry* entry : model_catalogue()) names.emplace_back(entry->name);
  const auto near = nearest_names(name, names);
  return Error(ErrorCode::kUnknownOption,
               "unknown model '" + name + "': " + one_of(near.empty() ? names : near), {},
               "tenbin zoo list shows them all");
}

}  // namespace

std::vector<ZooModel> zoo_models() {
  std::vector<ZooModel> out;
  for (const ModelEntry* entry : model_catalogue()) {
    out.push_back({std::string(entry->name),
                   std::string(entry->title),
                   std::string(entry->doc),
                   std::string(entry->axes),
                   text_of(entry->input),
                   {entry->takes.begin(), entry->takes.end()}});
  }
  return out;
}

Result<ZooOutcome> build_zoo_model(const ZooOptions& options, FileSystem& files) {
  TENBIN_TRY(const ModelEntry* entry, entry_named(options.model));
  if (options.output.empty()) {
    return Error(ErrorCode::kMissingArgument, "no file to write to", "--output",
                 "tenbin zoo build " + options.model + " -o " + options.model + ".onnx");
  }
  ModelOptions model;
  TENBIN_TRY(model.input, sizes_of(options.input));
  if (model.input.empty()) model.input = entry->input;
  model.classes = options.classes;
  model.width = options.width;
  model.depth = options.depth;
  model.vocabulary = options.vocabulary;
  model.seed = static_cast<std::uint64_t>(options.seed);
  ZooOutcome out{options.model, options.output, text_of(model.input), model.classes, 0, 0, {}};
  Model written;
  TENBIN_TRY(written.graph, build_model(*entry, std::move(model)));
  written.graph.name = std::string(entry->name);
  TENBIN_TRY(const GraphCounts counts, count(written.graph));
  out.model = entry->name;
  out.parameters = counts.parameters;
  out.macs = counts.macs;
  TENBIN_TRY(const std::string bytes, write_onnx(written));
  out.file_bytes = static_cast<std::int64_t>(bytes.size());
  TENBIN_CHECK(files.write_durable(options.output, bytes));
  return out;
}

}  // namespace tenbin
