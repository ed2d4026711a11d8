// SPDX-License-Identifier: Apache-2.0
#include "app/fit/prepare.h"

#include <algorithm>

#include "app/fit/learn_transfer.h"
#include "engine/session.h"
#include "graph/graph.h"
#include "platform/file_system.h"

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

}  // namespace

Result<Prepared> prepare_data(const FitOptions& options, FileSystem& files, FitObserver& observer,
                              const StopQuestion& may_go_on) {
  Prepared p;
  ReadOptions read = options.read;
  read.may_go_on = may_go_on;
  if (!options.target.empty()) read.label_name = options.target;
  if (!options.from.empty()) {
    TENBIN_TRY(p.from, network_for_transfer(options, files));
    ask_for_its_size(*p.from, read);
  }
  TENBIN_TRY(p.data, read_dataset(files, options.data, read));
  p.data.name = file_name(options.shown_data());
  if (options.target.empty()) {
    std::string names;
    for (const Column& column : p.data.table.columns) {
      names += (names.empty() ? "" : ", ") + column.name;
      if (names.size() > 200) break;
    }
    return Error(ErrorCode::kMissingArgument, "no target is named, expected one of " + names,
                 options.data, "add --target and the column to predict");
  }
  TENBIN_CHECK(may_go_on());
  auto target = prepare_target(p.data.table, options.target, options.task);
  if (!target.ok()) return Error(target.error()).at(options.data);
  p.target = std::move(*target);
  TENBIN_CHECK(may_go_on());
  SplitOptions split = options.split;
  split.seed = options.seed;
  auto parts = split_rows(p.data.table, p.target, split, p.data.given_test);
  if (!parts.ok()) return Error(parts.error()).at(options.data);
  p.split = std::move(*parts);
  TENBIN_TRY(p.profile, profile(p.data.table, p.target, &p.split, may_go_on));
  CleanOptions clean = options.clean;
  clean.may_go_on = may_go_on;
  TENBIN_TRY(p.cleaning, plan_cleaning(p.data.table, p.target, p.profile, p.split, clean));
  FeatureOptions wanted = options.features;
  wanted.may_go_on = may_go_on;
  auto features = fit_features(p.data.table, p.cleaning.kept, p.cleaning.train, wanted);
  if (!features.ok()) return Error(features.error()).at(options.data);
  p.features = std::move(*features);
  p.images = p.features.feature_shape.size() == 3;
  p.bytes = p.data.bytes;
  if (p.from) TENBIN_CHECK(check_it_fits(*p.from, p));
  tell_data(p, observer);
  return p;
}

std::map<std::string, std::string> own_names(const std::vector<ValueInfo>& values) {
  std::map<std::string, std::string> out;
  for (const ValueInfo& value : values) out[value.name] = value.name;
  return out;
}

Status for_features(
    const Prepared& prepared, std::span<const std::int64_t> rows, int threads,
    const std::function<Status(std::span<const float>, std::span<const std::int64_t>)>& take) {
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
  for (std::size_t at = 0; at < rows.size(); at += static_cast<std::size_t>(kChunk)) {
    const auto part =
        rows.subspan(at, std::min(rows.size() - at, static_cast<std::size_t>(kChunk)));
    TENBIN_TRY(const auto columns, column_tensors(prepared.data.table, model.graph.inputs, part));
    TENBIN_TRY(const auto features, session->run(columns));
    TENBIN_CHECK(take(features.front().data<float>(), part));
  }
  return {};
}

Result<Tensor> run_features(const Prepared& prepared, std::span<const std::int64_t> rows,
                            int threads, const StopQuestion& may_go_on) {
  Shape shape = {static_cast<std::int64_t>(rows.size())};
  const Shape& row_shape = prepared.features.feature_shape;
  shape.insert(shape.end(), row_shape.begin(), row_shape.end());
  TENBIN_CHECK(element_count(shape));
  Tensor all(ElementType::kFloat32, shape);
  auto to = all.data<float>().begin();
  TENBIN_CHECK(for_features(prepared, rows, threads,
                            [&](std::span<const float> values, std::span<const std::int64_t>) {
                              to = std::copy(values.begin(), values.end(), to);
                              return may_go_on();
                            }));
  return all;
}

}  // namespace tenbin
