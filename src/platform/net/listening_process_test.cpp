// SPDX-License-Identifier: Apache-2.0
#include "platform/net/listening_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/net/socket.h"

namespace tenbin {
namespace {

TEST(ListeningProcess, FindsItselfByItsPort) {
  const Socket listener = listen_at({"127.0.0.1", 0}).value();
  const int port = address_of(listener).value().port;
  EXPECT_EQ(process_listening_at(port), ::getpid());
  EXPECT_EQ(process_listening_at(1), std::nullopt);
}

TEST(ListeningProcess, CountsCpuTimeAndMemory) {
  const auto before = use_of_process(::getpid());
  ASSERT_TRUE(before.has_value());
  EXPECT_GT(before->memory, 1 << 20);
  // Its clock ticks a hundred times a second.
  while (real_clock().process_cpu() < before->cpu + 60ms) {
  }
  EXPECT_GE(use_of_process(::getpid())->cpu, before->cpu + 30ms);
  EXPECT_EQ(use_of_process(-1), std::nullopt);
}

}  // namespace
}  // namespace tenbin
