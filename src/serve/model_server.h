// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "serve/admission.h"
#include "serve/batch_policy.h"
#include "serve/request.h"
#include "serve/rollout.h"
#include "serve/run_batch.h"
#include "serve/served_version.h"

namespace tenbin {

class Clock;
class ServeLane;

struct ModelServerOptions {
  int threads = 1;                        // lanes, and threads of the pool
  std::int64_t queue = 4096;              // requests that may wait for a model
  Duration default_deadline = 30s;        // of requests that bring none
  std::optional<Duration> slo;            // time in which a request should be answered
  ThrottleRate throttle;                  // of each client
  std::optional<Duration> scale_to_zero;  // idle models leave memory after it
  int least_replicas = 0;  // workers of a model that has some; 0: as many as the load needs
  // What there is of a model now; asked on the loading thread before a load that somebody wants.
  std::function<std::vector<ModelSource>(const std::string& model)> look;
  // Hears of every change of a rollout, on the loading thread.
  std::function<void(const std::string& model, const Rollout&)> keep_rollout;
};

enum class ModelState { kUnavailable, kLoading, kReady, kAsleep };
std::string_view state_name(ModelState state);  // "READY"; asleep is READY: a request wakes it

// A line of the repository's index.
struct ServedEntry {
  std::string model, version;
  ModelState state = ModelState::kUnavailable;
  std::string reason;  // why it is not ready
};

// Who answers a request; `shadow` computes it too, for comparison alone, if there is one.
struct PickedVersion {
  std::shared_ptr<ServedVersion> version, shadow;
  std::shared_ptr<ShadowStats> shadow_stats;
};

// What a decision of the server was about, for --explain and the live page.
struct ServeDecision {
  std::int64_t wall_ns = 0;
  std::string controller;  // "variants", "replicas", "sleep", "power", "rollout"
  std::string model, action, reason;
};

// The models of a server and all that waits for them. Thread-safe, but for its lanes, which belong
// to one thread each. Loading happens on a thread of its own.
class ModelServer {
 public:
  // `open` makes sessions of a file. Borrowed: clock, accountant (may be null).
  static std::unique_ptr<ModelServer> create(const ModelServerOptions& options, OpenModel open,
                                             Clock& clock, BatchAccountant* accountant);
  virtual ~ModelServer() = default;

  // Offers a version of a model: its files are known, not loaded. One that is there is replaced,
  // once the new one is ready; the old one answers meanwhile.
  virtual void offer(ModelSource source) = 0;
  // Looks for the versions of a model and loads them all; `done` is called on the loading thread.
  // Error kUnknownModel.
  virtual void load(const std::string& model, std::function<void(Status)> done) = 0;
  // What was taken is still answered. Error kUnknownModel.
  virtual void unload(const std::string& model, std::function<void(Status)> done) = 0;

  virtual std::vector<ServedEntry> index() const = 0;
  virtual bool all_ready() const = 0;
  // A version that is loaded, or was before it fell asleep (its sessions are gone then). Empty
  // version: the stable one of its rollout. Errors kUnknownModel, kNotReady.
  virtual Result<std::shared_ptr<ServedVersion>> find(const std::string& model,
                                                      const std::string& version) const = 0;
  // Versions that are loaded or asleep.
  virtual std::vector<std::shared_ptr<ServedVersion>> versions() const = 0;
  virtual ModelState state(const std::string& model, const std::string& version) const = 0;

  // ---- of rollouts ----
  // Error kUnknownModel.
  virtual Result<RolloutView> rollout(const std::string& model) const = 0;
  // As it was kept; before the model is loaded.
  virtual void set_rollout(const std::string& model, Rollout rollout) = 0;
  // Loads versions that came lately first. `done` is called on the loading thread. Errors
  // kUnknownModel, kBadValue, kInputMismatch.
  virtual void change_rollout(const std::string& model, RolloutChange change,
                              std::function<void(Status)> done) = 0;

  // No request is taken any more: kNotReady.
  virtual void drain() = 0;
  virtual bool draining() const = 0;
  virtual std::vector<ServeDecision> decisions() const = 0;
  virtual void decide(ServeDecision decision) = 0;
  // Wake times since the start [s].
  virtual const ServeHistogram& wake_times() const = 0;

  // ---- of the variants ----
  // Lets the server prefer cheaper variants: 0 none, else so many steps down. From a power budget.
  virtual void set_pressure(int steps) = 0;
  // Share of requests that are taken at all; the others are refused, for the sake of power.
  virtual void set_taken(double share) = 0;

 protected:
  // ---- for lanes ----
  friend class ServeLane;
  virtual const ModelServerOptions& options() const = 0;
  virtual Clock& clock() const = 0;
  virtual BatchAccountant* accountant() const = 0;
  virtual Result<PickedVersion> pick(const std::string& model,
                                     const std::string& version) const = 0;
  virtual std::uint64_t generation() const = 0;  // changes when a state or version does
  virtual void wake(const std::string& model) = 0;
  virtual Throttled throttle(const std::string& client, Duration now) = 0;
  // Whether the next request may be taken (set_taken).
  virtual bool takes_next() = 0;
  virtual void pool(ServeJob job) = 0;  // answers or refuses it
  virtual std::optional<Error> pool_refusal(const std::shared_ptr<ServedVersion>& version,
                                            Duration arrived, Duration deadline) = 0;
  virtual void add_lane(ServeLane& lane) = 0;
  virtual void remove_lane(ServeLane& lane) = 0;
};

}  // namespace tenbin
