// SPDX-License-Identifier: Apache-2.0
#include "meter/attribution.h"

#include <algorithm>
#include <numeric>

namespace tenbin {
namespace {
__extension__ typedef __int128 Wide;
}  // namespace

std::vector<Energy> split_by_weight(Energy total, std::span<const std::int64_t> weights) {
  std::vector<Energy> out(weights.size());
  Wide sum = 0;
  for (const std::int64_t weight : weights) sum += std::max<std::int64_t>(weight, 0);
  if (sum == 0 || total.nanojoules <= 0) return out;
  std::vector<Wide> remainders(weights.size());
  std::int64_t left = total.nanojoules;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide exact = static_cast<Wide>(total.nanojoules) * std::max<std::int64_t>(weights[i], 0);
    out[i] = Energy{static_cast<std::int64_t>(exact / sum)};
    remainders[i] = exact % sum;
    left -= out[i].nanojoules;
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::int64_t i = 0; i < left; ++i) ++out[order[static_cast<std::size_t>(i)]].nanojoules;
  return out;
}

Shares attribute(Energy energy, Power idle_power, Duration dt, const Activities& activities) {
  Shares out;
  const Energy idle = idle_power * dt;
  out.idle_revised = energy < idle;
  out.idle = std::min(energy, idle);
  const Energy dynamic = energy - out.idle;
  std::vector<std::int64_t> weights;
  for (const Duration busy : activities.accounts) weights.push_back(busy.count());
  weights.push_back(activities.unattributed.count());
  std::vector<Energy> parts = split_by_weight(dynamic, weights);
  out.unattributed = parts.back();
  parts.pop_back();
  out.accounts = std::move(parts);
  Energy given = out.unattributed;
  for (const Energy& part : out.accounts) given += part;
  out.unattributed += dynamic - given;  // nobody was busy
  return out;
}

}  // namespace tenbin
