// SPDX-License-Identifier: Apache-2.0
#include "compress/prune.h"

#include <gtest/gtest.h>

#include "compress/channel_case.h"
#include "compress/trained_case.h"
#include "graph/counts.h"
#include "graph/models/model.h"

namespace tenbin {
namespace {

TEST(Prune, WorkFallsAsAskedAndNothingIsMasked) {
  const TrainedCase trained = trained_cnn();
  const WorkWeights weights;
  const double whole = work_of(trained.graph, weights).value();
  for (const double share : {0.7, 0.5, 0.25}) {
    PruneOptions options;
    options.work = share * whole;
    options.multiple = 2;
    const auto pruned = prune_channels(trained.graph, options);
    ASSERT_TRUE(pruned.ok()) << pruned.error().to_string();
    EXPECT_LE(pruned->work, options.work);
    EXPECT_GT(pruned->work, options.work * 0.5) << "far more than asked";
    const GraphCounts counts = count(pruned->graph).value();
    EXPECT_EQ(static_cast<double>(counts.macs.count), pruned->work);
    EXPECT_LT(counts.parameters, count(trained.graph)->parameters);
    EXPECT_EQ(answers_of(pruned->graph, trained.rows).size(), trained.labels.size() * 6);
  }
}

TEST(Prune, SaysWhatCanBeReached) {
  const TrainedCase trained = trained_cnn();
  PruneOptions options;
  options.work = 1;
  const auto pruned = prune_channels(trained.graph, options);
  ASSERT_FALSE(pruned.ok());
  EXPECT_EQ(pruned.error().code(), ErrorCode::kBadValue);
  EXPECT_NE(pruned.error().message().find("leaves work of"), std::string::npos);
}

}  // namespace
}  // namespace tenbin
