// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/options.h"

#include <gtest/gtest.h>

#include "bench/harness/peers.h"

namespace tenbin::bench {
namespace {

Result<Options> parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "build/bench/bench_x");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(Options, Read) {
  const auto options =
      parsed({"--case", "cnn_28", "--pairs", "31", "--cpus", "0", "--block", "1s", "--json"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->only_case, "cnn_28");
  EXPECT_EQ(options->pairs, 31);
  EXPECT_EQ(options->cpus, std::vector<int>{0});
  EXPECT_EQ(options->block, Duration(1s));
  EXPECT_TRUE(options->json);
  EXPECT_FALSE(options->check);
  EXPECT_EQ(options->folder, "build/bench") << "peers lie beside the program";
}

TEST(Options, Refuse) {
  struct Row {
    const char* why;
    std::vector<const char*> words;
    ErrorCode code;
  };
  const Row rows[] = {
      {"an unknown flag", {"--fast", "yes"}, ErrorCode::kUnknownOption},
      {"an unknown flag at the end", {"--fast"}, ErrorCode::kUnknownOption},
      {"pairs are a number", {"--pairs", "many"}, ErrorCode::kBadValue},
      {"none is no measurement", {"--pairs", "0"}, ErrorCode::kBadValue},
      {"a thread without a CPU", {"--threads", "2", "--cpus", "0"}, ErrorCode::kBadValue},
      {"a flag without its value", {"--block"}, ErrorCode::kMissingArgument},
      {"CPUs are numbers", {"--cpus", "0,"}, ErrorCode::kBadValue},
  };
  for (const Row& row : rows) {
    const auto options = parsed(row.words);
    ASSERT_FALSE(options.ok()) << row.why;
    EXPECT_EQ(options.error().code(), row.code) << row.why;
  }
}

TEST(Peers, AbsentOnesSayHowToGetThem) {
  Options options;
  options.folder = "/no/such/folder";
  const auto libtorch = find_peer("libtorch", options);
  ASSERT_FALSE(libtorch.ok());
  EXPECT_EQ(libtorch.error().code(), ErrorCode::kMissingPlugin);
  EXPECT_NE(libtorch.error().hint().find("PEERS=debian"), std::string::npos);
}

TEST(Peers, WantedByAgeOrByName) {
  Options options;
  const std::vector<std::string> old = {"libtorch"}, young = {"torch_modern"};
  EXPECT_EQ(wanted_peers(old, young, options), old);
  options.check = true;
  EXPECT_EQ(wanted_peers(old, young, options), std::vector<std::string>{"reference"});
  options.peers = "modern";
  EXPECT_EQ(wanted_peers(old, young, options), young);
  options.peers = "torch_modern";
  EXPECT_EQ(wanted_peers(old, young, options), young);
  options.peers = "fann";
  EXPECT_TRUE(wanted_peers(old, young, options).empty());
}

}  // namespace
}  // namespace tenbin::bench
