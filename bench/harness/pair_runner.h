// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bootstrap.h"
#include "base/result.h"
#include "base/units.h"
#include "engine/peak_probe.h"

namespace tenbin::bench {

// What a run of iterations took; times in seconds, of one iteration where it says so.
struct Block {
  std::int64_t iterations = 0;
  double wall_s = 0, cpu_s = 0;            // of the whole block; CPU of all its threads
  double min_s = 0, p50_s = 0, p99_s = 0;  // wall time of one iteration
  double wall_each() const { return wall_s / static_cast<double>(iterations); }
  double cpu_each() const { return cpu_s / static_cast<double>(iterations); }
};

// Which time of one iteration is compared.
enum class Timing {
  kCpu,     // CPU time of all threads: what a computation costs
  kWall,    // wall time, mean of the block
  kMedian,  // wall time, median of the block: latency
};
double time_of(const Block& block, Timing timing);

// One side of a pair: works on demand, and can be stopped so that it takes no CPU.
class Arm {
 public:
  virtual ~Arm() = default;
  virtual Result<Block> run(std::int64_t iterations) = 0;
  virtual Status stop() = 0;
  virtual Status go_on() = 0;
};

struct PairOptions {
  int pairs = 15;
  Duration block = 250ms;  // about how long one side works
  Timing timing = Timing::kCpu;
  // What the machine can do now; called while both sides stand still.
  std::function<Result<Peak>()> probe;
};

struct PairSample {
  Block a, b;
  double peak_a = 0, peak_b = 0;  // mean of the probes before and after the block
  bool steady = true;             // its probes differed by at most 1.3x
};

// Warms both sides up, then measures pairs with the order flipped each time. The side that waits is
// stopped; the first iteration after it goes on is thrown away. Both are left stopped.
Result<std::vector<PairSample>> run_pairs(Arm& a, Arm& b, const PairOptions& options);

// How many iterations take about `block`; returned once three blocks in a row differ by less than
// 5 %, or after 12. At least `least`. `arm` must be going.
Result<std::int64_t> warm_up(Arm& arm, Duration block, Timing timing, std::int64_t least = 3);

struct Spread {
  double median = 0, min = 0, max = 0;
};
Spread spread_of(const std::vector<double>& values);

// The ratio of b's time to a's over the steady pairs.
struct PairSummary {
  Interval ratio;
  double best = 0;  // best b over best a
  Spread a, b;      // s of one iteration
  std::int64_t pairs = 0, unsteady = 0;
  double peak_share_a = 0, peak_share_b = 0;  // work done over the peak of that minute
  double busy_gap = 0;  // most that wall time exceeded CPU time of one thread, share
};
// Nothing when more than a third of the pairs is unsteady. `work_each`: operations or bytes of one
// iteration, in the probe's unit.
std::optional<PairSummary> summarise(const std::vector<PairSample>& samples, Timing timing,
                                     double work_each);

}  // namespace tenbin::bench
