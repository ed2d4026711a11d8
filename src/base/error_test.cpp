// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/nearest_name.h"

namespace tenbin {
namespace {

TEST(Error, ExitCodesAreThoseDocumented) {
  const struct {
    const char* why;
    Cause cause;
    int code;
  } rows[] = {
      {"usage", Cause::kUsage, 2},
      {"configuration is usage", Cause::kConfig, 2},
      {"input", Cause::kData, 3},
      {"capability", Cause::kCapability, 4},
      {"budget or limit", Cause::kBudget, 5},
      {"network", Cause::kNetwork, 7},
      {"failed I/O", Cause::kIo, 1},
      {"locked", Cause::kLocked, 1},
      {"run failed", Cause::kRunFailed, 1},
      {"not finite", Cause::kNonFinite, 1},
      {"our bug", Cause::kBug, 1},
      {"interrupted", Cause::kInterrupted, 130},
  };
  for (const auto& row : rows) EXPECT_EQ(exit_code(row.cause), row.code) << row.why;
}

TEST(Error, CatalogueIsAscendingAndComplete) {
  int last = 0;
  for (const ErrorEntry& entry : error_catalogue()) {
    EXPECT_GT(static_cast<int>(entry.code), last) << "numbers ascend and are never reused";
    last = static_cast<int>(entry.code);
    EXPECT_FALSE(entry.title.empty());
    EXPECT_GT(entry.text.size(), entry.title.size() / 2) << entry.title << ": explain says more";
    EXPECT_EQ(error_label(entry.code).size(), 5u);
  }
}

TEST(Error, KeepsTheDeepestPlaceAndHint) {
  const Error deep = Error(ErrorCode::kMalformedData, "found 3 fields, expected 4", "a.csv:7");
  EXPECT_EQ(Error(deep).at("a.csv").where(), "a.csv:7") << "the nearer place stays";
  EXPECT_EQ(Error(deep).with_hint("fix it").hint(), "fix it");
  EXPECT_EQ(deep.to_string(), "E0303: found 3 fields, expected 4 (at a.csv:7)");
}

TEST(NearestName, OffersWhatWasMeant) {
  const std::vector<std::string> names = {"fit", "predict", "meter", "ledger", "doctor"};
  const auto near = nearest_names("leger", names);
  ASSERT_FALSE(near.empty());
  EXPECT_EQ(near.front(), "ledger") << "the nearest comes first";
  EXPECT_TRUE(nearest_names("zzzzzzzzzz", names).empty()) << "nothing is near";
}

}  // namespace
}  // namespace tenbin
