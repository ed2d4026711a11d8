// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

std::string energy_line(const std::vector<SourceReport>& sources) {
  for (const Check& check : diagnose({}, {}, sources)) {
    if (check.group == "verdict") return check.found;
  }
  return {};
}

TEST(Doctor, SaysMeasuredOnlyWhenACounterIsRead) {
  const SourceReport counter{"powercap", "", Provenance::kMeasured, true, true, "package-0",
                             "",         ""};
  const SourceReport refused{"powercap", "", Provenance::kMeasured,          false,
                             false,      "", "permission denied for user 7", "as root: chmod"};
  const SourceReport model{"cpu_model", "", Provenance::kModelled, true, true, "EPYC", "", ""};
  const SourceReport unused{"cpu_model", "", Provenance::kModelled, true, false, "EPYC", "", ""};
  const struct {
    const char* why;
    std::vector<SourceReport> sources;
    const char* says;
    bool measured;
  } rows[] = {
      {"bare metal", {counter, unused}, "by powercap", true},
      {"counters are refused: how to mend it", {refused, model}, "as root: chmod", false},
      {"no counter at all", {model}, "95% interval", false},
  };
  for (const auto& row : rows) {
    const std::string line = energy_line(row.sources);
    EXPECT_NE(line.find(row.says), std::string::npos) << row.why << ": " << line;
    EXPECT_EQ(line.find("energy is measured") == 0, row.measured) << row.why << ": " << line;
  }
  EXPECT_EQ(energy_line({}), "no source of energy");
}

TEST(Doctor, AMissingPluginIsNoReasonToFail) {
  const std::vector<Library> libraries = {
      {"onednn", "2.6", "", "networks", true, false},
      {"duckdb", "not found", "scripts/setup", "tables", false, true}};
  for (const Check& check : diagnose({}, libraries, {})) {
    if (check.group != "library") continue;
    EXPECT_EQ(check.needed, check.name == "onednn");
    EXPECT_EQ(check.remedy, check.name == "duckdb" ? "scripts/setup" : "");
  }
}

TEST(Doctor, EveryLinkedLibraryHasItsVersion) {
  for (const Library& library : foreign_libraries()) {
    EXPECT_FALSE(library.found.empty()) << library.name;
    EXPECT_TRUE(library.ok || library.plugin) << library.name;
  }
}

}  // namespace
}  // namespace tenbin
