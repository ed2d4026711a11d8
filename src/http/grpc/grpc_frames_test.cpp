// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_frames.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenbin {
namespace {

TEST(GrpcFrames, CutsMessagesHoweverTheyCome) {
  const std::string bytes = std::string("\0\0\0\0\3abc", 8) + std::string("\0\0\0\0\0", 5) +
                            std::string("\0\0\0\0\1d", 6) + std::string("\0\0", 2);
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    GrpcFrames frames;
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      frames.add(std::string_view(bytes).substr(at, step));
      for (;;) {
        const auto next = frames.next();
        ASSERT_TRUE(next.ok());
        if (!*next) break;
        messages.push_back(**next);
      }
    }
    EXPECT_EQ(messages, (std::vector<std::string>{"abc", "", "d"})) << "in pieces of " << step;
    EXPECT_EQ(frames.size(), 2u) << "of a message that has not come";
  }
}

TEST(GrpcFrames, JudgesTheHeadBeforeTheMessage) {
  struct Row {
    const char* why;
    std::string head;
    std::optional<ErrorCode> expected;
  };
  const std::vector<Row> rows = {
      {"nothing has come", "", std::nullopt},
      {"a part of a head", std::string("\0\xff", 2), std::nullopt},
      {"the longest message", std::string("\0\4\0\0\0", 5), std::nullopt},
      {"one byte more", std::string("\0\4\0\0\1", 5), ErrorCode::kTooLarge},
      {"compressed, known from its first byte", "\1", ErrorCode::kNotOffered},
      {"no flag of gRPC", "{", ErrorCode::kBadRequest},
  };
  for (const Row& row : rows) {
    const Status judged = check_grpc_head(row.head);
    EXPECT_EQ(judged.ok(), !row.expected) << row.why;
    if (!judged.ok() && row.expected) {
      EXPECT_EQ(judged.error().code(), *row.expected) << row.why;
    }
  }
}

}  // namespace
}  // namespace tenbin
