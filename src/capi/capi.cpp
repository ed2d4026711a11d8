// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "base/limits.h"
#include "capi/tenbin.h"
#include "engine/session.h"
#include "graph/onnx.h"
#include "platform/file_system.h"

namespace {

using namespace tenbin;

std::string& last_error() {
  thread_local std::string text;
  return text;
}

int failed(const Error& error) {
  std::string text = error_label(error.code()) + ": " + error.message();
  if (!error.where().empty()) text += " (at " + error.where() + ")";
  if (!error.hint().empty()) text += "; " + error.hint();
  last_error() = std::move(text);
  return exit_code(error.cause());
}

int bad_call(const char* what) {
  last_error() = what;
  return TENBIN_BAD_CALL;
}

int out_of_memory() {
  last_error() = "there is not enough memory";
  return TENBIN_RUN_FAILED;
}

// What a caller may look at of a value: pointers into the session's own description.
tenbin_value described(const ValueInfo& value) {
  tenbin_value out{};
  out.name = value.name.c_str();
  out.type = static_cast<std::int32_t>(value.type);
  out.rank = value.has_shape ? static_cast<std::int32_t>(value.shape.size()) : -1;
  out.shape = value.shape.data();
  return out;
}

Result<Tensor> tensor_of(const tenbin_tensor& given, const std::string& name) {
  const auto bad = [&](const std::string& text) {
    return Error(ErrorCode::kInputMismatch, "input '" + name + "' " + text);
  };
  const auto type = static_cast<ElementType>(given.type);
  if (given.type <= 0 || given.type > 16 ||
      (type != ElementType::kString && element_size(type) == 0)) {
    return bad("has the type " + std::to_string(given.type) + ", which is none of tenbin_type");
  }
  if (given.rank < 0 || given.rank > static_cast<std::int32_t>(limits::kTensorRank)) {
    return bad("has the rank " + std::to_string(given.rank));
  }
  if (given.rank > 0 && given.shape == nullptr) return bad("has no shape");
  Shape shape(given.shape, given.shape + given.rank);
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count) ||
        count > limits::kTensorElements) {
      return bad("has the shape " + to_text(shape));
    }
  }
  if (count > 0 && given.data == nullptr) return bad("has no data");
  Tensor out(type, std::move(shape));
  if (type == ElementType::kString) {
    const std::span texts(static_cast<const tenbin_text*>(given.data),
                          static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      out.data<std::string>()[i].assign(texts[i].data, texts[i].size);
    }
  } else if (count > 0) {
    std::memcpy(out.bytes().data(), given.data, out.byte_size());
  }
  return out;
}

Result<SessionOptions> options_of(const tenbin_options* given) {
  SessionOptions out;
  if (given == nullptr) return out;
  if (given->size < sizeof(tenbin_options)) {
    return Error(ErrorCode::kBadValue, "tenbin_options.size is " + std::to_string(given->size) +
                                           ", expected sizeof(tenbin_options)");
  }
  if (given->threads < 0 || given->threads > 1024) {
    return Error(ErrorCode::kBadValue,
                 "tenbin_options.threads is " + std::to_string(given->threads));
  }
  if (given->threads > 0) out.threads = given->threads;
  if (given->bfloat16 != 0) out.precision = Precision::kBfloat16;
  return out;
}

}  // namespace

struct tenbin_model {
  std::shared_ptr<const Model> model;
  SessionOptions options;
  std::unique_ptr<Session> session;
  // Of the last run: what the caller reads.
  std::vector<Tensor> outputs;
  std::vector<std::vector<tenbin_text>> texts;
};

namespace {

int open_model(std::shared_ptr<const Model> model, const SessionOptions& options,
               tenbin_model** out) {
  auto session = Session::create(*model, options);
  if (!session.ok()) return failed(session.error());
  *out = new (std::nothrow) tenbin_model{std::move(model), options, std::move(*session), {}, {}};
  return *out == nullptr ? out_of_memory() : TENBIN_OK;
}

int open_parsed(Result<Model> model, const tenbin_options* options, tenbin_model** out) {
  if (!model.ok()) return failed(model.error());
  const auto wanted = options_of(options);
  if (!wanted.ok()) return failed(wanted.error());
  return open_model(std::make_shared<const Model>(std::move(*model)), *wanted, out);
}

// No exception leaves this library: its callers are written in C.
template <class F> int guarded(F&& call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

int value_at(const std::vector<ValueInfo>& values, std::size_t index, tenbin_value* value) {
  if (value == nullptr) return bad_call("value is null");
  if (index >= values.size()) return bad_call("index is past the last one");
  *value = described(values[index]);
  return TENBIN_OK;
}

tenbin_tensor view_of(const Tensor& tensor, std::vector<tenbin_text>& texts) {
  tenbin_tensor out{};
  out.type = static_cast<std::int32_t>(tensor.type());
  out.rank = static_cast<std::int32_t>(tensor.shape().size());
  out.shape = tensor.shape().data();
  if (!tensor.is_string()) {
    out.data = tensor.bytes().data();
    return out;
  }
  for (const std::string& text : tensor.data<std::string>()) {
    texts.push_back({text.data(), text.size()});
  }
  out.data = texts.data();
  return out;
}

int run(tenbin_model& model, std::span<const tenbin_tensor> inputs,
        std::span<tenbin_tensor> outputs) {
  const std::vector<ValueInfo>& wanted = model.session->inputs();
  if (inputs.size() != wanted.size() || outputs.size() != model.session->outputs().size()) {
    last_error() = "found " + std::to_string(inputs.size()) + " inputs and " +
                   std::to_string(outputs.size()) + " outputs, expected " +
                   std::to_string(wanted.size()) + " and " +
                   std::to_string(model.session->outputs().size());
    return TENBIN_BAD_CALL;
  }
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto tensor = tensor_of(inputs[i], wanted[i].name);
    if (!tensor.ok()) return failed(tensor.error());
    tensors.push_back(std::move(*tensor));
  }
  auto ran = model.session->run(tensors);
  if (!ran.ok()) return failed(ran.error());
  model.outputs = std::move(*ran);
  model.texts.assign(model.outputs.size(), {});
  for (std::size_t i = 0; i < model.outputs.size(); ++i) {
    outputs[i] = view_of(model.outputs[i], model.texts[i]);
  }
  return TENBIN_OK;
}

}  // namespace

const char* tenbin_version(void) { return TENBIN_VERSION; }
const char* tenbin_last_error(void) { return last_error().c_str(); }

int tenbin_open(const char* path, const tenbin_options* options, tenbin_model** model) {
  if (model == nullptr) return bad_call("model is null");
  *model = nullptr;
  if (path == nullptr) return bad_call("path is null");
  return guarded([&] { return open_parsed(read_onnx(real_file_system(), path), options, model); });
}

int tenbin_open_bytes(const void* bytes, size_t size, const tenbin_options* options,
                      tenbin_model** model) {
  if (model == nullptr) return bad_call("model is null");
  *model = nullptr;
  if (bytes == nullptr) return bad_call("bytes is null");
  return guarded([&] {
    const std::span whole(static_cast<const std::byte*>(bytes), size);
    return open_parsed(parse_onnx(whole), options, model);
  });
}

int tenbin_clone(const tenbin_model* model, tenbin_model** clone) {
  if (model == nullptr || clone == nullptr) return bad_call("model or clone is null");
  *clone = nullptr;
  return guarded([&] { return open_model(model->model, model->options, clone); });
}

void tenbin_close(tenbin_model* model) { delete model; }

size_t tenbin_input_count(const tenbin_model* model) {
  return model == nullptr ? 0 : model->session->inputs().size();
}
size_t tenbin_output_count(const tenbin_model* model) {
  return model == nullptr ? 0 : model->session->outputs().size();
}
int tenbin_input(const tenbin_model* model, size_t index, tenbin_value* value) {
  if (model == nullptr) return bad_call("model is null");
  return value_at(model->session->inputs(), index, value);
}
int tenbin_output(const tenbin_model* model, size_t index, tenbin_value* value) {
  if (model == nullptr) return bad_call("model is null");
  return value_at(model->session->outputs(), index, value);
}

int tenbin_run(tenbin_model* model, const tenbin_tensor* inputs, size_t input_count,
               tenbin_tensor* outputs, size_t output_count) {
  if (model == nullptr) return bad_call("model is null");
  if (inputs == nullptr && input_count > 0) return bad_call("inputs is null");
  if (outputs == nullptr && output_count > 0) return bad_call("outputs is null");
  return guarded([&] {
    return run(*model, std::span(inputs, input_count), std::span(outputs, output_count));
  });
}
