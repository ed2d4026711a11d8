// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/report.h"

#include <gtest/gtest.h>

namespace tenbin::bench {
namespace {

Comparison recorded() {
  Comparison c;
  c.bench = "bench_train_mlp";
  c.what = "one training step of mlp_tiny, batch 32";
  c.case_name = "mlp_tiny/32/fp32";
  c.unit = "CPU time";
  c.peer_name = "libtorch";
  c.peer_version = "1.13.1";
  c.peer_source = "Debian 12";
  c.peak_name = "fp32";
  c.check = AnswerCheck{"largest difference", 3e-6, 1e-4};
  for (int i = 0; i < 5; ++i) {
    PairSample sample;
    sample.a.iterations = sample.b.iterations = 1;
    sample.a.cpu_s = sample.a.wall_s = 10e-6;
    sample.b.cpu_s = sample.b.wall_s = 91.9e-6 + i * 1e-6;
    sample.peak_a = sample.peak_b = 100e9;
    c.samples.push_back(sample);
  }
  c.summary = summarise(c.samples, c.timing, 0.5e6);
  return c;
}

TEST(Report, LineForPeopleSaysWhatWasMeasured) {
  EXPECT_EQ(human_line(recorded()),
            "Measured: one training step of mlp_tiny, batch 32, 1T: 9.39x as fast as libtorch "
            "1.13.1 (Debian 12) in CPU time: 10 us against 93.9 us, median of 5 pairs, 95 % "
            "interval 9.19-9.59, best/best 9.19x, largest difference 3e-06; 50 % of the minute's "
            "fp32 peak, the peer 5 %");
}

TEST(Report, AWrongAnswerPrintsNoRatio) {
  Comparison c = recorded();
  c.check->value = 0.5;
  EXPECT_EQ(human_line(c).find("as fast"), std::string::npos);
  EXPECT_EQ(human_line(c).substr(0, 7), "FAILED:");
  const Json json = json_line(c, Json::object());
  EXPECT_TRUE(json["ratio"].is_null());
  EXPECT_EQ(json["reason"].as_string(), "the answers differ");
}

TEST(Report, SeveralCasesHaveAGeometricMean) {
  std::vector<Comparison> all(4, recorded());
  all[0].summary->ratio.median = 0.5;
  all[0].case_name = "slow/1";
  all[1].summary->ratio.median = 8;
  all[1].case_name = "fast/1";
  all[2].check->value = 0.5;  // wrong: counted, not averaged
  all[3].summary.reset();     // unsteady
  EXPECT_EQ(mean_line("one forward pass, batch 1, 1T", all),
            "Together: one forward pass, batch 1, 1T: geometric mean 2.00x as fast as libtorch "
            "1.13.1 over 2 of 4 cases, least 0.50x (slow/1), most 8.00x (fast/1)");
  EXPECT_NEAR(mean_json("", all)["geometric_mean"].as_number(), 2, 1e-12);
  EXPECT_EQ(mean_line("x", std::span(all).subspan(2)), "no result: x: 0 of 2 cases have a ratio");
  EXPECT_TRUE(mean_json("x", std::span(all).subspan(2)).contains("reason"));
}

TEST(Report, WhatIsUnknownIsAbsentWithAReason) {
  Comparison c = recorded();
  c.summary.reset();
  EXPECT_EQ(human_line(c).substr(0, 10), "no result:");
  const Json json = json_line(c, Json::object());
  EXPECT_FALSE(json.contains("ratio"));
  EXPECT_TRUE(json["cold"]["a_s"].is_null()) << "not 0";
  EXPECT_FALSE(json["reason"].as_string().empty());
  EXPECT_EQ(json["samples"].items().size(), 5U) << "unsteady pairs stay in the file";
}

TEST(Report, OtherWorkIsTold) {
  Comparison c = recorded();
  for (PairSample& sample : c.samples) sample.a.wall_s *= 2;
  c.summary = summarise(c.samples, c.timing, 0.5e6);
  EXPECT_NE(human_line(c).find("wall time up to 100 % above CPU time"), std::string::npos);
}

TEST(Report, RatiosAreRoundedDown) {
  struct Row {
    double ratio;
    const char* text;
  };
  for (const Row& row : {Row{9.199, "9.19"}, Row{0.969, "0.96"}, Row{127.9, "127"},
                         Row{2.5, "2.50"}, Row{27.95, "27.9"}, Row{0, "no number"}}) {
    EXPECT_EQ(ratio_text(row.ratio), row.text);
  }
}

}  // namespace
}  // namespace tenbin::bench
