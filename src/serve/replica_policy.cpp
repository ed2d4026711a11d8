// SPDX-License-Identifier: Apache-2.0
#include "serve/replica_policy.h"

#include <algorithm>
#include <cmath>

namespace tenbin {
namespace {

constexpr double kMostBusy = 0.85;  // of all workers: the model knows no bursts
constexpr Duration kBeforeLess = 30s;

}  // namespace

Duration mean_wait(double arrivals, Duration service, int servers) {
  const double load = arrivals * in_seconds(service);  // erlangs
  if (load <= 0) return Duration::zero();
  if (load >= servers) return Duration::max();
  // Erlang B by its recursion, then C.
  double blocked = 1;
  for (int k = 1; k <= servers; ++k) blocked = load * blocked / (k + load * blocked);
  const double busy = load / servers;
  const double waits = blocked / (1 - busy * (1 - blocked));
  return seconds(waits * in_seconds(service) / (servers - load));
}

int next_replicas(const ReplicaSnapshot& s) {
  int needed = 1;
  const auto too_few = [&](int servers) {
    return s.arrivals * in_seconds(s.service) > kMostBusy * servers ||
           mean_wait(s.arrivals, s.service, servers) > s.target;
  };
  while (needed < s.most && too_few(needed)) ++needed;
  if (s.wait > s.target) needed = std::max(needed, std::min(s.now + 1, s.most));
  if (needed >= s.now) return needed;
  return s.calm >= kBeforeLess ? s.now - 1 : s.now;
}

}  // namespace tenbin
