// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

class Serving;
struct MachineFacts;

// What the objects of a cluster are made from: what was asked for, and what was measured here.
struct ManifestFacts {
  std::string model;       // its name is the objects' name, as a label of DNS
  std::string image;       // of tenbin
  std::string storage;     // URI of the model; empty: the image has it at /mnt/models
  std::string prometheus;  // its address, for KEDA
  int threads = 1;
  Bytes memory;                // resident at most, the model loaded
  Duration row{};              // measured time of one row
  double rows_per_second = 0;  // that one replica answers, each a request
  Duration slo{};              // zero: none given
  std::int64_t most_replicas = 10;
  std::string machine;  // where it was measured
};

// YAML of a serving object and what scales it: "kserve" (InferenceService and its runtime),
// "knative" (Service), "keda" (Deployment, Service, ScaledObject), "hpa" (the same with a
// HorizontalPodAutoscaler). Errors kBadValue: no such kind; a model's name without a letter.
Result<std::string> manifest_of(const std::string& kind, const ManifestFacts& facts);

// The same for the one model of a server (not started), as its options ask.
Result<std::string> manifest_for(Serving& serving, const MachineFacts& machine);

}  // namespace tenbin
