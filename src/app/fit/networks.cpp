// SPDX-License-Identifier: Apache-2.0
#include "app/fit/networks.h"

#include "graph/counts.h"

namespace tenbin {

Result<NetworkFacts> network_facts(const std::string& name, const std::string& learner,
                                   const Graph& graph) {
  TENBIN_TRY(const GraphCounts counted, count(graph));
  NetworkFacts out;
  out.profile.name = name;
  out.learner = learner;
  out.macs = counted.macs;
  out.parameters = counted.parameters;
  for (const auto& [weight, tensor] : graph.initializers) {
    out.profile.size.count += static_cast<std::int64_t>(tensor.byte_size());
  }
  return out;
}

Json to_json(const NetworkFacts& network) {
  const NetworkProfile& p = network.profile;
  Json out = Json::object({{"name", p.name},
                           {"learner", network.learner},
                           {"macs", network.macs.count},
                           {"parameters", network.parameters},
                           {"size_bytes", p.size.count}});
  if (p.p50) out.set("p50", in_seconds(*p.p50));
  if (p.p99) out.set("p99", in_seconds(*p.p99));
  if (p.per_epoch.count() > 0) out.set("epoch_seconds", in_seconds(p.per_epoch));
  return out;
}

NetworkFacts network_from_json(const Json& json) {
  NetworkFacts out;
  out.profile.name = json["name"].as_string();
  out.learner = json["learner"].as_string();
  out.macs = Macs{json["macs"].as_integer()};
  out.parameters = json["parameters"].as_integer();
  out.profile.size = Bytes{json["size_bytes"].as_integer()};
  if (json["p50"].is_number()) out.profile.p50 = seconds(json["p50"].as_number());
  if (json["p99"].is_number()) out.profile.p99 = seconds(json["p99"].as_number());
  out.profile.per_epoch = seconds(json["epoch_seconds"].as_number());
  return out;
}

}  // namespace tenbin
