// SPDX-License-Identifier: Apache-2.0
#include "app/profile/profile.h"

#include <algorithm>
#include <optional>
#include <set>

#include "app/engine_choice.h"
#include "app/model_rows.h"
#include "app/predict.h"
#include "app/profile/document.h"
#include "app/profile/model_inputs.h"
#include "app/report/profile_report.h"
#include "graph/counts.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostBatch = 65'536;

Result<std::vector<std::int64_t>> batches_of(const std::vector<std::string>& texts) {
  std::set<std::int64_t> out;
  for (const std::string& text : texts) {
    const auto rows = parse_integer(text);
    if (!rows.ok() || *rows < 1 || *rows > kMostBatch) {
      return Error(ErrorCode::kBadValue, "'" + text + "' is no number of rows: expected 1 to 65536",
                   "--batch");
    }
    out.insert(*rows);
  }
  if (out.empty()) return Error(ErrorCode::kBadValue, "no batch size given", "--batch");
  return std::vector<std::int64_t>(out.begin(), out.end());
}

// All that stays the same from batch to batch.
struct Profiling {
  const ProfileOptions& options;
  const Model& model;
  const std::map<std::string, Shape>& given;
  const ModelRows* rows;  // null: values are made up
  Session& session;
  Meter& meter;
  Clock& clock;
};

std::int64_t opset_of(const Model& model) {
  const auto found = model.opsets.find("");
  return found == model.opsets.end() ? 17 : found->second;
}

Result<std::vector<Tensor>> inputs_for(const Profiling& p, const BoundInputs& bound) {
  std::vector<ValueInfo> wanted;  // in the order of the session
  for (const ValueInfo& input : p.session.inputs()) {
    for (const ValueInfo& known : bound.inputs) {
      if (known.name == input.name) wanted.push_back(known);
    }
  }
  if (p.rows == nullptr) {
    return made_inputs(wanted, static_cast<std::uint64_t>(p.options.seed));
  }
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < bound.rows; ++i) rows.push_back(i % p.rows->count());
  return p.rows->at(wanted, rows);
}

// Weights and the largest activations at once.
Bytes resting_bytes(const Graph& graph) {
  Bytes out{};
  for (const auto& [name, tensor] : graph.initializers) {
    out.count += static_cast<std::int64_t>(tensor.byte_size());
  }
  if (const auto counts = count(graph); counts.ok()) out = out + counts->peak_activations;
  return out;
}

Result<ProfiledBatch> profile_batch(const Profiling& p, const BoundInputs& bound) {
  ProfiledBatch out;
  out.rows = bound.rows;
  TENBIN_TRY(const auto inputs, inputs_for(p, bound));
  TENBIN_TRY(out.run, run_batch(p.session, inputs, p.options.time, p.meter, p.clock));
  Graph graph = p.model.graph;
  stamp_opsets(graph, p.model.opsets);
  graph.inputs = bound.inputs;
  // What data has may be larger than what was taken for free sizes.
  for (ValueInfo& input : graph.inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (p.session.inputs()[i].name == input.name) input.shape = inputs[i].shape();
    }
  }
  out.nodes = node_rows(graph, out.run.slots, out.no_macs);
  out.model = resting_bytes(graph);
  return out;
}

Result<std::vector<ProfiledBatch>> profile_batches(
    const Profiling& p, const std::vector<std::int64_t>& sizes, std::vector<std::string>& notes,
    const std::function<void(const std::string&)>& tell) {
  std::vector<ProfiledBatch> out;
  std::optional<Error> failed;
  for (const std::int64_t size : sizes) {
    TENBIN_TRY(const BoundInputs bound, bind_inputs(p.model.graph, p.given, size));
    if (out.empty()) notes.insert(notes.end(), bound.notes.begin(), bound.notes.end());
    const bool again = bound.fixed && !out.empty();
    if (again) continue;
    if (bound.fixed && (sizes.size() > 1 || size != bound.rows)) {
      notes.push_back("the model fixes its rows: batch " + std::to_string(bound.rows) + " alone");
    }
    if (tell) tell("batch " + std::to_string(bound.rows) + " ...");
    auto batch = profile_batch(p, bound);
    if (batch.ok()) {
      out.push_back(std::move(*batch));
      continue;
    }
    failed = batch.error();
    ProfiledBatch& kept = out.emplace_back();
    kept.rows = bound.rows;
    kept.error = batch.error().message();
  }
  const bool any =
      std::any_of(out.begin(), out.end(), [](const auto& b) { return b.error.empty(); });
  if (!any && failed) return *failed;
  return out;
}

Json model_json(const ProfileOptions& options, const Model& model, const std::string& bytes) {
  Json inputs = Json::array();
  for (const ValueInfo& input : model.graph.inputs) {
    inputs.push(Json::object({{"name", input.name},
                              {"type", std::string(element_name(input.type))},
                              {"shape", Json::array_of(input.shape)}}));
  }
  Json out = Json::object({{"path", options.model},
                           {"sha256", sha256_hex(bytes)},
                           {"bytes", static_cast<std::int64_t>(bytes.size())},
                           {"nodes", static_cast<std::int64_t>(model.graph.nodes.size())},
                           {"opset", opset_of(model)},
                           {"inputs", std::move(inputs)}});
  return out;
}

// Parameters and MACs of one row, as energy.md counts them.
void add_counts(Json& model, const Model& of, const BoundInputs& bound) {
  Graph graph = of.graph;
  stamp_opsets(graph, of.opsets);
  graph.inputs = bound.inputs;
  const auto counts = count(graph);
  if (!counts.ok()) {
    model.set("macs", Json());
    model.set("macs_reason", counts.error().message());
    return;
  }
  model.set("counted_rows", bound.rows);
  model.set("macs", counts->macs.count);
  model.set("parameters", counts->parameters);
  model.set("macs_per_parameter", counts->macs_per_parameter());
  model.set("parameter_bytes", counts->parameter_bytes.count);
  model.set("peak_activation_bytes", counts->peak_activations.count);
}

Result<ProfileFacts> facts_of(const ProfileOptions& options, const std::string& cache,
                              FileSystem& files, Clock& clock, const MachineFacts& machine) {
  ProfileFacts out;
  out.threads = options.threads > 0 ? options.threads : machine.threads;
  out.threads_here = machine.threads;
  TENBIN_TRY(out.peaks, machine_peaks({1, options.measure_peak, cache}, machine, files, clock));
  out.all_peaks = out.peaks;
  if (out.threads > 1) {
    TENBIN_TRY(out.all_peaks,
               machine_peaks({out.threads, options.measure_peak, cache}, machine, files, clock));
  }
  return out;
}

Json peaks_json(const MachinePeaks& peaks) {
  Json out = to_json(peaks);
  out.set("from_cache", peaks.from_cache);
  if (!peaks.note.empty()) out.set("note", peaks.note);
  return out;
}

void tell_choices(const ChosenEngine& engine, int threads, const Meter& meter,
                  const ProfileListeners& hear) {
  if (!hear.detail) return;
  hear.detail("engine: " + engine.name + " (" + engine.why + "), " + std::to_string(threads) +
              " threads");
  hear.detail("meter: " + meter.describe());
}

}  // namespace

Result<Json> profile_model(const ProfileOptions& options, const std::string& cache,
                           FileSystem& files, Clock& clock, const MachineFacts& machine,
                           const ProfileListeners& hear) {
  if (options.time < 10ms || options.time > 10min) {
    return Error(ErrorCode::kBadValue, to_text(options.time) + " is out of range: 10ms to 10min",
                 "--time");
  }
  TENBIN_TRY(const auto sizes, batches_of(options.batch));
  TENBIN_TRY(const auto given, parse_input_shapes(options.input));
  TENBIN_TRY(const Model model, read_named_model(options.model, files));
  TENBIN_TRY(const BoundInputs one, bind_inputs(model.graph, given, 1));
  const int threads = options.threads > 0 ? options.threads : machine.threads;
  TENBIN_TRY(const ChosenEngine engine,
             open_engine({options.engine, options.model, threads}, model, {}, files, clock));
  std::optional<ModelRows> rows;
  if (!options.data.empty()) {
    TENBIN_TRY(rows, ModelRows::open(model, options.data, options.read, files));
  }
  if (hear.tell) hear.tell("the machine's peaks ...");
  TENBIN_TRY(const ProfileFacts facts, facts_of(options, cache, files, clock, machine));
  TENBIN_TRY(const auto meter, Meter::open(options.meter, files, clock, machine));
  const Profiling profiling{options,         model,  given, rows ? &*rows : nullptr,
                            *engine.session, *meter, clock};
  tell_choices(engine, threads, *meter, hear);
  std::vector<std::string> notes = engine.notes;
  if (rows) notes.insert(notes.end(), rows->notes().begin(), rows->notes().end());
  TENBIN_TRY(const auto batches, profile_batches(profiling, sizes, notes, hear.tell));

  TENBIN_TRY(const std::string bytes, files.read_text(options.model, std::int64_t{2} << 30));
  Json about = model_json(options, model, bytes);
  add_counts(about, model, one);
  Json list = Json::array();
  for (const ProfiledBatch& batch : batches) {
    Json of = batch_json(batch, facts);
    list.push(std::move(of));
  }
  Json document = Json::object({{"schema", "tenbin.profile/1"}});
  document.set("verdict", verdict_of(std::string(file_name(options.model)), list));
  document.set("model", std::move(about));
  document.set("engine", Json::object({{"name", engine.name}, {"why", engine.why}}));
  document.set("measured", utc_text(clock.wall_now_ns()));
  document.set("machine", Json::object({{"cpu", machine.cpu_model},
                                        {"threads", facts.threads},
                                        {"threads_here", facts.threads_here}}));
  document.set("meter", meter->describe());
  document.set("peaks", peaks_json(facts.peaks));
  if (facts.threads > 1) document.set("peaks_all_threads", peaks_json(facts.all_peaks));
  document.set("inputs_are", rows ? "rows of " + options.data
                                  : "made up by seed " + std::to_string(options.seed));
  document.set("batches", std::move(list));
  document.set("advice", advice_json(batches, facts));
  document.set("notes", Json::array_of(notes));
  if (!options.output.empty()) {
    TENBIN_CHECK(files.write_durable(options.output, profile_html(document)));
    document.set("report", options.output);
  }
  return document;
}

}  // namespace tenbin
