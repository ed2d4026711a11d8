// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "serve/batch_policy.h"
#include "serve/replica_set.h"
#include "serve/serve_stats.h"

namespace tenbin {

// One of the forms of a model that give the same answers at different costs.
struct ServedVariant {
  std::string name;  // "model", "original": the file without its ending
  std::string path;
  std::string digest;       // SHA-256 of the file, hex
  std::int64_t bytes = 0;   // of the file
  std::string engine, why;  // "native", and why that
  BatchTimes times;         // measured here, on one thread
  std::map<std::string, std::string> metadata;
  // The processes behind its sessions; null: they run in this one. Ends after the sessions.
  std::shared_ptr<ReplicaSet> replicas;
  std::vector<std::unique_ptr<Session>> sessions;  // one a thread that computes

  // Whether a session may be run now.
  bool ready(std::size_t session) const { return replicas == nullptr || replicas->ready(session); }
};

// A version of a model, loaded: what threads need to answer with it. Constant once it is served,
// but for its counts; its sessions each belong to the thread of their index. Held by the registry
// and by the requests under way: the last of them frees it.
struct ServedVersion {
  std::string model, version;
  std::vector<ValueInfo> inputs, outputs;  // all variants agree on them
  bool batched = false;  // every input and output begins with a free dimension of rows
  bool pooled = false;   // runs on the pool: too long for the threads that also read and write
  std::vector<ServedVariant> variants;  // the one to prefer first
  // Of this model and version since the server started, however often it was loaded anew.
  std::shared_ptr<ServeStats> counts = std::make_shared<ServeStats>();
  mutable std::atomic<std::size_t> current{0};  // the variant in use

  const ServedVariant& first() const { return variants.front(); }
  ServeStats& stats() const { return *counts; }
  // Its sessions have left memory; a request brings them back.
  bool asleep() const { return first().sessions.empty(); }
};

// Whether they have the same names, types and shapes.
bool same_values(const std::vector<ValueInfo>& a, const std::vector<ValueInfo>& b);

// A model's file and the variants beside it.
struct ModelSource {
  std::string model, version;
  std::vector<std::string> files;  // variants; the one to prefer first
};

// How a session comes from a file: the choice of the engine is the caller's.
struct OpenedModel {
  std::shared_ptr<ReplicaSet> replicas;  // null: the sessions run in this process
  std::vector<std::unique_ptr<Session>> sessions;
  std::string engine, why, digest;
  std::int64_t bytes = 0;
  std::map<std::string, std::string> metadata;
};
using OpenModel = std::function<Result<OpenedModel>(const std::string& path, int sessions)>;

struct LoadOptions {
  int threads = 1;
  Duration longest_inline = 200us;                       // a run that takes longer goes to the pool
  const std::vector<BatchTimes>* known_times = nullptr;  // of an earlier load of the same files
};

// Opens the variants, finds whether they take batches, and measures them. Errors: those of `open`;
// kInputMismatch: variants that differ in inputs or outputs.
Result<std::shared_ptr<ServedVersion>> load_version(const ModelSource& source,
                                                    const LoadOptions& options,
                                                    const OpenModel& open);
// The same version without its sessions.
std::shared_ptr<ServedVersion> without_sessions(const ServedVersion& version);

}  // namespace tenbin
