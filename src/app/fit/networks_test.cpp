// SPDX-License-Identifier: Apache-2.0
#include "app/fit/networks.h"

#include <gtest/gtest.h>

#include "graph/nets/nets.h"

namespace tenbin {
namespace {

TEST(Networks, AreCountedBeforeTheyAreTrained) {
  const auto graph = make_mlp(20, {64, 64}, 2, 1, 0);
  ASSERT_TRUE(graph.ok());
  const auto facts = network_facts("mlp 64-64", "mlp", *graph);
  ASSERT_TRUE(facts.ok()) << facts.error().to_string();
  EXPECT_EQ(facts->macs.count, 20 * 64 + 64 * 64 + 64 * 2);
  EXPECT_EQ(facts->parameters, 20 * 64 + 64 * 64 + 64 * 2 + 64 + 64 + 2);
  EXPECT_EQ(facts->profile.size.count, facts->parameters * 4);
}

TEST(Networks, AreKeptForARunThatGoesOn) {
  NetworkFacts facts;
  facts.profile = {"cnn", 3s, 20us, std::nullopt, Bytes{400}};
  facts.learner = "cnn";
  facts.macs = Macs{1'000};
  facts.parameters = 100;
  const Json json = to_json(facts);
  EXPECT_FALSE(json.contains("p99")) << "what was not measured is absent, not 0";
  EXPECT_EQ(to_json(network_from_json(json)).dump(), json.dump());
}

}  // namespace
}  // namespace tenbin
