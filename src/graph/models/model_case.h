// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "graph/counts.h"
#include "graph/models/model.h"

namespace tenbin {

// Builds a model of the catalogue and compares its counts with those worked out elsewhere.
inline void expect_counts(std::string_view name, const ModelOptions& options,
                          std::int64_t parameters, std::int64_t macs, std::int64_t buffer_bytes) {
  const ModelEntry* entry = find_model(name);
  ASSERT_NE(entry, nullptr) << name;
  const auto graph = build_model(*entry, options);
  ASSERT_TRUE(graph.ok()) << name << ": " << graph.error().to_string();
  EXPECT_EQ(graph->outputs.at(0).shape, (Shape{-1, options.classes})) << name;
  const auto counts = count(*graph);
  ASSERT_TRUE(counts.ok()) << name << ": " << counts.error().to_string();
  EXPECT_EQ(counts->parameters, parameters) << name;
  EXPECT_EQ(counts->macs.count, macs) << name;
  EXPECT_EQ(counts->buffer_bytes.count, buffer_bytes) << name;
}

}  // namespace tenbin
