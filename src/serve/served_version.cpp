// SPDX-License-Identifier: Apache-2.0
#include "serve/served_version.h"

#include <algorithm>
#include <array>

#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr std::array<std::int64_t, 6> kLadder = {1, 2, 4, 8, 16, 32};
constexpr Duration kLongestTrial = 50ms;  // a larger batch than one that takes it is not measured
constexpr int kTrials = 7;

Shape shape_for(const ValueInfo& value, std::int64_t rows) {
  Shape shape = value.shape;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] < 0) shape[d] = d == 0 ? rows : 1;
  }
  return shape;
}

// Made-up rows: floats and pixels vary, as kernels are quicker over zeros; indices and the like are
// zero, which is always valid.
std::vector<Tensor> made_up(const ServedVersion& version, std::int64_t rows) {
  std::vector<Tensor> out;
  for (const ValueInfo& input : version.inputs) {
    Tensor tensor(input.type, shape_for(input, rows));
    std::uint32_t state = 1;
    const auto next = [&state] { return (state = state * 1'664'525u + 1'013'904'223u) >> 8; };
    if (input.type == ElementType::kFloat32) {
      for (float& value : tensor.data<float>()) value = static_cast<float>(next()) * 0x1.0p-24F;
    } else if (input.type == ElementType::kUint8) {
      for (std::uint8_t& value : tensor.data<std::uint8_t>()) {
        value = static_cast<std::uint8_t>(next());
      }
    }
    out.push_back(std::move(tensor));
  }
  return out;
}

bool begins_free(const ValueInfo& value) {
  return value.kind == ValueKind::kTensor && value.has_shape && !value.shape.empty() &&
         value.shape[0] == -1;
}

// Whether two rows in are two rows out, whatever the declared shapes say.
bool takes_batches(const ServedVersion& version, Session& session) {
  for (const ValueInfo& value : version.inputs) {
    if (!begins_free(value)) return false;
  }
  if (version.inputs.empty()) return false;
  const auto outputs = session.run(made_up(version, 2));
  if (!outputs.ok()) return false;
  return std::all_of(outputs->begin(), outputs->end(),
                     [](const Tensor& t) { return !t.shape().empty() && t.shape()[0] == 2; });
}

// The quickest of some runs: what disturbs one does not belong to the model.
Result<Duration> quickest(Session& session, const std::vector<Tensor>& inputs) {
  Clock& clock = real_clock();
  Duration best = Duration::max();
  for (int i = 0; i < kTrials; ++i) {
    const Duration begin = clock.steady_now();
    TENBIN_TRY([[maybe_unused]] const auto outputs, session.run(inputs));
    const Duration took = clock.steady_now() - begin;
    // The first run compiles.
    if (i > 0) best = std::min(best, took);
    if (i > 0 && took > kLongestTrial) break;
  }
  return best;
}

Result<BatchTimes> measure(const ServedVersion& version, Session& session) {
  BatchTimes times;
  for (const std::int64_t rows : kLadder) {
    const auto took = quickest(session, made_up(version, rows));
    // They may be no valid input ("index 0 of ..."): it is served all the same.
    times.push_back({rows, took.ok() ? std::max<Duration>(*took, 1us) : Duration(1ms)});
    if (!version.batched || !took.ok() || *took > kLongestTrial) break;
  }
  return times;
}

Status agree(const ServedVersion& version, const Session& session, const std::string& path) {
  if (same_values(version.inputs, session.inputs()) &&
      same_values(version.outputs, session.outputs())) {
    return {};
  }
  return Error(ErrorCode::kInputMismatch,
               "the inputs or outputs differ from those of " + version.first().path, path,
               "variants of one model take and give the same tensors: move this file elsewhere");
}

Status add_variant(ServedVersion& version, const std::string& path, const LoadOptions& options,
                   const OpenModel& open) {
  TENBIN_TRY(OpenedModel opened, open(path, options.threads));
  ServedVariant variant;
  const std::string file = path.substr(path.rfind('/') + 1);
  variant.name = file.substr(0, file.rfind('.'));
  variant.path = path;
  variant.digest = std::move(opened.digest);
  variant.bytes = opened.bytes;
  variant.engine = std::move(opened.engine);
  variant.why = std::move(opened.why);
  variant.metadata = std::move(opened.metadata);
  variant.replicas = std::move(opened.replicas);
  variant.sessions = std::move(opened.sessions);
  const Session& session = *variant.sessions.front();
  if (version.variants.empty()) {
    version.inputs = session.inputs();
    version.outputs = session.outputs();
    version.batched = takes_batches(version, *variant.sessions.front());
  } else {
    TENBIN_CHECK(agree(version, session, path));
  }
  version.variants.push_back(std::move(variant));
  return {};
}

Status check_kinds(const ServedVersion& version) {
  for (const auto* values : {&version.inputs, &version.outputs}) {
    for (const ValueInfo& value : *values) {
      if (value.kind != ValueKind::kTensor) {
        return Error(ErrorCode::kUnsupportedOp, "'" + value.name + "' is a sequence or optional",
                     version.first().path,
                     "only models whose inputs and outputs are tensors can be served");
      }
    }
  }
  return {};
}

}  // namespace

bool same_values(const std::vector<ValueInfo>& a, const std::vector<ValueInfo>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ValueInfo& x, const ValueInfo& y) {
                      return x.name == y.name && x.type == y.type && x.shape == y.shape;
                    });
}

Result<std::shared_ptr<ServedVersion>> load_version(const ModelSource& source,
                                                    const LoadOptions& options,
                                                    const OpenModel& open) {
  auto version = std::make_shared<ServedVersion>();
  version->model = source.model;
  version->version = source.version;
  for (const std::string& path : source.files) {
    TENBIN_CHECK(add_variant(*version, path, options, open));
  }
  TENBIN_CHECK(check_kinds(*version));
  for (std::size_t v = 0; v < version->variants.size(); ++v) {
    ServedVariant& variant = version->variants[v];
    if (options.known_times != nullptr && v < options.known_times->size()) {
      variant.times = (*options.known_times)[v];
    } else {
      TENBIN_TRY(variant.times, measure(*version, *variant.sessions.front()));
    }
    // Every thread's session is compiled for what it will be asked first.
    for (std::size_t i = 0; i < variant.sessions.size(); ++i) {
      const auto& session = variant.sessions[i];
      if (!variant.ready(i)) continue;
      for (const std::int64_t rows : {std::int64_t{1}, efficient_rows(variant.times)}) {
        [[maybe_unused]] const auto outputs = session->run(made_up(*version, rows));
      }
    }
  }
  // The dearest is the most exact, as far as can be told: it is preferred while there is room.
  std::stable_sort(
      version->variants.begin(), version->variants.end(),
      [&](const auto& a, const auto& b) { return row_cost(a.times) > row_cost(b.times); });
  version->pooled = version->first().replicas != nullptr ||
                    version->first().times.front().time > options.longest_inline;
  return version;
}

std::shared_ptr<ServedVersion> without_sessions(const ServedVersion& version) {
  auto out = std::make_shared<ServedVersion>();
  out->model = version.model;
  out->version = version.version;
  out->inputs = version.inputs;
  out->outputs = version.outputs;
  out->batched = version.batched;
  out->pooled = version.pooled;
  out->counts = version.counts;
  for (const ServedVariant& variant : version.variants) {
    ServedVariant kept;
    kept.name = variant.name;
    kept.path = variant.path;
    kept.digest = variant.digest;
    kept.bytes = variant.bytes;
    kept.engine = variant.engine;
    kept.why = variant.why;
    kept.times = variant.times;
    kept.metadata = variant.metadata;
    out->variants.push_back(std::move(kept));
  }
  return out;
}

}  // namespace tenbin
