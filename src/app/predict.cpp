// SPDX-License-Identifier: Apache-2.0
#include "app/predict.h"

#include <algorithm>
#include <optional>

#include "app/engine_choice.h"
#include "app/model_rows.h"
#include "base/csv.h"
#include "base/json.h"
#include "graph/onnx.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

constexpr std::int64_t kChunk = 2'048;
constexpr std::int64_t kTrialRows = 256;  // that engines are compared on

template <class T> std::string whole_text(const Tensor& tensor, std::size_t i) {
  return std::to_string(tensor.data<T>()[i]);
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return text;
}

std::string text_at(const Tensor& tensor, std::size_t i) {
  switch (tensor.type()) {
    case ElementType::kString: return csv_cell(tensor.data<std::string>()[i]);
    case ElementType::kFloat32: return number_text(static_cast<double>(tensor.data<float>()[i]));
    case ElementType::kFloat64: return number_text(tensor.data<double>()[i]);
    case ElementType::kInt64: return whole_text<std::int64_t>(tensor, i);
    case ElementType::kInt32: return whole_text<std::int32_t>(tensor, i);
    case ElementType::kInt16: return whole_text<std::int16_t>(tensor, i);
    case ElementType::kInt8: return whole_text<std::int8_t>(tensor, i);
    case ElementType::kUint64: return whole_text<std::uint64_t>(tensor, i);
    case ElementType::kUint32: return whole_text<std::uint32_t>(tensor, i);
    case ElementType::kUint16: return whole_text<std::uint16_t>(tensor, i);
    case ElementType::kUint8: return whole_text<std::uint8_t>(tensor, i);
    case ElementType::kBool: return tensor.data<bool>()[i] ? "1" : "0";
    default: return {};  // refused before: writable()
  }
}

bool writable(const Tensor& out) {
  return out.type() != ElementType::kFloat16 && out.type() != ElementType::kBfloat16 &&
         out.defined();
}

// An answer a row, and the name of its output.
struct Answers {
  std::string name;
  Tensor values;
};

// Outputs that hold a line for each of `rows`; what does not is left out with a note.
Result<std::vector<Answers>> by_row(std::vector<Tensor> outputs, const Session& session,
                                    std::int64_t rows, std::vector<std::string>& notes) {
  std::vector<Answers> out;
  std::string left_out;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const std::string& name = session.outputs()[k].name;
    const Shape& shape = outputs[k].shape();
    if (!shape.empty() && shape[0] == rows && writable(outputs[k])) {
      out.push_back({name, std::move(outputs[k])});
      continue;
    }
    left_out = "output '" + name + "' is " + std::string(element_name(outputs[k].type())) + " " +
               to_text(shape) + ", not a line for each of " + std::to_string(rows) + " rows";
    notes.push_back(left_out + ": left out");
  }
  if (out.empty()) return Error(ErrorCode::kInputMismatch, left_out);
  return out;
}

std::size_t width_of(const Tensor& values) {
  return static_cast<std::size_t>(values.count() / std::max<std::int64_t>(1, values.shape()[0]));
}

// The first `rows` of them.
void write_rows(const std::vector<Answers>& answers, std::int64_t rows, std::string& csv) {
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    bool first = true;
    for (const Answers& answer : answers) {
      const std::size_t width = width_of(answer.values);
      for (std::size_t k = 0; k < width; ++k) {
        csv += (first ? "" : ",") + text_at(answer.values, row * width + k);
        first = false;
      }
    }
    csv += '\n';
  }
}

// A model of ours says what its classes are called; else outputs are numbered.
std::string header_of(const std::vector<Answers>& answers, const Json& classes) {
  std::string out;
  const auto add = [&](const std::string& name) {
    out += (out.empty() ? "" : ",") + csv_cell(name);
  };
  for (const Answers& answer : answers) {
    const std::size_t width = width_of(answer.values);
    const bool named = &answer != &answers.front() && classes.items().size() == width;
    for (std::size_t k = 0; k < width; ++k) {
      if (named)
        add("p_" + classes.items()[k].as_string());
      else
        add(width == 1 ? answer.name : answer.name + "_" + std::to_string(k));
    }
  }
  return out + "\n";
}

Result<Json> recipe_of(const Model& model) {
  const auto found = model.metadata.find("tenbin.recipe");
  return found == model.metadata.end() ? Result<Json>(Json()) : Json::parse(found->second);
}

// How many rows a run takes: as many as the model fixes, else a piece.
std::int64_t rows_a_run(const Model& model) {
  for (const ValueInfo& input : model.graph.inputs) {
    if (input.has_shape && !input.shape.empty() && input.shape[0] > 0) return input.shape[0];
  }
  return kChunk;
}

// Rows from `begin`; the last one again where there are no more.
std::vector<std::int64_t> piece_of(std::int64_t begin, std::int64_t count, std::int64_t rows) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(std::min(begin + i, rows - 1));
  return out;
}

}  // namespace

// Errors name the file beside the place inside it.
Result<Model> read_named_model(const std::string& path, FileSystem& files) {
  auto model = read_onnx(files, path);
  if (model.ok() || model.error().where().find(path) != std::string::npos) return model;
  const Error& e = model.error();
  return Error(e.code(), e.message(), path + (e.where().empty() ? "" : ", ") + e.where(), e.hint());
}

Result<PredictOutcome> predict(const PredictOptions& options, FileSystem& files, Clock& clock,
                               const PredictListeners& hear) {
  const auto tell = [&](const std::string& line) {
    if (hear.detail) hear.detail(line);
  };
  TENBIN_TRY(const Model model, read_named_model(options.model, files));
  tell("model: " + std::to_string(model.graph.nodes.size()) + " nodes, " +
       (model.metadata.contains("tenbin.recipe") ? "written by tenbin fit" : "not of tenbin fit"));
  TENBIN_TRY(const Json recipe, recipe_of(model));
  const int threads = options.threads > 0 ? options.threads : read_machine_facts(files).threads;
  const EngineRequest request{options.engine, options.model, threads, options.precision};
  // Read when first needed: a model that nobody can run is refused before its data.
  std::optional<ModelRows> rows;
  const auto read_rows = [&]() -> Status {
    if (rows) return {};
    ReadOptions read = options.read;
    read.progress = hear.progress;
    TENBIN_TRY(rows, ModelRows::open(model, options.data, read, files));
    tell("data: " + std::to_string(rows->count()) + " rows read");
    return {};
  };
  const std::int64_t each = rows_a_run(model);
  const auto sample = [&](const Session& session) -> Result<std::vector<Tensor>> {
    TENBIN_CHECK(read_rows());
    const std::int64_t take = each == kChunk ? std::min(kTrialRows, rows->count()) : each;
    return rows->at(session.inputs(), piece_of(0, take, rows->count()));
  };
  TENBIN_TRY(const ChosenEngine engine, open_engine(request, model, sample, files, clock));
  TENBIN_CHECK(read_rows());
  PredictOutcome out;
  out.engine = engine.name;
  out.engine_why = engine.why;
  out.notes = rows->notes();
  out.notes.insert(out.notes.end(), engine.notes.begin(), engine.notes.end());
  out.rows = rows->count();
  tell("engine: " + engine.name + " on " + std::to_string(threads) + " threads (" + engine.why +
       "); " + std::to_string(each) + " rows a run at most");
  for (std::int64_t at = 0; at < out.rows; at += each) {
    if (hear.progress) hear.progress({"answering", "rows", at, out.rows});
    const std::int64_t wanted = std::min(each, out.rows - at);
    const std::int64_t run = each == kChunk ? wanted : each;
    TENBIN_TRY(const auto inputs, rows->at(engine.session->inputs(), piece_of(at, run, out.rows)));
    TENBIN_TRY(auto outputs, engine.session->run(inputs));
    std::vector<std::string> notes;
    TENBIN_TRY(const auto answers, by_row(std::move(outputs), *engine.session, run, notes));
    if (at == 0) {
      out.csv = header_of(answers, recipe["classes"]);
      out.notes.insert(out.notes.end(), notes.begin(), notes.end());
    }
    write_rows(answers, wanted, out.csv);
  }
  tell("answers: all rows are answered");
  if (!options.output.empty() && options.output != "-") {
    TENBIN_CHECK(files.write_durable(options.output, out.csv));
    out.csv.clear();
  }
  return out;
}

}  // namespace tenbin
