// SPDX-License-Identifier: Apache-2.0
// A child appends to a ledger and says each line that was acknowledged; the parent kills it at a
// random moment, opens the ledger again and compares. Promise: no acknowledged line is lost.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>

#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/process.h"
#include "record/ledger.h"

namespace tenbin {
namespace {

// The child: run by the parent below with the ledger's path in the environment.
TEST(LedgerKill, DISABLED_Child) {
  const char* path = std::getenv("TENBIN_KILL_LEDGER");
  const char* round = std::getenv("TENBIN_KILL_ROUND");
  if (path == nullptr || round == nullptr) GTEST_SKIP() << "started by hand";
  auto ledger = Ledger::open(path);
  ASSERT_TRUE(ledger.ok()) << ledger.error().to_string();
  for (int i = 0; i < 1'000'000; ++i) {
    RunLine line;
    line.id = std::string(round) + "-" + std::to_string(i);
    line.machine = line.options = Json::object();
    ASSERT_TRUE((*ledger)->append(line).ok());
    std::printf("ack %s\n", line.id.c_str());
    std::fflush(stdout);
  }
}

TEST(LedgerKill, TwoHundredKillsLoseNothing) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  const std::string self = "/proc/self/exe";
  std::set<std::string> acknowledged;
  std::uint32_t random = 12345;
  int kills = 0;
  for (int round = 0; round < 200; ++round) {
    ProcessOptions options;
    options.capture_output = true;
    options.set_env = {"TENBIN_KILL_LEDGER=" + path, "TENBIN_KILL_ROUND=" + std::to_string(round)};
    auto child = real_processes().start(
        {self, "--gtest_also_run_disabled_tests", "--gtest_filter=LedgerKill.DISABLED_Child"},
        options);
    ASSERT_TRUE(child.ok()) << child.error().to_string();
    random = random * 1664525u + 1013904223u;
    const auto early = (*child)->wait(10ms + Duration(1ms) * (random >> 16) / 2000);
    ASSERT_TRUE(early.ok());
    ASSERT_FALSE(early->has_value()) << "the child ended by itself: " << (*child)->output();
    ASSERT_TRUE((*child)->send(Signal::kKill).ok());
    const auto end = (*child)->wait(10s);
    ASSERT_TRUE(end.ok() && end->has_value());
    kills += (*end)->signal != 0;
    std::istringstream said((*child)->output());
    for (std::string line; std::getline(said, line);) {
      if (line.starts_with("ack ") && !said.eof()) acknowledged.insert(line.substr(4));
    }
    if (acknowledged.empty()) continue;  // killed before the first line
    const auto ledger = Ledger::open(path);
    ASSERT_TRUE(ledger.ok()) << "round " << round << ": " << ledger.error().to_string();
    const auto ids = (*ledger)->runs();
    ASSERT_TRUE(ids.ok());
    const std::set<std::string> kept(ids->begin(), ids->end());
    for (const std::string& id : acknowledged) ASSERT_TRUE(kept.count(id)) << id;
  }
  EXPECT_EQ(kills, 200);
  EXPECT_GT(acknowledged.size(), 200u) << "the children must have had time to write";
  RecordProperty("acknowledged", static_cast<int>(acknowledged.size()));
}

}  // namespace
}  // namespace tenbin
