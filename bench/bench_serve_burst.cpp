// SPDX-License-Identifier: Apache-2.0
// Bursts: the share of requests that miss their SLO, against core-seconds, of the server's own
// policies (batches as they come, admission by pace, a cheaper variant while requests wait, workers
// by Erlang's mean wait) and of a fixed batch window with queue-length scaling. Simulated: the
// arrivals are a recorded trace (TENBIN_TRACE=file.csv, first column the instants; 30 times as
// fast) or made bursty ones, the times of batches are measured here, and the policies are the
// server's own code. The answer that is checked: a simulated M/M/c line waits as Erlang's formula
// says. Both variants have fresh weights: the share of answers of the cheaper one is told in place
// of an accuracy.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <queue>

#include "app/zoo.h"
#include "bench/harness/program.h"
#include "graph/onnx.h"
#include "plan/arrivals.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/plugin.h"
#include "platform/random.h"
#include "serve/replica_policy.h"
#include "serve/serve_line.h"
#include "serve/variant_policy.h"

namespace {

using namespace tenbin;

constexpr Duration kTick = 100ms;
constexpr Duration kWorkerStart = 300ms;  // of ours, as measured
constexpr Duration kPeerStart = 1s;       // of a container: kinder than they are
constexpr Duration kPeerCalm = 30s;

struct Outcome {
  std::string policy;
  int most = 1;
  std::int64_t requests = 0, missed = 0, cheap = 0;
  double core_seconds = 0, busy_seconds = 0;
  double missed_share() const {
    return requests == 0 ? 0 : static_cast<double>(missed) / static_cast<double>(requests);
  }
};

std::shared_ptr<ServedVersion> version_of(const std::vector<BatchTimes>& variants) {
  auto out = std::make_shared<ServedVersion>();
  out->model = "m";
  out->batched = true;
  for (const BatchTimes& times : variants) {
    ServedVariant variant;
    variant.times = times;
    out->variants.push_back(std::move(variant));
  }
  return out;
}

// The server: its line, its choice of variants and, if asked, of the number of workers.
class OurServer {
 public:
  OurServer(const std::vector<BatchTimes>& variants, int most, bool scales, Duration slo)
      : version_(version_of(variants)),
        line_(version_, line_options(most, slo)),
        slo_(slo),
        most_(most),
        scales_(scales),
        workers_(scales ? 1 : most) {
    free_at_.assign(static_cast<std::size_t>(most), Duration::zero());
  }

  Outcome run(const std::vector<Duration>& arrivals) {
    std::size_t at = 0;
    Duration next_tick = kTick;
    Duration now{};
    while (at < arrivals.size() || !line_.empty()) {
      now = std::min(next_tick, at < arrivals.size() ? arrivals[at] : Duration::max());
      if (!line_.empty()) now = std::min(now, std::max(now_, soonest_free()));
      count_cores(now);
      if (at < arrivals.size() && arrivals[at] <= now) take(arrivals[at++]);
      start_batches(now);
      if (now >= next_tick) tick(now);
      if (now >= next_tick) next_tick += kTick;
    }
    out_.requests = static_cast<std::int64_t>(arrivals.size());
    out_.most = most_;
    return out_;
  }

 private:
  static LineOptions line_options(int threads, Duration slo) {
    LineOptions out;
    out.threads = threads;
    out.slo = slo;
    out.overload.target = std::min<Duration>(20ms, slo / 4);
    out.batch.longest = slo / 2;
    return out;
  }
  Duration soonest_free() const {
    return *std::min_element(free_at_.begin(), free_at_.begin() + workers_);
  }
  void count_cores(Duration now) {
    out_.core_seconds += workers_ * in_seconds(now - now_);
    now_ = now;
    if (more_at_ <= now) {
      workers_ = wanted_;
      more_at_ = Duration::max();
    }
  }

  void take(Duration arrived) {
    ServeJob job;
    job.version = version_;
    job.inputs.emplace_back(ElementType::kFloat32, Shape{1, 1});
    job.request.arrived = arrived;
    ++arrived_;
    if (line_.join(job, arrived)) ++out_.missed;
  }

  void start_batches(Duration now) {
    for (int w = 0; w < workers_ && !line_.empty(); ++w) {
      Duration& free_at = free_at_[static_cast<std::size_t>(w)];
      if (free_at > now) continue;
      std::vector<ServeJob> dropped;
      const std::size_t variant = version_->current.load();
      const std::vector<ServeJob> batch = line_.next(now, dropped);
      out_.missed += static_cast<std::int64_t>(dropped.size());
      if (batch.empty()) continue;
      const BatchTimes& times = version_->variants[variant].times;
      Duration took{};
      for (const std::int64_t rows : pieces_of(times, static_cast<std::int64_t>(batch.size()))) {
        took += time_of(times, rows);
      }
      free_at = now + took;
      busy_ += took;
      out_.busy_seconds += in_seconds(took);
      if (variant > 0) out_.cheap += static_cast<std::int64_t>(batch.size());
      for (const ServeJob& job : batch) {
        longest_wait_ = std::max(longest_wait_, now - job.request.arrived);
        if (free_at - job.request.arrived > slo_) ++out_.missed;
      }
    }
  }

  void tick(Duration now) {
    const Duration wait = std::exchange(longest_wait_, Duration::zero());
    const Duration busy = std::exchange(busy_, Duration::zero());
    choose_variant(now, wait, busy);
    if (scales_) choose_workers(now, wait);
  }

  void choose_variant(Duration now, Duration wait, Duration busy) {
    VariantSnapshot s;
    s.now = version_->current.load();
    s.count = version_->variants.size();
    s.wait = wait;
    s.target = slo_ / 4;
    s.busy = in_seconds(busy) / (in_seconds(kTick) * workers_);
    s.since = now - changed_;
    const auto cost = [&](std::size_t i) {
      return in_seconds(row_cost(version_->variants[i].times));
    };
    if (s.now > 0) s.dearer = cost(s.now - 1) / cost(s.now);
    const std::size_t next = next_variant(s);
    if (next == s.now) return;
    version_->current.store(next);
    changed_ = now;
  }

  void choose_workers(Duration now, Duration wait) {
    rate_ += 0.1 * (static_cast<double>(std::exchange(arrived_, 0)) / in_seconds(kTick) - rate_);
    ReplicaSnapshot s;
    s.now = std::max(workers_, wanted_);
    s.most = most_;
    s.arrivals = rate_;
    s.service = row_cost(version_->variants[version_->current.load()].times);
    s.target = slo_ / 4;
    s.wait = wait;
    s.calm = now - needed_;
    const int next = next_replicas(s);
    if (next != s.now || rate_ * in_seconds(s.service) > 0.85 * (s.now - 1)) needed_ = now;
    if (next > s.now) more_at_ = now + kWorkerStart;
    wanted_ = next;
    if (next < workers_) workers_ = next;
  }

  std::shared_ptr<ServedVersion> version_;
  ServeLine line_;
  Duration slo_;
  int most_;
  bool scales_;
  int workers_, wanted_ = 1;
  Duration now_{}, changed_{}, needed_{}, more_at_ = Duration::max(), longest_wait_{}, busy_{};
  std::vector<Duration> free_at_;
  std::int64_t arrived_ = 0;
  double rate_ = 0;
  Outcome out_;
};

// The peer: a batch starts when it is full or its oldest request has waited for the window;
// replicas follow the queue's length (a batch each), none leaves before a while of calm.
struct FixedWindow {
  BatchTimes times;
  Duration window{}, slo{};
  std::int64_t full = 8;
  int most = 1;
  bool scales = true;

  Outcome run(const std::vector<Duration>& arrivals) const {
    Outcome out;
    out.requests = static_cast<std::int64_t>(arrivals.size());
    out.most = most;
    int replicas = scales ? 1 : most, wanted = replicas;
    std::vector<Duration> free_at(static_cast<std::size_t>(most));
    std::deque<Duration> queue;
    Duration before{}, next_look = 1s, more_at = Duration::max(), needed{};
    for (std::size_t at = 0; at < arrivals.size() || !queue.empty();) {
      Duration now = std::min(next_look, more_at);
      if (at < arrivals.size()) now = std::min(now, arrivals[at]);
      if (!queue.empty()) {
        const Duration free = *std::min_element(free_at.begin(), free_at.begin() + replicas);
        const bool whole = static_cast<std::int64_t>(queue.size()) >= full;
        const Duration start = whole ? free : std::max(free, queue.front() + window);
        now = std::min(now, std::max(start, before));
      }
      out.core_seconds += replicas * in_seconds(now - before);
      before = now;
      if (at < arrivals.size() && arrivals[at] <= now) queue.push_back(arrivals[at++]);
      for (int r = 0; r < replicas; ++r) {
        Duration& free = free_at[static_cast<std::size_t>(r)];
        const auto size = static_cast<std::int64_t>(queue.size());
        if (size == 0 || free > now) continue;
        if (size < full && now - queue.front() < window) continue;
        const std::int64_t rows = std::min(size, full);
        const Duration took = time_of(times, rows);
        free = now + took;
        out.busy_seconds += in_seconds(took);
        for (std::int64_t i = 0; i < rows; ++i) {
          if (free - queue.front() > slo) ++out.missed;
          queue.pop_front();
        }
      }
      if (more_at <= now) {
        replicas = std::max(replicas, wanted);
        more_at = Duration::max();
      }
      if (now < next_look) continue;
      next_look += 1s;
      if (!scales) continue;
      const auto size = static_cast<double>(queue.size());
      const int asked =
          std::clamp(static_cast<int>(std::ceil(size / static_cast<double>(full))), 1, most);
      if (asked >= replicas) needed = now;
      if (asked > std::max(replicas, wanted)) {
        wanted = asked;
        more_at = now + kPeerStart;
      } else if (asked < replicas && now - needed > kPeerCalm) {
        wanted = replicas = replicas - 1;
        needed = now;
      }
    }
    return out;
  }
};

void print(const Outcome& o) {
  std::printf(
      "bench_serve_burst  %-34s %d cores  missed %7.3f %%  %8.1f core-seconds (%.1f busy)  "
      "cheaper variant %5.1f %%\n",
      o.policy.c_str(), o.most, 100 * o.missed_share(), o.core_seconds, o.busy_seconds,
      100.0 * static_cast<double>(o.cheap) /
          static_cast<double>(std::max<std::int64_t>(1, o.requests)));
}

// Arrivals that alternate between silence and bursts of seconds, as recorded ones do: quiet for
// 4 s and a log-normal time, then a burst whose rate is log-normal and, second by second, gamma.
std::vector<Duration> bursty(Duration duration, double rate_scale, std::uint64_t seed) {
  Random random(seed);
  std::vector<Duration> out;
  double at = 0;
  while (at < in_seconds(duration)) {
    at += std::min(7.0, 0.13 + std::exp(-0.3 + 1.1 * random.normal()));
    const double on = std::min(4.0, std::exp(-0.75 + 0.7 * random.normal()));
    const double rate = rate_scale * std::exp(0.5 * random.normal());
    double now = at;
    while (now < at + on) {
      now += -std::log(std::max(random.uniform(), 1e-12)) / rate;
      if (now < at + on) out.push_back(seconds(now));
    }
    at += on;
  }
  return out;
}

Result<BatchTimes> measured(const std::string& model, const std::string& folder) {
  ZooOptions zoo;
  zoo.model = model;
  zoo.output = folder + "/" + model + ".onnx";
  FileSystem& files = real_file_system();
  TENBIN_TRY([[maybe_unused]] const auto built, build_zoo_model(zoo, files));
  const OpenModel open = [&files](const std::string& path, int) -> Result<OpenedModel> {
    TENBIN_TRY(const Model read, read_onnx(files, path));
    OpenedModel out;
    TENBIN_TRY(out.sessions.emplace_back(), Session::create(read, {}));
    return out;
  };
  TENBIN_TRY(const auto version, load_version({"m", "", {zoo.output}}, {}, open));
  TENBIN_CHECK(files.remove(zoo.output));
  return version->first().times;
}

// Whether a simulated line of one server waits as it must: 50 arrivals a second, 10 ms each.
bool erlang_holds() {
  Random random(1);
  double at = 0, free = 0, waits = 0;
  constexpr int kCount = 200'000;
  for (int i = 0; i < kCount; ++i) {
    at += -std::log(std::max(random.uniform(), 1e-12)) / 50;
    const double begin = std::max(at, free);
    waits += begin - at;
    free = begin - std::log(std::max(random.uniform(), 1e-12)) * 0.01;
  }
  const double wait = in_seconds(mean_wait(50, 10ms, 1));
  return std::abs(waits / kCount - wait) < 0.05 * wait;
}

Result<std::vector<Duration>> arrivals_here(bool check) {
  const std::string trace = environment("TENBIN_TRACE");
  if (trace.empty()) {
    std::printf(
        "bench_serve_burst  arrivals: made, bursty (TENBIN_TRACE names a recorded trace)\n");
    return bursty(check ? Duration(20s) : Duration(120s), 600, 1);
  }
  TENBIN_TRY(const std::string csv, real_file_system().read_text(trace, 1 << 28));
  std::printf("bench_serve_burst  arrivals: %s, 30 times as fast\n", trace.c_str());
  return arrivals_of_trace(csv, 30);
}

Result<int> run(const bench::Options& options) {
  const std::string folder = "/tmp/tenbin_burst_" + new_id();
  TENBIN_CHECK(real_file_system().make_folders(folder));
  TENBIN_TRY(const BatchTimes dear, measured("resnet18", folder));
  TENBIN_TRY(const BatchTimes cheap, measured("mobilenet", folder));
  TENBIN_CHECK(real_file_system().remove(folder));
  TENBIN_TRY(const std::vector<Duration> arrivals, arrivals_here(options.check));
  std::printf(
      "bench_serve_burst  a row: %s, of the cheaper variant %s (measured); %zu requests in %s\n",
      to_text(row_cost(dear)).c_str(), to_text(row_cost(cheap)).c_str(), arrivals.size(),
      to_text(arrivals.back()).c_str());
  const bool right = erlang_holds();
  if (!right)
    std::printf("bench_serve_burst  wrong: the simulated line does not wait as Erlang's\n");
  for (const Duration slo : {Duration(100ms), 10 * dear.front().time}) {
    std::printf("bench_serve_burst  SLO %s, all simulated\n", to_text(slo).c_str());
    for (int cores = 1; cores <= (options.check ? 1 : 4); ++cores) {
      std::optional<Outcome> best;
      for (const Duration window : {2ms, 5ms, 10ms, 20ms}) {
        for (const std::int64_t full : {1, 8, 32}) {
          for (const bool scales : {true, false}) {
            Outcome o = FixedWindow{dear, window, slo, full, cores, scales}.run(arrivals);
            o.policy = "window " + to_text(window) + ", " + std::to_string(full) + " rows, " +
                       (scales ? "by queue" : "all cores");
            if (!best || o.missed < best->missed) best = o;
          }
        }
      }
      print(*best);
      Outcome fixed = OurServer({dear}, cores, false, slo).run(arrivals);
      fixed.policy = "ours, one variant";
      print(fixed);
      Outcome ours = OurServer({dear, cheap}, cores, false, slo).run(arrivals);
      ours.policy = "ours, two variants";
      print(ours);
      Outcome scaled = OurServer({dear, cheap}, cores, true, slo).run(arrivals);
      scaled.policy = "ours, two variants, workers auto";
      print(scaled);
      std::printf("bench_serve_burst  %d cores: the best fixed window misses %.1f times as many\n",
                  cores,
                  static_cast<double>(best->missed) /
                      static_cast<double>(std::max<std::int64_t>(1, ours.missed)));
    }
  }
  return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) { return bench::run_program(argc, argv, "bench_serve_burst", run); }
