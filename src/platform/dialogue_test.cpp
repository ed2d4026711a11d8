// SPDX-License-Identifier: Apache-2.0
#include "platform/dialogue.h"

#include <gtest/gtest.h>

#include "platform/affinity.h"

namespace tenbin {
namespace {

std::unique_ptr<Dialogue> talk_to(const std::string& script, DialogueOptions options = {}) {
  auto dialogue = start_dialogue({"sh", "-c", script}, options);
  EXPECT_TRUE(dialogue.ok());
  return dialogue.ok() ? std::move(*dialogue) : nullptr;
}

TEST(Dialogue, AnswersLineByLine) {
  const auto echo = talk_to("while read line; do echo \"<$line>\"; done");
  EXPECT_EQ(echo->ask("one", 20s).value_or("none"), "<one>");
  const std::string wide(300'000, 'w');
  EXPECT_EQ(echo->ask(wide, 20s).value_or("none"), "<" + wide + ">") << "more than one packet";
}

TEST(Dialogue, TellsWhyThereIsNoAnswer) {
  struct Row {
    const char *why, *script, *expected;
    Duration patience;
  };
  const Row rows[] = {
      {"an end is no answer", "read line; exit 3", "ended without an answer", 20s},
      {"half a line is none either", "read line; printf half", "ended without an answer", 20s},
      {"silence has a limit", "sleep 100", "gave no answer", 20ms},
  };
  for (const Row& row : rows) {
    const auto dialogue = talk_to(row.script);
    const auto answer = dialogue->ask("hello", row.patience);
    ASSERT_FALSE(answer.ok()) << row.why;
    EXPECT_EQ(answer.error().code(), ErrorCode::kCommandFailed) << row.why;
    EXPECT_NE(answer.error().message().find(row.expected), std::string::npos)
        << row.why << ": " << answer.error().message();
  }
}

TEST(Dialogue, DoesNotWaitForOneWhoInterrupts) {
  const auto dialogue = talk_to("sleep 100");
  request_interrupt();
  const auto answer = dialogue->ask("hello", 100s);
  clear_interrupt();
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code(), ErrorCode::kInterrupted);
}

TEST(Dialogue, PinsTheCommandAndNotUs) {
  const std::vector<int> before = thread_cpus();
  ASSERT_FALSE(before.empty());
  const int last = before.back();
  const auto dialogue =
      talk_to("read line; sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status",
              {.set_env = {}, .cpus = {last}});
  EXPECT_EQ(dialogue->ask("where", 20s).value_or("none"), std::to_string(last));
  EXPECT_EQ(thread_cpus(), before);
}

TEST(Affinity, RefusesCpusThatAreNotThere) {
  const std::vector<int> before = thread_cpus();
  const Status status = set_thread_cpus({-1});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kBadValue);
  EXPECT_EQ(thread_cpus(), before);
}

}  // namespace
}  // namespace tenbin
