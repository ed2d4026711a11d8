// SPDX-License-Identifier: Apache-2.0
#include "app/engine_choice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/limits.h"
#include "base/nearest_name.h"
#include "engine/onnxruntime/ort_session.h"
#include "graph/onnx.h"
#include "plan/choose_engine.h"
#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr int kLeastPairs = 3, kMostPairs = 15;
constexpr Duration kTrialTime = 500ms;

// The file as it stands, unless its tensors lie beside it: then the whole model in one piece.
Result<std::unique_ptr<Session>> open_onnxruntime(const EngineRequest& request, const Model& model,
                                                  FileSystem& files) {
  TENBIN_TRY(const std::string bytes, files.read_text(request.path, limits::kModelBytes));
  auto session = create_onnxruntime_session(bytes, {request.threads});
  if (session.ok() || session.error().code() != ErrorCode::kBadModel) return session;
  const auto whole = write_onnx(model);
  if (!whole.ok()) return session;
  auto again = create_onnxruntime_session(*whole, {request.threads});
  return again.ok() ? std::move(again) : std::move(session);
}

Error with_way_out(const Error& unsupported, const std::string& way) {
  return Error(unsupported.code(), unsupported.message(), unsupported.where(), way);
}

// Inputs in the order of another session over the same model.
Result<std::vector<Tensor>> reordered(const std::vector<Tensor>& inputs, const Session& from,
                                      const Session& to) {
  std::vector<Tensor> out;
  for (const ValueInfo& wanted : to.inputs()) {
    for (std::size_t i = 0; i < from.inputs().size(); ++i) {
      if (from.inputs()[i].name == wanted.name) out.push_back(inputs[i]);
    }
  }
  if (out.size() != to.inputs().size()) {
    return Error(ErrorCode::kBug, "the engines name different inputs of one model");
  }
  return out;
}

struct Sides {
  Session &native, &other;
  std::vector<Tensor> native_inputs, other_inputs;
};

// Rounds in pairs whose order flips; the first runs are not counted.
Result<EngineTrial> try_both(const Sides& sides, Clock& clock) {
  TENBIN_TRY(const auto ours, sides.native.run(sides.native_inputs));
  TENBIN_TRY(const auto theirs, sides.other.run(sides.other_inputs));
  EngineTrial out;
  out.difference = largest_difference(ours, theirs);
  const Tensor& first = sides.native_inputs.front();
  out.rows = first.shape().empty() ? 1 : first.shape()[0];
  const auto timed = [&](Session& session, const std::vector<Tensor>& inputs) -> Result<Duration> {
    const Duration begin = clock.steady_now();
    TENBIN_CHECK(session.run(inputs));
    return clock.steady_now() - begin;
  };
  const Duration until = clock.steady_now() + kTrialTime;
  for (int i = 0; i < kMostPairs && (i < kLeastPairs || clock.steady_now() < until); ++i) {
    if (i % 2 == 0) {
      TENBIN_TRY(const Duration native, timed(sides.native, sides.native_inputs));
      out.native.push_back(native);
    }
    TENBIN_TRY(const Duration other, timed(sides.other, sides.other_inputs));
    out.onnxruntime.push_back(other);
    if (i % 2 == 1) {
      TENBIN_TRY(const Duration native, timed(sides.native, sides.native_inputs));
      out.native.push_back(native);
    }
  }
  return out;
}

Result<ChosenEngine> choose_by_trial(std::unique_ptr<Session> native, const EngineRequest& request,
                                     const Model& model, const SampleInputs& sample,
                                     FileSystem& files, Clock& clock) {
  auto other = open_onnxruntime(request, model, files);
  if (!other.ok()) {
    const bool absent = other.error().code() == ErrorCode::kMissingPlugin;
    return ChosenEngine{std::move(native),
                        "native",
                        absent ? "ONNX Runtime is not here to compare with"
                               : "ONNX Runtime refuses this model: " + other.error().message(),
                        {}};
  }
  TENBIN_TRY(std::vector<Tensor> inputs, sample(*native));
  TENBIN_TRY(std::vector<Tensor> same, reordered(inputs, *native, **other));
  const auto trial = try_both({*native, **other, std::move(inputs), std::move(same)}, clock);
  if (!trial.ok()) {
    return ChosenEngine{
        std::move(native), "native", "a comparison failed: " + trial.error().message(), {}};
  }
  EngineDecision decision = choose_engine(*trial);
  if (decision.native) return ChosenEngine{std::move(native), "native", decision.why, {}};
  return ChosenEngine{std::move(*other), "onnxruntime", decision.why, {}};
}

// How far answers in bfloat16 are from those in float32, for the rows of the sample.
Result<std::string> against_float32(Session& half, const EngineRequest& request, const Model& model,
                                    const SampleInputs& sample) {
  TENBIN_TRY(const auto whole, Session::create(model, {request.threads}));
  TENBIN_TRY(const std::vector<Tensor> inputs, sample(*whole));
  TENBIN_TRY(const auto expected, whole->run(inputs));
  TENBIN_TRY(const auto found, half.run(inputs));
  const auto difference = largest_difference(expected, found);
  if (!difference) return std::string("answers have another shape than in float32");
  char text[80];
  std::snprintf(text, sizeof text, "answers differ from float32 by at most %.2g %% of the largest",
                *difference * 100);
  const Shape& shape = inputs.front().shape();
  return text + std::string(", on ") + std::to_string(shape.empty() ? 1 : shape[0]) + " rows";
}

Result<ChosenEngine> open_bfloat16(const EngineRequest& request, const Model& model,
                                   const SampleInputs& sample) {
  if (request.engine == "onnxruntime") {
    return Error(ErrorCode::kBadValue, "bfloat16 with --engine onnxruntime, expected float32",
                 "--precision", "leave --engine at auto: the native engine has bfloat16");
  }
  TENBIN_TRY(auto session, Session::create(model, {request.threads, request.precision}));
  std::string why = "bfloat16 was asked for";
  if (sample) {
    TENBIN_TRY(const std::string seen, against_float32(*session, request, model, sample));
    why += "; " + seen;
  }
  return ChosenEngine{std::move(session), "native", std::move(why), {}};
}

template <class T> double numbers_differ(const Tensor& a, const Tensor& b) {
  double size = 0, most = 0;
  const auto left = a.data<T>(), right = b.data<T>();
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double x = static_cast<double>(left[i]), y = static_cast<double>(right[i]);
    if (std::isnan(x) != std::isnan(y)) return HUGE_VAL;
    if (std::isnan(x) || x == y) continue;
    most = std::max(most, std::fabs(x - y));
    size = std::max({size, std::fabs(x), std::fabs(y)});
  }
  return size > 0 ? most / size : 0;
}

}  // namespace

std::optional<double> largest_difference(std::span<const Tensor> a, std::span<const Tensor> b) {
  if (a.size() != b.size()) return std::nullopt;
  double out = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k].type() != b[k].type() || a[k].shape() != b[k].shape()) return std::nullopt;
    if (a[k].type() == ElementType::kFloat32) {
      out = std::max(out, numbers_differ<float>(a[k], b[k]));
    } else if (a[k].type() == ElementType::kFloat64) {
      out = std::max(out, numbers_differ<double>(a[k], b[k]));
    } else {
      const auto count = static_cast<std::size_t>(a[k].count());
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < count; ++i) {
        if (a[k].is_string()) {
          wrong += a[k].data<std::string>()[i] != b[k].data<std::string>()[i] ? 1 : 0;
        } else {
          const std::size_t size = element_size(a[k].type());
          const auto left = a[k].bytes().subspan(i * size, size);
          wrong += std::equal(left.begin(), left.end(),
                              b[k].bytes().begin() + static_cast<std::ptrdiff_t>(i * size))
                       ? 0
                       : 1;
        }
      }
      // A row in a hundred may change its label where two classes are as likely.
      const double share = count == 0 ? 0 : static_cast<double>(wrong) / static_cast<double>(count);
      if (share > 0.01) out = std::max(out, share);
    }
  }
  return out;
}

Result<ChosenEngine> open_engine(const EngineRequest& request, const Model& model,
                                 const SampleInputs& sample, FileSystem& files, Clock& clock) {
  static const std::vector<std::string> kEngines = {"auto", "native", "onnxruntime"};
  if (std::find(kEngines.begin(), kEngines.end(), request.engine) == kEngines.end()) {
    return Error(ErrorCode::kUnknownOption,
                 "unknown engine '" + request.engine + "': " + one_of(kEngines), "--engine");
  }
  if (request.precision == Precision::kBfloat16) return open_bfloat16(request, model, sample);
  if (request.engine == "onnxruntime") {
    TENBIN_TRY(auto session, open_onnxruntime(request, model, files));
    return ChosenEngine{std::move(session), "onnxruntime", "asked for", {}};
  }
  auto native = Session::create(model, {request.threads});
  if (native.ok()) {
    if (request.engine == "native") {
      return ChosenEngine{std::move(*native), "native", "asked for", {}};
    }
    if (!sample) {
      return ChosenEngine{std::move(*native), "native", "it has every operator of the model", {}};
    }
    if (model.metadata.contains("tenbin.recipe")) {
      return ChosenEngine{
          std::move(*native), "native", "the promises of this file were proven with it", {}};
    }
    return choose_by_trial(std::move(*native), request, model, sample, files, clock);
  }
  if (native.error().code() != ErrorCode::kUnsupportedOp) return native.error();
  if (request.engine == "native") {
    return with_way_out(
        native.error(),
        "--engine auto gives the whole model to ONNX Runtime where it is installed");
  }
  auto other = open_onnxruntime(request, model, files);
  if (!other.ok()) {
    const bool absent = other.error().code() == ErrorCode::kMissingPlugin;
    return with_way_out(
        native.error(),
        (absent ? "ONNX Runtime would run it, but: " : "ONNX Runtime refuses it too: ") +
            other.error().message() + (absent ? "; scripts/setup installs it" : ""));
  }
  return ChosenEngine{std::move(*other),
                      "onnxruntime",
                      "the native engine lacks operators of the model",
                      {"the whole model runs in ONNX Runtime: " + native.error().message()}};
}

}  // namespace tenbin
