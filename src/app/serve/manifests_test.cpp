// SPDX-License-Identifier: Apache-2.0
#include "app/serve/manifests.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

ManifestFacts facts() {
  ManifestFacts out;
  out.model = "Fashion_v2";
  out.image = "registry/tenbin:1.0.0";
  out.threads = 2;
  out.memory = {100 << 20};
  out.row = 1ms;
  out.rows_per_second = 4000;
  out.slo = 20ms;
  out.most_replicas = 7;
  out.machine = "a CPU";
  return out;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Manifests, TargetsFollowFromWhatWasMeasured) {
  const std::string knative = *manifest_of("knative", facts());
  // 0.7 x 4000/s x 20 ms under way (Little).
  EXPECT_TRUE(has(knative, "autoscaling.knative.dev/target: \"56\"")) << knative;
  EXPECT_TRUE(has(knative, "autoscaling.knative.dev/max-scale: \"7\""));
  EXPECT_TRUE(has(knative, "name: fashion-v2"));
  EXPECT_TRUE(has(knative, "memory: \"192Mi\"")) << "half as much again, in steps of 64 MiB";
  const std::string keda = *manifest_of("keda", facts());
  // 4000/s x a quarter of 20 ms.
  EXPECT_TRUE(has(keda, "threshold: \"20\"")) << keda;
  EXPECT_TRUE(has(keda, "minReplicaCount: 1"));
  ManifestFacts slow = facts();
  slow.rows_per_second = 1;
  EXPECT_TRUE(has(*manifest_of("knative", slow), "target: \"2\"")) << "a request a thread at least";
}

TEST(Manifests, OnlyThePodsProxyReachesLoopbackAndTheRestHasTlsAndTokens) {
  for (const char* kind : {"kserve", "knative"}) {
    const std::string text = *manifest_of(kind, facts());
    EXPECT_FALSE(has(text, "0.0.0.0")) << kind;
  }
  for (const char* kind : {"keda", "hpa"}) {
    const std::string text = *manifest_of(kind, facts());
    for (const char* part :
         {"0.0.0.0", "--tls-cert", "--tokens", "scheme: HTTPS", "fashion-v2-tls"}) {
      EXPECT_TRUE(has(text, part)) << kind << " " << part;
    }
  }
}

TEST(Manifests, MountsTheModelFromWhereItIsKept) {
  ManifestFacts kept = facts();
  kept.storage = "pvc://models/fashion";
  EXPECT_TRUE(has(*manifest_of("hpa", kept), "claimName: models"));
  kept.storage = "oci://registry/fashion:1.0";
  EXPECT_TRUE(has(*manifest_of("hpa", kept), "reference: \"registry/fashion:1.0\""));
  EXPECT_TRUE(has(*manifest_of("kserve", kept), "storageUri: \"oci://registry/fashion:1.0\""));
}

TEST(Manifests, RefusesOtherKindsAndNamesWithoutALetter) {
  EXPECT_TRUE(has(manifest_of("helm", facts()).error().message(), "kserve, knative, keda or hpa"));
  ManifestFacts nameless = facts();
  nameless.model = "__";
  EXPECT_FALSE(manifest_of("hpa", nameless).ok());
}

}  // namespace
}  // namespace tenbin
