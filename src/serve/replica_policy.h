// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

namespace tenbin {

// What has been seen lately of a model that worker processes compute.
struct ReplicaSnapshot {
  int now = 1, most = 1;
  double arrivals = 0;     // rows a second, about the last second
  Duration service{};      // of a row, in batches of the size that pays
  Duration target = 20ms;  // mean wait that is allowed
  Duration wait{};         // longest that a request waited in the last interval
  Duration calm{};         // since as many as now were last needed
};

// Mean wait in a line before `servers` (Erlang C: Poisson arrivals, exponential service), a bound
// for steadier service; Duration::max(): the line grows without end.
Duration mean_wait(double arrivals, Duration service, int servers);

// Workers to have: as few as keep the mean wait within its target with room for bursts, one more
// while requests wait too long all the same, and one less only after a while of calm.
int next_replicas(const ReplicaSnapshot& snapshot);

}  // namespace tenbin
