// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/pair_runner.h"

#include <gtest/gtest.h>

#include <string>

namespace tenbin::bench {
namespace {

// An arm whose iterations take what a recording says; it writes down what it was told.
class RecordedArm final : public Arm {
 public:
  RecordedArm(char name, std::vector<double> each_s, std::string& log)
      : name_(name), each_s_(std::move(each_s)), log_(log) {}
  Result<Block> run(std::int64_t iterations) override {
    if (!going_) return Error(ErrorCode::kBug, "asked while stopped");
    if (fails_) return Error(ErrorCode::kCommandFailed, "it died");
    log_ += name_;
    log_ += iterations == 1 ? "1" : "n";
    const double each = each_s_[at_++ % each_s_.size()];
    Block out;
    out.iterations = iterations;
    out.wall_s = each * static_cast<double>(iterations);
    out.cpu_s = out.wall_s;
    out.min_s = out.p50_s = out.p99_s = each;
    return out;
  }
  Status stop() override {
    log_ += name_;
    log_ += "| ";
    going_ = false;
    return {};
  }
  Status go_on() override {
    going_ = true;
    return {};
  }
  void fail() { fails_ = true; }

 private:
  char name_;
  std::vector<double> each_s_;
  std::string& log_;
  std::size_t at_ = 0;
  bool going_ = true, fails_ = false;
};

PairOptions options_with(std::string& log, int pairs, std::vector<double> peaks = {100}) {
  PairOptions out;
  out.pairs = pairs;
  out.block = 10ms;
  out.probe = [&log, peaks, at = std::size_t{0}]() mutable -> Result<Peak> {
    log += "p ";
    const double peak = peaks[at++ % peaks.size()];
    return Peak{peak, peak};
  };
  return out;
}

TEST(PairRunner, OneSideStandsWhileTheOtherWorksAndTheOrderFlips) {
  std::string log;
  RecordedArm a('a', {1e-3}, log), b('b', {2e-3}, log);
  const auto samples = run_pairs(a, b, options_with(log, 2));
  ASSERT_TRUE(samples.ok());
  EXPECT_EQ(samples->size(), 2U);
  const std::string measured = log.substr(log.find("p "));
  EXPECT_EQ(measured, "p a1ana| p p b1bnb| p p b1bnb| p p a1ana| p ")
      << "probe, one iteration thrown away, the block, stop, probe; then the other way round";
}

TEST(PairRunner, ASideThatFailsEndsTheRun) {
  std::string log;
  RecordedArm a('a', {1e-3}, log), b('b', {2e-3}, log);
  b.fail();
  EXPECT_FALSE(run_pairs(a, b, options_with(log, 2)).ok());
}

TEST(PairRunner, WarmUpWaitsForCalmBlocks) {
  std::string log;
  // Cold at first, calm from the fourth block on.
  RecordedArm a('a', {9e-3, 4e-3, 2e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3}, log);
  const auto count = warm_up(a, 10ms, Timing::kCpu);
  ASSERT_TRUE(count.ok());
  EXPECT_GE(*count, 3);
  EXPECT_GE(log.size(), 2U * 5) << "the cold blocks were not taken for calm: " << log;
}

PairSample sample(double a_s, double b_s, bool steady = true) {
  PairSample out;
  out.a.iterations = out.b.iterations = 10;
  out.a.cpu_s = out.a.wall_s = 10 * a_s;
  out.b.cpu_s = out.b.wall_s = 10 * b_s;
  out.peak_a = out.peak_b = 1000;
  out.steady = steady;
  return out;
}

TEST(Summary, RatioIsTheMedianOfPairs) {
  // In the second minute the machine was half as fast: pairs do not mind, means would.
  const std::vector<PairSample> samples = {sample(1, 2), sample(2, 4.2), sample(1, 2.1),
                                           sample(2, 4.1), sample(1, 2.05)};
  const auto found = summarise(samples, Timing::kCpu, 500);
  ASSERT_TRUE(found.has_value());
  EXPECT_DOUBLE_EQ(found->ratio.median, 2.05);
  EXPECT_DOUBLE_EQ(found->best, 2) << "best b over best a";
  EXPECT_EQ(found->pairs, 5);
  EXPECT_DOUBLE_EQ(found->peak_share_a, 0.5) << "500 of 1000 a second in the median pair";
  EXPECT_DOUBLE_EQ(found->a.max, 2);
}

TEST(Summary, UnsteadyPairsAreCountedAndLeftOut) {
  std::vector<PairSample> samples = {sample(1, 2), sample(1, 2), sample(1, 2), sample(1, 9, false)};
  const auto found = summarise(samples, Timing::kCpu, 1);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->unsteady, 1);
  EXPECT_DOUBLE_EQ(found->ratio.high, 2) << "the ninefold pair has no say";
  samples.push_back(sample(1, 3, false));
  EXPECT_FALSE(summarise(samples, Timing::kCpu, 1).has_value()) << "two of five: no result";
}

TEST(PairRunner, ProbesTellSteadyFromUnsteady) {
  std::string log;
  RecordedArm a('a', {1e-3}, log), b('b', {2e-3}, log);
  const auto samples =
      run_pairs(a, b, options_with(log, 2, {100, 100, 100, 100, 100, 70, 100, 100}));
  ASSERT_TRUE(samples.ok());
  EXPECT_TRUE((*samples)[0].steady);
  EXPECT_FALSE((*samples)[1].steady) << "100 against 70 is more than 1.3x";
}

TEST(Timing, ReadsTheTimeAskedFor) {
  Block block;
  block.iterations = 4;
  block.wall_s = 8;
  block.cpu_s = 4;
  block.p50_s = 1.5;
  EXPECT_EQ(time_of(block, Timing::kWall), 2);
  EXPECT_EQ(time_of(block, Timing::kCpu), 1);
  EXPECT_EQ(time_of(block, Timing::kMedian), 1.5);
}

}  // namespace
}  // namespace tenbin::bench
