// SPDX-License-Identifier: Apache-2.0
#include "app/load/bench_steps.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "plan/arrivals.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostTrace = 1'000'000'000;  // [B]
constexpr std::int64_t kMostRows = 1'000'000;       // of a request
constexpr Duration kLongest = std::chrono::hours(24 * 7);

Error found_but_expected(const std::string& found, const std::string& expected, const char* flag) {
  return Error(ErrorCode::kBadValue, "found " + found + ", expected " + expected, flag);
}

Result<std::vector<double>> range_of(const std::string& text, const char* flag) {
  std::vector<double> ends;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t colon = std::min(text.find(':', from), text.size());
    const auto number = parse_number(text.substr(from, colon - from));
    if (!number.ok() || !(*number > 0) || !std::isfinite(*number)) {
      return Error(ErrorCode::kBadValue, "found '" + text + "', expected a number or FIRST:LAST",
                   flag, "like 2000 or 500:8000");
    }
    ends.push_back(*number);
    from = colon + 1;
  }
  if (ends.size() > 2 || (ends.size() == 2 && ends[1] < ends[0])) {
    return Error(ErrorCode::kBadValue, "found '" + text + "', expected a number or FIRST:LAST",
                 flag, "the last is not below the first");
  }
  return ends.size() == 1 ? ends : ramp(ends[0], ends[1]);
}

Status check(const BenchOptions& options) {
  const int ways = (options.rate.empty() ? 0 : 1) + (options.concurrency.empty() ? 0 : 1) +
                   (options.replay.empty() ? 0 : 1);
  if (ways > 1) {
    return Error(ErrorCode::kBadValue, "--rate, --concurrency and --replay exclude one another",
                 "command line", "give one of them");
  }
  if (!options.input.empty() && (options.binary || !options.data.empty())) {
    return Error(ErrorCode::kBadValue, "--input is a whole body; --data and --binary make others",
                 "command line", "give --input alone");
  }
  if (options.arrivals != "poisson" && options.arrivals != "constant") {
    return found_but_expected("'" + options.arrivals + "'", "poisson or constant", "--arrivals");
  }
  if (!(options.speed > 0) || !std::isfinite(options.speed)) {
    return found_but_expected(to_text(options.speed), "a number above zero", "--speed");
  }
  struct Bound {
    const char* flag;
    std::int64_t found, least, most;
  };
  for (const Bound& at : {Bound{"--rows", options.rows, 1, kMostRows},
                          Bound{"--connections", options.connections, 1, limits::kConnections}}) {
    if (at.found < at.least || at.found > at.most) {
      return found_but_expected(std::to_string(at.found),
                                std::to_string(at.least) + " to " + std::to_string(at.most),
                                at.flag);
    }
  }
  struct Span {
    const char* flag;
    Duration found;
    bool zero;
  };
  for (const Span& at :
       {Span{"--duration", options.duration, false}, Span{"--warmup", options.warmup, true},
        Span{"--patience", options.patience, true}}) {
    if (at.found < Duration::zero() || at.found > kLongest ||
        (!at.zero && at.found == Duration::zero())) {
      return found_but_expected(to_text(at.found), "a time up to a week, like 30s", at.flag);
    }
  }
  return {};
}

Result<BenchStep> replay_step(const BenchOptions& options, FileSystem& files) {
  TENBIN_TRY(const std::string text, files.read_text(options.replay, kMostTrace));
  auto arrivals = arrivals_of_trace(text, options.speed);
  if (!arrivals.ok()) return Error(arrivals.error()).at(options.replay);
  BenchStep step;
  step.arrivals = std::move(*arrivals);
  step.label = "replay at " + to_text(options.speed) + "x";
  return step;
}

Result<BenchStep> open_step(const BenchOptions& options, double rate, std::uint64_t seed) {
  const double all = rate * in_seconds(options.duration);
  if (all > kMostArrivals) {
    return Error(ErrorCode::kBadValue,
                 "found " + to_text(rate) + " requests/s for " + to_text(options.duration) +
                     ", expected at most " + to_text(kMostArrivals) + " requests in a step",
                 "--rate", "lower --rate or --duration");
  }
  const auto kind = options.arrivals == "poisson" ? ArrivalKind::kPoisson : ArrivalKind::kConstant;
  BenchStep step;
  step.rate = rate;
  step.arrivals = arrivals_at(rate, options.duration, kind, seed);
  step.label = to_text(rate) + " requests/s";
  if (step.arrivals.empty()) {
    return Error(ErrorCode::kBadValue,
                 "no request is due within " + to_text(options.duration) + " at " + step.label,
                 "--rate", "raise --rate or --duration");
  }
  return step;
}

Result<BenchStep> closed_step(double clients) {
  if (clients != std::floor(clients) || clients > limits::kConnections) {
    return found_but_expected(to_text(clients),
                              "whole clients, 1 to " + std::to_string(limits::kConnections),
                              "--concurrency");
  }
  BenchStep step;
  step.concurrency = static_cast<int>(clients);
  step.label = std::to_string(step.concurrency) + (step.concurrency == 1 ? " client" : " clients");
  return step;
}

}  // namespace

Result<std::vector<BenchStep>> bench_steps(const BenchOptions& options, FileSystem& files) {
  TENBIN_CHECK(check(options));
  std::vector<BenchStep> out;
  if (!options.replay.empty()) {
    TENBIN_TRY(BenchStep step, replay_step(options, files));
    out.push_back(std::move(step));
    return out;
  }
  if (!options.rate.empty()) {
    TENBIN_TRY(const std::vector<double> rates, range_of(options.rate, "--rate"));
    auto seed = static_cast<std::uint64_t>(options.seed);
    for (const double rate : rates) {
      TENBIN_TRY(BenchStep step, open_step(options, rate, seed++));
      out.push_back(std::move(step));
    }
    return out;
  }
  TENBIN_TRY(const std::vector<double> clients,
             range_of(options.concurrency.empty() ? "1" : options.concurrency, "--concurrency"));
  for (const double count : clients) {
    TENBIN_TRY(BenchStep step, closed_step(count));
    out.push_back(std::move(step));
  }
  return out;
}

}  // namespace tenbin
