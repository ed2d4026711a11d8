// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "serve/model_server.h"
#include "serve/rollout.h"
#include "serve/served_version.h"
#include "serve/shadow.h"

namespace tenbin {

struct VersionSlot {
  ModelSource source;
  ModelState state = ModelState::kUnavailable;
  std::string reason = "not loaded";
  std::shared_ptr<ServedVersion> served;  // null: not loaded
  Duration used{};                        // when a request last asked for it while it slept or ran
  // For the choice of the variant.
  Duration changed{};
  std::int64_t busy_before = 0, successes_before = 0;
  // For the number of workers.
  double arrivals = 0;  // rows a second, smoothed over about a second
  std::int64_t arrived_before = 0;
  Duration needed{};  // when as many as there are were last needed
};

struct ModelSlot {
  std::map<std::string, VersionSlot> versions;
  Rollout rollout;
  VersionRecord canary_base, stable_base;  // their counts when the canary began
  std::shared_ptr<ShadowStats> shadow_stats;
  mutable std::atomic<std::uint64_t> turns{0}, shadow_turns{0};
};

// The models of a server by name and version, and who answers requests that name none. Thread-safe.
class ModelTable {
 public:
  void offer(ModelSource source);
  // Takes away those versions of the model that are not among `sources`; returns whether there were
  // any.
  bool keep_only(const std::string& model, const std::vector<ModelSource>& sources);

  std::vector<ServedEntry> index() const;
  bool all_ready() const;
  Result<std::shared_ptr<ServedVersion>> find(const std::string& model,
                                              const std::string& version) const;
  // Who answers the next request, and who computes it for comparison.
  Result<PickedVersion> pick(const std::string& model, const std::string& version) const;
  std::vector<std::shared_ptr<ServedVersion>> versions() const;
  ModelState state(const std::string& model, const std::string& version) const;

  // The sources of a model; its versions that are not loaded are loading from now on.
  Result<std::vector<ModelSource>> begin_load(const std::string& model);
  std::shared_ptr<ServedVersion> served(const ModelSource& source) const;
  // What came of loading: what answered before goes on if it failed.
  Status end_load(const ModelSource& source, Result<std::shared_ptr<ServedVersion>> loaded,
                  Duration now);
  Status unload(const std::string& model);

  // `slo` [s] for what is late, 0: none.
  Result<RolloutView> rollout(const std::string& model, double slo) const;
  // Returns the rollout after the change.
  Result<Rollout> change(const std::string& model, const RolloutChange& change, double slo);
  void set_rollout(const std::string& model, Rollout rollout);
  // Whether a newer version becomes the stable one by being loaded; returns what held before.
  Result<bool> set_follows(const std::string& model, bool follows);

  // Everything at once, for who looks at it regularly.
  template <class F> void each_model(F&& f) {
    const std::unique_lock lock(mutex_);
    for (auto& [name, model] : models_) f(name, model);
  }

 private:
  using Models = std::map<std::string, ModelSlot>;
  Result<const VersionSlot*> slot_of(const std::string& model, const std::string& version) const;
  VersionSlot* slot_of(const ModelSource& source);
  Error unknown_model(const std::string& model) const;
  static void refollow(ModelSlot& model);

  mutable std::shared_mutex mutex_;
  Models models_;
};

// What a version has done so far. `slo` [s]: what is late; 0: nothing.
VersionRecord record_of(const ServeStats& stats, double slo);
VersionRecord since(const VersionRecord& now, const VersionRecord& base);

}  // namespace tenbin
