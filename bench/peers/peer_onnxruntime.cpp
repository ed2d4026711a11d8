// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime through its C interface: names asked once, buffers reused.
#include "bench/peers/worker.h"

#if __has_include(<onnxruntime_c_api.h>)

#include <onnxruntime_c_api.h>

#include <type_traits>

#include "platform/plugin.h"

namespace tenbin::bench {
namespace {

class OrtWorker final : public Worker {
 public:
  ~OrtWorker() override { release(); }

  Result<Json> hello(const std::string& kind, int threads, const std::string& precision) override {
    if (precision == "bf16") return Error(ErrorCode::kBadValue, "its nets here are fp32");
    if (kind != "infer") return Error(ErrorCode::kBadValue, "it runs models, nothing else");
    TENBIN_CHECK(load());
    Json settings = Json::array();
    for (int t = 1; t <= threads; ++t) {
      for (const bool spin : {true, false}) {
        for (const bool flush : {false, true}) {
          if (t == 1 && spin) continue;  // one thread is the caller's: nothing spins
          settings.push(Json::object({{"threads", t}, {"spin", spin}, {"flush_denormals", flush}}));
        }
      }
    }
    return Json::object({{"name", "ONNX Runtime"},
                         {"version", version_},
                         {"source", "npm onnxruntime-node, C interface"},
                         {"settings", settings}});
  }

  Status prepare(const Json& work) override {
    TENBIN_CHECK(load());
    release();
    TENBIN_TRY(features_, read_floats(work["features"].as_string()));
    batch_ = work["batch"].as_integer();
    classes_ = work["classes"].as_integer();
    shape_ = integers_of(work["row"]);
    shape_.insert(shape_.begin(), batch_);
    width_ = 1;
    for (const std::int64_t size : shape_) width_ *= static_cast<std::size_t>(size);
    TENBIN_CHECK(open(work["model"].as_string(), work["setting"]));
    at_ = 0;
    inputs_.clear();
    output_.assign(static_cast<std::size_t>(batch_ * classes_), 0);
    TENBIN_CHECK(lend_inputs());
    TENBIN_TRY(result_, lend(output_.data(), output_.size(), {batch_, classes_}));
    return {};
  }

  Status iterate() override {
    const char* const in = input_name_.c_str();
    const char* const out = output_name_.c_str();
    const OrtValue* input = inputs_[at_];
    at_ = (at_ + 1) % inputs_.size();
    return check(api_->Run(session_, nullptr, &in, &input, 1, &out, 1, &result_));
  }

  Result<std::vector<double>> answer(std::int64_t count) override {
    std::vector<double> out;
    for (std::int64_t i = 0; i < count; ++i) {
      TENBIN_CHECK(iterate());
      out.insert(out.end(), output_.begin(), output_.end());
    }
    return out;
  }

 private:
  Status check(OrtStatus* status) const {
    if (status == nullptr) return {};
    Error error(ErrorCode::kCommandFailed,
                std::string("ONNX Runtime: ") + api_->GetErrorMessage(status));
    api_->ReleaseStatus(status);
    return error;
  }

  Status load() {
    if (api_ != nullptr) return {};
    TENBIN_TRY(const auto plugin, load_plugin("libonnxruntime.so.1"));
    TENBIN_TRY(void* const address, plugin->symbol("OrtGetApiBase"));
    const OrtApiBase* base = reinterpret_cast<const OrtApiBase* (*)()>(address)();
    version_ = base->GetVersionString();
    api_ = base->GetApi(ORT_API_VERSION);
    if (api_ == nullptr) return Error(ErrorCode::kMissingPlugin, "version " + version_ + " is old");
    TENBIN_CHECK(check(api_->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "bench", &env_)));
    return check(api_->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory_));
  }

  Status open(const std::string& model, const Json& setting) {
    OrtSessionOptions* options = nullptr;
    TENBIN_CHECK(check(api_->CreateSessionOptions(&options)));
    const auto threads = static_cast<int>(setting["threads"].as_integer(1));
    const auto flag = [&](const char* key) { return setting[key].as_bool() ? "1" : "0"; };
    Status status = check(api_->SetIntraOpNumThreads(options, threads));
    if (status.ok()) status = check(api_->SetInterOpNumThreads(options, 1));
    if (status.ok()) {
      status = check(api_->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
    }
    if (status.ok()) {
      status = check(
          api_->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", flag("spin")));
    }
    if (status.ok()) {
      status = check(api_->AddSessionConfigEntry(options, "session.set_denormal_as_zero",
                                                 flag("flush_denormals")));
    }
    if (status.ok()) status = check(api_->CreateSession(env_, model.c_str(), options, &session_));
    api_->ReleaseSessionOptions(options);
    if (!status.ok()) return status;
    TENBIN_CHECK(name_of(&OrtApi::SessionGetInputName, input_name_));
    TENBIN_CHECK(name_of(&OrtApi::SessionGetOutputName, output_name_));
    return find_input_type();
  }

  // Of the first input or output.
  using GetName = decltype(OrtApi::SessionGetInputName);
  Status name_of(GetName OrtApi::*get, std::string& name) {
    OrtAllocator* allocator = nullptr;
    TENBIN_CHECK(check(api_->GetAllocatorWithDefaultOptions(&allocator)));
    char* found = nullptr;
    TENBIN_CHECK(check((api_->*get)(session_, 0, allocator, &found)));
    name = found;
    return check(api_->AllocatorFree(allocator, found));
  }

  Status find_input_type() {
    OrtTypeInfo* info = nullptr;
    TENBIN_CHECK(check(api_->SessionGetInputTypeInfo(session_, 0, &info)));
    const OrtTensorTypeAndShapeInfo* tensor = nullptr;  // belongs to the info
    Status status = check(api_->CastTypeInfoToTensorInfo(info, &tensor));
    if (status.ok() && tensor != nullptr) {
      status = check(api_->GetTensorElementType(tensor, &input_type_));
    }
    api_->ReleaseTypeInfo(info);
    if (!status.ok()) return status;
    if (input_type_ == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT ||
        input_type_ == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64) {
      return {};
    }
    return Error(ErrorCode::kUnsupportedOp,
                 "input of element type " + std::to_string(input_type_) + ", expected float, int64",
                 input_name_);
  }

  // One value a batch, in the type that the model takes: tokens come as floats and leave as whole
  // numbers.
  Status lend_inputs() {
    const bool whole = input_type_ == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
    tokens_.clear();
    if (whole) tokens_.assign(features_.begin(), features_.end());
    for (std::size_t first = 0; first + width_ <= features_.size(); first += width_) {
      TENBIN_TRY(OrtValue* const value, whole ? lend(tokens_.data() + first, width_, shape_)
                                              : lend(features_.data() + first, width_, shape_));
      inputs_.push_back(value);
    }
    return {};
  }

  template <class T>
  Result<OrtValue*> lend(T* data, std::size_t count, const std::vector<std::int64_t>& shape) {
    constexpr auto kType = std::is_same_v<T, float> ? ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
                                                    : ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
    OrtValue* value = nullptr;
    TENBIN_CHECK(check(api_->CreateTensorWithDataAsOrtValue(
        memory_, data, count * sizeof(T), shape.data(), shape.size(), kType, &value)));
    return value;
  }

  void release() {
    if (api_ == nullptr) return;
    for (OrtValue* value : inputs_) api_->ReleaseValue(value);
    if (result_ != nullptr) api_->ReleaseValue(result_);
    if (session_ != nullptr) api_->ReleaseSession(session_);
    inputs_.clear();
    result_ = nullptr;
    session_ = nullptr;
  }

  const OrtApi* api_ = nullptr;
  OrtEnv* env_ = nullptr;  // these two live as long as the process
  OrtMemoryInfo* memory_ = nullptr;
  OrtSession* session_ = nullptr;
  std::vector<OrtValue*> inputs_;
  OrtValue* result_ = nullptr;
  std::string input_name_, output_name_;
  ONNXTensorElementDataType input_type_ = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  std::vector<float> features_, output_;
  std::vector<std::int64_t> tokens_, shape_;
  std::int64_t batch_ = 0, classes_ = 0;
  std::size_t width_ = 0, at_ = 0;
  std::string version_;
};

}  // namespace
}  // namespace tenbin::bench

int main() {
  tenbin::bench::OrtWorker worker;
  return tenbin::bench::serve(worker);
}

#else

// Built without the header: tells so when greeted.
namespace tenbin::bench {
namespace {
class NoWorker final : public Worker {
 public:
  Result<Json> hello(const std::string&, int, const std::string&) override { return reason(); }
  Status prepare(const Json&) override { return reason(); }
  Status iterate() override { return reason(); }
  Result<std::vector<double>> answer(std::int64_t) override { return reason(); }

 private:
  static Error reason() {
    return {ErrorCode::kMissingPlugin,
            "built without onnxruntime_c_api.h",
            {},
            "run scripts/setup and build again"};
  }
};
}  // namespace
}  // namespace tenbin::bench

int main() {
  tenbin::bench::NoWorker worker;
  return tenbin::bench::serve(worker);
}

#endif
