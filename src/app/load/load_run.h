// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "platform/net/http_client.h"

namespace tenbin {

class Clock;

// What is sent again and again.
struct LoadTarget {
  ServerAddress address;
  std::vector<std::string> requests;  // whole requests, in turn
  int most_connections = 512;
};

// What came of a step. Latencies are of answers with status 200 alone.
struct LoadSamples {
  std::vector<Duration> latencies;       // in the order of the answers
  std::map<int, std::int64_t> statuses;  // 0: no answer
  std::int64_t sent = 0;
  std::int64_t unanswered = 0;  // still under way at the end of the patience
  std::int64_t unsent = 0;      // were due, but all connections were busy until then
  std::int64_t queued = 0;      // went out late because all connections were busy
  Duration took{};              // from the first request to the last answer
  Duration latest{};            // the most that a request was sent after its instant
  int connections = 0;          // that were needed
};

// Asked ten times a second: has the user stopped it?
using LoadStop = std::function<bool()>;

// Open loop: each request at its instant, whatever becomes of those before it; its latency counts
// from that instant, so a server that stalls is not spared the requests that it held up. Spins
// between arrivals that are close. Beyond
// `most_connections` requests wait for one that is free, in their order; the wait counts.
Result<LoadSamples> run_open_loop(const LoadTarget& target, std::span<const Duration> arrivals,
                                  Duration patience, Clock& clock, const LoadStop& stop);
// Closed loop: `concurrency` clients, each sends its next request when it has its answer.
Result<LoadSamples> run_closed_loop(const LoadTarget& target, int concurrency, Duration duration,
                                    Clock& clock, const LoadStop& stop);

}  // namespace tenbin
