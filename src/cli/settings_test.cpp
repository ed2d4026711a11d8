// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Settings, ReadOneFile) {
  const auto file = parse_config(
      "# a comment\n"
      "fit:\n"
      "  seed: 3   # why three\n"
      "  target: 'my # label'\n"
      "  limit: [time=5min, \"p99=1ms\"]\n"
      "\n"
      "meter:\n"
      "  price: 30JPY/kWh\n",
      "t.yaml");
  ASSERT_TRUE(file.ok()) << file.error().to_string();
  const Settings& fit = file->commands.at("fit");
  EXPECT_EQ(fit.at("seed").value, "3");
  EXPECT_EQ(fit.at("seed").origin, "t.yaml:3");
  EXPECT_EQ(fit.at("target").value, "my # label");
  EXPECT_EQ(fit.at("limit").value, "time=5min,p99=1ms");
  EXPECT_EQ(file->commands.at("meter").at("price").value, "30JPY/kWh");
}

TEST(Settings, RefuseWhatTheyDoNotKnow) {
  const struct {
    const char *why, *text, *where, *says;
  } rows[] = {
      {"unknown section", "fitt:\n  seed: 1\n", "t.yaml:1:1", "fit"},
      {"unknown option, the nearest is named", "fit:\n  sede: 1\n", "t.yaml:2:3", "seed"},
      {"a name twice", "fit:\n  seed: 1\n  seed: 2\n", "t.yaml:3:3", "twice"},
      {"a section twice", "fit:\nmeter:\nfit:\n", "t.yaml:3:1", "twice"},
      {"a tab", "fit:\n\tseed: 1\n", "t.yaml:2:1", "tab"},
      {"deeper nesting", "fit:\n    seed: 1\n", "t.yaml:2:5", "blanks"},
      {"no section", "  seed: 1\n", "t.yaml:1:3", "section"},
      {"value outside a section", "seed: 1\n", "t.yaml:1:1", "section"},
      {"no colon", "fit:\n  seed\n", "t.yaml:2:3", "name: value"},
      {"no value", "fit:\n  seed:\n", "t.yaml:2:", "no value"},
      {"open quote", "fit:\n  target: 'a\n", "t.yaml:2:", "quote"},
      {"open list", "fit:\n  limit: [a\n", "t.yaml:2:", "list"},
      {"anchors are no part of it", "fit:\n  target: &a b\n", "t.yaml:2:", "lacks"},
  };
  for (const auto& row : rows) {
    const auto file = parse_config(row.text, "t.yaml");
    ASSERT_FALSE(file.ok()) << row.why;
    EXPECT_EQ(file.error().code(), ErrorCode::kBadConfig) << row.why;
    EXPECT_EQ(file.error().where().find(row.where), 0u) << row.why << ": " << file.error().where();
    EXPECT_NE(file.error().message().find(row.says), std::string::npos)
        << row.why << ": " << file.error().message();
  }
}

}  // namespace
}  // namespace tenbin
