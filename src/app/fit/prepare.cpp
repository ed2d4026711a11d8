// SPDX-License-Identifier: Apache-2.0
#include "app/fit/prepare.h"

#include <algorithm>

#include "engine/session.h"
#include "graph/graph.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

constexpr std::int64_t kChunk = 4096;  // rows that pass the fragment at a time

void tell_data(const Prepared& p, FitObserver& observer) {
  std::string kinds;
  for (const Column& column : p.data.table.columns) {
    if (column.name != p.target.name && p.data.table.columns.size() <= 12) {
      kinds += (kinds.empty() ? ": " : ", ") + column.name + " " + column_type_name(column.type);
    }
  }
  observer.tell(p.data.name + " (" + p.data.format + "): " + std::to_string(p.data.table.rows) +
                " rows, " + std::to_string(p.data.table.columns.size()) + " columns" + kinds);
  for (const auto& note : p.data.notes) observer.tell(note);
  std::string task = std::string(task_name(p.target.task)) + " of '" + p.target.name + "'";
  if (p.target.classifies()) task += ", " + std::to_string(p.target.classes()) + " classes";
  observer.tell(task + ": " + p.target.why);
  for (const auto& note : p.target.notes) observer.tell(note);
  observer.tell(std::string("split ") + split_method_name(p.split.method) + ": " +
                std::to_string(p.split.train.size()) + " training, " +
                std::to_string(p.split.valid.size()) + " validation, " +
                std::to_string(p.split.test.size()) + " test rows; " + p.split.why);
  for (const auto& line : p.profile.lines()) observer.tell(line);
  for (const auto& line : p.cleaning.lines()) observer.tell(line);
  for (const auto& line : p.features.lines()) observer.tell(line);
}

// The features of a table are held in memory: told before the machine runs out of it.
Status fits_into_memory(const Prepared& p, FileSystem& files, const std::string& path) {
  const Bytes memory = read_machine_facts(files).memory;
  const auto rows = static_cast<std::int64_t>(p.cleaning.train.size() + p.split.valid.size());
  const bool images = p.features.feature_shape.size() == 3;  // they stay bytes until their batch
  const Bytes needed{images ? 0 : rows * p.features.width() * std::int64_t{sizeof(float)}};
  if (memory.count <= 0 || needed.count < memory.count / 4 * 3) return {};
  return Error(
      ErrorCode::kTooLarge,
      std::to_string(rows) + " rows of " + std::to_string(p.features.width()) + " features take " +
          to_text(needed) + ", the machine has " + to_text(memory),
      path,
      "learn from a sample: --query \"SELECT * FROM data USING SAMPLE 10%\", or make fewer "
      "features (--max-one-hot, --hash-buckets, --max-ngrams)");
}

}  // namespace

Result<Prepared> prepare_data(const FitOptions& options, FileSystem& files, FitObserver& observer) {
  Prepared p;
  ReadOptions read = options.read;
  if (!options.target.empty()) read.label_name = options.target;
  TENBIN_TRY(p.data, read_dataset(files, options.data, read));
  if (options.target.empty()) {
    std::string names;
    for (const Column& column : p.data.table.columns) {
      names += (names.empty() ? "" : ", ") + column.name;
      if (names.size() > 200) break;
    }
    return Error(ErrorCode::kMissingArgument, "no target is named, expected one of " + names,
                 options.data, "add --target and the column to predict");
  }
  auto target = prepare_target(p.data.table, options.target, options.task);
  if (!target.ok()) return Error(target.error()).at(options.data);
  p.target = std::move(*target);
  SplitOptions split = options.split;
  split.seed = options.seed;
  auto parts = split_rows(p.data.table, p.target, split, p.data.given_test);
  if (!parts.ok()) return Error(parts.error()).at(options.data);
  p.split = std::move(*parts);
  p.profile = profile(p.data.table, p.target, &p.split);
  p.cleaning = plan_cleaning(p.data.table, p.target, p.profile, p.split, options.clean);
  auto features = fit_features(p.data.table, p.cleaning.kept, p.cleaning.train, options.features);
  if (!features.ok()) return Error(features.error()).at(options.data);
  p.features = std::move(*features);
  TENBIN_CHECK(fits_into_memory(p, files, options.data));
  p.images = p.features.feature_shape.size() == 3;
  p.bytes = p.data.bytes;
  tell_data(p, observer);
  return p;
}

std::map<std::string, std::string> own_names(const std::vector<ValueInfo>& values) {
  std::map<std::string, std::string> out;
  for (const ValueInfo& value : values) out[value.name] = value.name;
  return out;
}

Result<Tensor> run_features(const Prepared& prepared, std::span<const std::int64_t> rows,
                            int threads) {
  Model model;
  model.opsets[""] = prepared.features.min_opset;
  model.graph.inputs = prepared.features.fragment.inputs;
  TENBIN_TRY(const auto outputs,
             append(model.graph, prepared.features.fragment, own_names(model.graph.inputs)));
  ValueInfo output{outputs.front(), ElementType::kFloat32, {-1}, true};
  const Shape& row_shape = prepared.features.feature_shape;
  output.shape.insert(output.shape.end(), row_shape.begin(), row_shape.end());
  model.graph.outputs = {output};
  TENBIN_TRY(const auto session, Session::create(model, {threads}));
  Shape shape = {static_cast<std::int64_t>(rows.size())};
  shape.insert(shape.end(), row_shape.begin(), row_shape.end());
  TENBIN_CHECK(element_count(shape));
  Tensor all(ElementType::kFloat32, shape);
  auto to = all.data<float>().begin();
  for (std::size_t at = 0; at < rows.size(); at += static_cast<std::size_t>(kChunk)) {
    const auto part =
        rows.subspan(at, std::min(rows.size() - at, static_cast<std::size_t>(kChunk)));
    TENBIN_TRY(const auto columns, column_tensors(prepared.data.table, model.graph.inputs, part));
    TENBIN_TRY(const auto features, session->run(columns));
    const auto values = features.front().data<float>();
    to = std::copy(values.begin(), values.end(), to);
  }
  return all;
}

}  // namespace tenbin
