// SPDX-License-Identifier: Apache-2.0
#include "engine/onnxruntime/ort_session.h"

#if __has_include(<onnxruntime_c_api.h>)

#include <onnxruntime_c_api.h>

#include <utility>

#include "platform/plugin.h"

namespace tenbin {
namespace {

struct Runtime {
  const OrtApi* api = nullptr;
  OrtEnv* env = nullptr;  // lives as long as the process, like the library
  std::string version;
};

Status check(const OrtApi* api, OrtStatus* status, ErrorCode code) {
  if (status == nullptr) return {};
  Error error(code, std::string("onnx runtime: ") + api->GetErrorMessage(status));
  api->ReleaseStatus(status);
  return error;
}

Result<Runtime> load_runtime() {
  TENBIN_TRY(const auto plugin, load_plugin("libonnxruntime.so.1"));
  TENBIN_TRY(void* const address, plugin->symbol("OrtGetApiBase"));
  const OrtApiBase* base = reinterpret_cast<const OrtApiBase* (*)()>(address)();
  Runtime runtime;
  runtime.version = base->GetVersionString();
  runtime.api = base->GetApi(ORT_API_VERSION);
  if (runtime.api == nullptr) {
    return Error(
        ErrorCode::kMissingPlugin,
        "onnx runtime " + runtime.version + " lacks API " + std::to_string(ORT_API_VERSION),
        plugin->path(), "scripts/setup installs the version this build expects");
  }
  const OrtApi* api = runtime.api;
  TENBIN_CHECK(check(api, api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "tenbin", &runtime.env),
                     ErrorCode::kMissingPlugin));
  TENBIN_CHECK(check(api, api->DisableTelemetryEvents(runtime.env), ErrorCode::kMissingPlugin));
  return runtime;
}

const Result<Runtime>& runtime() {
  static const Result<Runtime> loaded = load_runtime();
  return loaded;
}

// Owns one object of the C API.
template <class T> class Held {
 public:
  Held() = default;
  Held(T* object, void (*release)(T*)) : object_(object), release_(release) {}
  Held(Held&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)), release_(other.release_) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(release_, other.release_);
    return *this;
  }
  ~Held() {
    if (object_ != nullptr) release_(object_);
  }
  T* get() const { return object_; }

 private:
  T* object_ = nullptr;
  void (*release_)(T*) = nullptr;
};

Result<ValueInfo> describe_tensor(const OrtApi* api, const OrtTensorTypeAndShapeInfo* info) {
  ValueInfo out;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::size_t rank = 0;
  TENBIN_CHECK(check(api, api->GetTensorElementType(info, &type), ErrorCode::kBug));
  TENBIN_CHECK(check(api, api->GetDimensionsCount(info, &rank), ErrorCode::kBug));
  out.shape.resize(rank);
  TENBIN_CHECK(check(api, api->GetDimensions(info, out.shape.data(), rank), ErrorCode::kBug));
  out.type = static_cast<ElementType>(type);  // both number as TensorProto.DataType does
  return out;
}

class OrtModelSession final : public Session {
 public:
  explicit OrtModelSession(const Runtime& r) : api_(r.api) {}

  Status open(const Runtime& r, const std::string& bytes, const SessionOptions& options) {
    OrtSessionOptions* raw_options = nullptr;
    TENBIN_CHECK(check(api_, api_->CreateSessionOptions(&raw_options), ErrorCode::kBug));
    const Held<OrtSessionOptions> held(raw_options, api_->ReleaseSessionOptions);
    TENBIN_CHECK(
        check(api_, api_->SetIntraOpNumThreads(raw_options, options.threads), ErrorCode::kBug));
    TENBIN_CHECK(check(api_, api_->SetInterOpNumThreads(raw_options, 1), ErrorCode::kBug));
    OrtSession* session = nullptr;
    TENBIN_CHECK(check(
        api_,
        api_->CreateSessionFromArray(r.env, bytes.data(), bytes.size(), raw_options, &session),
        ErrorCode::kBadModel));
    session_ = {session, api_->ReleaseSession};
    TENBIN_CHECK(check(api_, api_->GetAllocatorWithDefaultOptions(&allocator_), ErrorCode::kBug));
    OrtMemoryInfo* memory = nullptr;
    TENBIN_CHECK(check(api_,
                       api_->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory),
                       ErrorCode::kBug));
    memory_ = {memory, api_->ReleaseMemoryInfo};
    std::size_t count = 0;
    TENBIN_CHECK(check(api_, api_->SessionGetInputCount(session, &count), ErrorCode::kBug));
    TENBIN_CHECK(
        describe(count, api_->SessionGetInputName, api_->SessionGetInputTypeInfo, inputs_));
    TENBIN_CHECK(check(api_, api_->SessionGetOutputCount(session, &count), ErrorCode::kBug));
    return describe(count, api_->SessionGetOutputName, api_->SessionGetOutputTypeInfo, outputs_);
  }

  const std::vector<ValueInfo>& inputs() const override { return inputs_; }
  const std::vector<ValueInfo>& outputs() const override { return outputs_; }
  std::vector<std::string> kernels() const override { return {"onnxruntime"}; }

  using Session::run;
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) override {
    if (inputs.size() != inputs_.size()) {
      return Error(ErrorCode::kInputMismatch, std::to_string(inputs.size()) + " inputs, expected " +
                                                  std::to_string(inputs_.size()));
    }
    std::vector<Held<OrtValue>> held;
    std::vector<const OrtValue*> values;
    std::vector<const char*> names, wanted;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      TENBIN_TRY(Held<OrtValue> value, lend(inputs[i]));
      values.push_back(value.get());
      held.push_back(std::move(value));
      names.push_back(inputs_[i].name.c_str());
    }
    for (const ValueInfo& output : outputs_) wanted.push_back(output.name.c_str());
    std::vector<OrtValue*> results(wanted.size(), nullptr);
    TENBIN_CHECK(check(api_,
                       api_->Run(session_.get(), nullptr, names.data(), values.data(),
                                 values.size(), wanted.data(), wanted.size(), results.data()),
                       ErrorCode::kInputMismatch));
    std::vector<Held<OrtValue>> owned;
    for (OrtValue* result : results) owned.emplace_back(result, api_->ReleaseValue);
    std::vector<Tensor> out;
    for (const auto& result : owned) {
      TENBIN_TRY(Tensor tensor, fetch(result.get()));
      out.push_back(std::move(tensor));
    }
    return out;
  }

 private:
  template <class Name, class Type>
  Status describe(std::size_t count, Name name_of, Type type_of, std::vector<ValueInfo>& out) {
    for (std::size_t i = 0; i < count; ++i) {
      char* name = nullptr;
      TENBIN_CHECK(check(api_, name_of(session_.get(), i, allocator_, &name), ErrorCode::kBug));
      const std::string text = name;
      TENBIN_CHECK(check(api_, api_->AllocatorFree(allocator_, name), ErrorCode::kBug));
      OrtTypeInfo* type = nullptr;
      TENBIN_CHECK(check(api_, type_of(session_.get(), i, &type), ErrorCode::kBug));
      const Held<OrtTypeInfo> held(type, api_->ReleaseTypeInfo);
      const OrtTensorTypeAndShapeInfo* tensor = nullptr;
      TENBIN_CHECK(check(api_, api_->CastTypeInfoToTensorInfo(type, &tensor), ErrorCode::kBug));
      if (tensor == nullptr) {
        return Error(ErrorCode::kUnsupportedOp, "value '" + text + "' is no tensor");
      }
      TENBIN_TRY(ValueInfo info, describe_tensor(api_, tensor));
      info.name = text;
      out.push_back(std::move(info));
    }
    return {};
  }

  // Numbers are lent for the run; strings are copied by the library.
  Result<Held<OrtValue>> lend(const Tensor& tensor) const {
    OrtValue* value = nullptr;
    const auto type = static_cast<ONNXTensorElementDataType>(tensor.type());
    const Shape& shape = tensor.shape();
    if (!tensor.is_string()) {
      void* const data = const_cast<std::byte*>(tensor.bytes().data());
      TENBIN_CHECK(
          check(api_,
                api_->CreateTensorWithDataAsOrtValue(memory_.get(), data, tensor.byte_size(),
                                                     shape.data(), shape.size(), type, &value),
                ErrorCode::kInputMismatch));
      return Held<OrtValue>(value, api_->ReleaseValue);
    }
    TENBIN_CHECK(check(
        api_, api_->CreateTensorAsOrtValue(allocator_, shape.data(), shape.size(), type, &value),
        ErrorCode::kInputMismatch));
    Held<OrtValue> held(value, api_->ReleaseValue);
    std::vector<const char*> texts;
    for (const std::string& text : tensor.data<std::string>()) texts.push_back(text.c_str());
    TENBIN_CHECK(check(api_, api_->FillStringTensor(value, texts.data(), texts.size()),
                       ErrorCode::kInputMismatch));
    return held;
  }

  Result<Tensor> fetch(OrtValue* value) const {
    OrtTensorTypeAndShapeInfo* raw = nullptr;
    TENBIN_CHECK(check(api_, api_->GetTensorTypeAndShape(value, &raw), ErrorCode::kBug));
    const Held<OrtTensorTypeAndShapeInfo> held(raw, api_->ReleaseTensorTypeAndShapeInfo);
    TENBIN_TRY(const ValueInfo info, describe_tensor(api_, raw));
    TENBIN_CHECK(element_count(info.shape));
    Tensor out(info.type, info.shape);
    if (!out.is_string()) {
      void* data = nullptr;
      TENBIN_CHECK(check(api_, api_->GetTensorMutableData(value, &data), ErrorCode::kBug));
      const std::byte* from = static_cast<const std::byte*>(data);
      std::copy(from, from + out.byte_size(), out.bytes().begin());
      return out;
    }
    std::size_t bytes = 0;
    const auto count = static_cast<std::size_t>(out.count());
    if (count == 0) return out;
    TENBIN_CHECK(check(api_, api_->GetStringTensorDataLength(value, &bytes), ErrorCode::kBug));
    std::string all(bytes, '\0');
    std::vector<std::size_t> starts(count + 1, bytes);
    TENBIN_CHECK(check(api_,
                       api_->GetStringTensorContent(value, all.data(), bytes, starts.data(), count),
                       ErrorCode::kBug));
    auto texts = out.data<std::string>();
    for (std::size_t i = 0; i < count; ++i) {
      texts[i] = all.substr(starts[i], starts[i + 1] - starts[i]);
    }
    return out;
  }

  const OrtApi* api_;
  OrtAllocator* allocator_ = nullptr;  // the library's own
  Held<OrtSession> session_;
  Held<OrtMemoryInfo> memory_;
  std::vector<ValueInfo> inputs_, outputs_;
};

}  // namespace

Result<std::unique_ptr<Session>> create_onnxruntime_session(const std::string& onnx_bytes,
                                                            const SessionOptions& options) {
  const Result<Runtime>& loaded = runtime();
  if (!loaded.ok()) return loaded.error();
  auto session = std::make_unique<OrtModelSession>(loaded.value());
  TENBIN_CHECK(session->open(loaded.value(), onnx_bytes, options));
  return std::unique_ptr<Session>(std::move(session));
}

Result<std::string> onnxruntime_version() {
  const Result<Runtime>& loaded = runtime();
  if (!loaded.ok()) return loaded.error();
  return loaded.value().version;
}

}  // namespace tenbin

#else  // built without the header

namespace tenbin {
namespace {
Error no_header() {
  return Error(ErrorCode::kMissingPlugin,
               "this build had no onnxruntime_c_api.h, so it cannot use ONNX Runtime", {},
               "run scripts/setup and build again");
}
}  // namespace

Result<std::unique_ptr<Session>> create_onnxruntime_session(const std::string&,
                                                            const SessionOptions&) {
  return no_header();
}
Result<std::string> onnxruntime_version() { return no_header(); }

}  // namespace tenbin

#endif
