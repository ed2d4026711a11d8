// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime through its C interface: names, input and output bound once, buffers reused.
#include "bench/peers/worker.h"

#if __has_include(<onnxruntime_c_api.h>)

#include <onnxruntime_c_api.h>

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
    for (std::size_t first = 0; first + width_ <= features_.size(); first += width_) {
      TENBIN_TRY(OrtValue* const value, lend(features_.data() + first, width_, shape_));
      inputs_.push_back(value);
    }
    TENBIN_TRY(result_, lend(output_.data(), output_.size(), {batch_, classes_}));
    return {};
  }

  Status iterate() override {
    const char* const in = "x";
    const char* const out = "logits";
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
    return status;
  }

  Result<OrtValue*> lend(float* data, std::size_t count, const std::vector<std::int64_t>& shape) {
    OrtValue* value = nullptr;
    TENBIN_CHECK(check(api_->CreateTensorWithDataAsOrtValue(
        memory_, data, count * sizeof(float), shape.data(), shape.size(),
        ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value)));
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
  std::vector<float> features_, output_;
  std::vector<std::int64_t> shape_;
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
