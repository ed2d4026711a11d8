// SPDX-License-Identifier: Apache-2.0
#include "serve/model_server.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "platform/clock.h"
#include "platform/memory.h"
#include "serve/compute_pool.h"
#include "serve/lane.h"
#include "serve/model_table.h"
#include "serve/replica_policy.h"
#include "serve/variant_policy.h"

namespace tenbin {
namespace {

constexpr Duration kTick = 100ms;
constexpr std::size_t kDecisionsKept = 256;
constexpr std::size_t kClientsKept = 10'000;

class RealModelServer final : public ModelServer {
 public:
  RealModelServer(const ModelServerOptions& options, OpenModel open, Clock& clock,
                  BatchAccountant* accountant)
      : options_(options),
        open_(std::move(open)),
        clock_(clock),
        accountant_(accountant),
        pool_(options.threads, pool_options(options), clock, accountant),
        loader_([this] { work(); }) {}

  ~RealModelServer() override {
    {
      const std::lock_guard lock(tasks_mutex_);
      stop_ = true;
    }
    tasks_wake_.notify_all();
    loader_.join();
    for (const auto& version : table_.versions()) {
      for (const ServedVariant& variant : version->variants) {
        if (variant.replicas != nullptr) variant.replicas->when_ready(nullptr);
      }
    }
  }

  void offer(ModelSource source) override { table_.offer(std::move(source)); }
  void load(const std::string& model, std::function<void(Status)> done) override {
    post([this, model, done = std::move(done)] {
      look(model);
      done(load_now(model));
    });
  }

  void unload(const std::string& model, std::function<void(Status)> done) override {
    post([this, model, done = std::move(done)] { done(unload_now(model)); });
  }

  std::vector<ServedEntry> index() const override { return table_.index(); }
  bool all_ready() const override { return table_.all_ready(); }
  Result<std::shared_ptr<ServedVersion>> find(const std::string& model,
                                              const std::string& version) const override {
    return table_.find(model, version);
  }
  std::vector<std::shared_ptr<ServedVersion>> versions() const override {
    return table_.versions();
  }
  ModelState state(const std::string& model, const std::string& version) const override {
    return table_.state(model, version);
  }

  Result<RolloutView> rollout(const std::string& model) const override {
    return table_.rollout(model, slo_seconds());
  }
  void set_rollout(const std::string& model, Rollout rollout) override {
    table_.set_rollout(model, std::move(rollout));
  }
  void change_rollout(const std::string& model, RolloutChange change,
                      std::function<void(Status)> done) override {
    post([this, model, change = std::move(change), done = std::move(done)] {
      done(change_now(model, change));
    });
  }

  void drain() override { draining_.store(true); }
  bool draining() const override { return draining_.load(); }

  std::vector<ServeDecision> decisions() const override {
    const std::lock_guard lock(decisions_mutex_);
    return {decisions_.begin(), decisions_.end()};
  }
  void decide(ServeDecision decision) override {
    if (decision.wall_ns == 0) decision.wall_ns = clock_.wall_now_ns();
    const std::lock_guard lock(decisions_mutex_);
    decisions_.push_back(std::move(decision));
    if (decisions_.size() > kDecisionsKept) decisions_.pop_front();
  }
  const ServeHistogram& wake_times() const override { return wake_times_; }
  void set_pressure(int steps) override { pressure_.store(steps); }
  void set_taken(double share) override { taken_.store(share); }

 protected:
  const ModelServerOptions& options() const override { return options_; }
  Clock& clock() const override { return clock_; }
  BatchAccountant* accountant() const override { return accountant_; }
  Result<PickedVersion> pick(const std::string& model, const std::string& version) const override {
    return table_.pick(model, version);
  }
  std::uint64_t generation() const override { return generation_.load(); }

  void wake(const std::string& model) override {
    {
      const std::lock_guard lock(tasks_mutex_);
      // One load, however many ask for it.
      if (!waking_.insert(model).second) return;
    }
    post([this, model, asked = clock_.steady_now()] {
      [[maybe_unused]] const Status loaded = load_now(model);
      wake_times_.add(in_seconds(clock_.steady_now() - asked));
      const std::lock_guard lock(tasks_mutex_);
      waking_.erase(model);
    });
  }

  Throttled throttle(const std::string& client, Duration now) override {
    if (options_.throttle.per_second <= 0) return {};
    const std::lock_guard lock(buckets_mutex_);
    if (buckets_.size() >= kClientsKept && !buckets_.contains(client)) {
      // Those that are full again have nothing to be remembered for.
      std::erase_if(buckets_, [&](const auto& entry) {
        const TokenBucket& bucket = entry.second;
        return bucket.tokens + in_seconds(now - bucket.filled) * options_.throttle.per_second >=
               options_.throttle.burst;
      });
    }
    return take_token(options_.throttle, buckets_[client], now);
  }

  bool takes_next() override {
    const double share = taken_.load(std::memory_order_relaxed);
    return share >= 1 || falls_to(turns_.fetch_add(1, std::memory_order_relaxed), share);
  }
  void pool(ServeJob job) override { pool_.submit(std::move(job)); }
  std::optional<Error> pool_refusal(const std::shared_ptr<ServedVersion>& version, Duration arrived,
                                    Duration deadline) override {
    return pool_.refusal(*version, arrived, deadline);
  }

  void add_lane(ServeLane& lane) override {
    const std::lock_guard lock(lanes_mutex_);
    lanes_.push_back(&lane);
  }
  void remove_lane(ServeLane& lane) override {
    const std::lock_guard lock(lanes_mutex_);
    std::erase(lanes_, &lane);
  }

 private:
  static LineOptions pool_options(const ModelServerOptions& options) {
    LineOptions line;
    line.most_waiting = options.queue;
    line.slo = options.slo;
    if (options.slo) line.overload.target = std::min<Duration>(20ms, *options.slo / 4);
    // Who comes while a batch runs waits for it and then for its own.
    if (options.slo) line.batch.longest = *options.slo / 2;
    return line;
  }

  double slo_seconds() const { return options_.slo ? in_seconds(*options_.slo) : 0; }

  void changed() {
    generation_.fetch_add(1);
    const std::lock_guard lock(lanes_mutex_);
    for (ServeLane* lane : lanes_) lane->poke();
  }

  void post(std::function<void()> task) {
    {
      const std::lock_guard lock(tasks_mutex_);
      tasks_.push_back(std::move(task));
    }
    tasks_wake_.notify_one();
  }

  void work() {
    std::unique_lock lock(tasks_mutex_);
    while (!stop_) {
      if (tasks_.empty()) {
        tasks_wake_.wait_for(lock, kTick);
      }
      if (tasks_.empty()) {
        lock.unlock();
        tick();
        lock.lock();
        continue;
      }
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  // Versions come and go on the disk.
  void look(const std::string& model) {
    if (!options_.look) return;
    const std::vector<ModelSource> sources = options_.look(model);
    if (sources.empty()) return;
    // What came is there before what is gone leaves: a model is never without a version.
    for (const ModelSource& source : sources) table_.offer(source);
    if (table_.keep_only(model, sources)) changed();
  }

  // Runs on the loading thread, as all that changes a slot's model.
  Status load_now(const std::string& model) {
    TENBIN_TRY(const std::vector<ModelSource> sources, table_.begin_load(model));
    Status first;
    for (const ModelSource& source : sources) {
      if (const Status loaded = load_one(source); !loaded.ok() && first.ok()) first = loaded;
    }
    changed();
    give_back_memory();
    return first;
  }

  Status load_one(const ModelSource& source) {
    const std::shared_ptr<ServedVersion> before = table_.served(source);
    LoadOptions options{options_.threads, 200us, nullptr};
    std::vector<BatchTimes> known;
    if (before != nullptr && before->asleep() && same_files(*before, source)) {
      for (const ServedVariant& variant : before->variants) known.push_back(variant.times);
      options.known_times = &known;
    }
    auto loaded = load_version(source, options, open_);
    if (loaded.ok()) {
      for (const ServedVariant& variant : (*loaded)->variants) {
        if (variant.replicas == nullptr) continue;
        variant.replicas->when_ready([this] { pool_.poke(); });
        if (options_.least_replicas > 0) variant.replicas->want(options_.least_replicas);
      }
    }
    return table_.end_load(source, std::move(loaded), clock_.steady_now());
  }

  // What a change speaks of may not be loaded yet: the version in a folder that came lately. Who
  // answers now goes on answering while it is loaded.
  Status change_now(const std::string& model, const RolloutChange& change) {
    TENBIN_TRY(const bool followed, table_.set_follows(model, false));
    const Status loaded = load_for(model, change);
    TENBIN_TRY([[maybe_unused]] const bool held, table_.set_follows(model, followed));
    TENBIN_CHECK(loaded);
    TENBIN_TRY(const Rollout changed_to, table_.change(model, change, slo_seconds()));
    if (options_.keep_rollout) options_.keep_rollout(model, changed_to);
    changed();
    return {};
  }

  Status load_for(const std::string& model, const RolloutChange& change) {
    look(model);
    TENBIN_TRY(const std::vector<ModelSource> sources, table_.begin_load(model));
    for (const ModelSource& source : sources) {
      const auto there = table_.served(source);
      const bool wanted = there == nullptr || (there->asleep() && source.version == change.version);
      if (!wanted) continue;
      const Status loaded = load_one(source);
      if (!loaded.ok() && source.version == change.version) return loaded;
    }
    return {};
  }

  static bool same_files(const ServedVersion& version, const ModelSource& source) {
    return std::equal(
        version.variants.begin(), version.variants.end(), source.files.begin(), source.files.end(),
        [](const ServedVariant& variant, const std::string& file) { return variant.path == file; });
  }

  Status unload_now(const std::string& model) {
    TENBIN_CHECK(table_.unload(model));
    changed();
    give_back_memory();
    return {};
  }

  // What is looked at ten times a second: variants, canaries, and who has been idle.
  void tick() {
    bool slept = false;
    const Duration now = clock_.steady_now();
    table_.each_model([&](const std::string& name, ModelSlot& model) {
      watch_canary(name, model);
      for (auto& [version, slot] : model.versions) {
        if (slot.served == nullptr) continue;
        // What was seen of its load in the interval is read once.
        const Duration wait(slot.served->stats().longest_wait_ns.exchange(0));
        choose_replicas(slot, wait, now);
        choose_variant(slot, wait, now);
        slept = put_to_sleep(slot, now) || slept;
      }
    });
    if (slept) {
      changed();
      give_back_memory();
    }
    pool_.poke();
  }

  void watch_canary(const std::string& name, ModelSlot& model) {
    Rollout& rollout = model.rollout;
    if (!rollout.canary) return;
    const auto canary = model.versions.find(*rollout.canary);
    const auto stable = model.versions.find(rollout.stable);
    if (canary == model.versions.end() || canary->second.served == nullptr) return;
    if (stable == model.versions.end() || stable->second.served == nullptr) return;
    const auto done = [&](const VersionSlot& slot, const VersionRecord& base) {
      return since(record_of(slot.served->stats(), slo_seconds()), base);
    };
    const auto why = judge_canary(done(canary->second, model.canary_base),
                                  done(stable->second, model.stable_base));
    if (!why) return;
    decide({0, "rollout", name, "end the canary, version " + *rollout.canary, *why});
    rollout.canary.reset();
    rollout.canary_share = 0;
    if (!options_.keep_rollout) return;
    post([this, name, now = rollout] { options_.keep_rollout(name, now); });
  }

  bool put_to_sleep(VersionSlot& slot, Duration now) {
    const ServeStats& stats = slot.served->stats();
    const std::int64_t successes = stats.success.count.load() + stats.fail.count.load();
    if (successes != slot.successes_before || stats.under_way.load() > 0) slot.used = now;
    slot.successes_before = successes;
    if (!options_.scale_to_zero || slot.served->asleep()) return false;
    if (now - slot.used < *options_.scale_to_zero) return false;
    slot.served = without_sessions(*slot.served);
    slot.state = ModelState::kAsleep;
    decide({0, "sleep", slot.source.model, "unload",
            "no request for " + to_text(*options_.scale_to_zero)});
    return true;
  }

  void choose_replicas(VersionSlot& slot, Duration wait, Duration now) {
    ServedVersion& version = *slot.served;
    const ServedVariant& variant = version.variants[version.current.load()];
    if (variant.replicas == nullptr || version.asleep() || options_.least_replicas > 0) return;
    const ServeStats& stats = version.stats();
    const std::int64_t arrived = stats.rows.load() + stats.waiting.load();
    const double rate = static_cast<double>(arrived - std::exchange(slot.arrived_before, arrived)) /
                        in_seconds(kTick);
    slot.arrivals += 0.1 * (std::max(rate, 0.0) - slot.arrivals);
    ReplicaSnapshot seen;
    seen.now = variant.replicas->wanted();
    seen.most = options_.threads;
    seen.arrivals = std::max(slot.arrivals, 0.0);
    seen.service = row_cost(variant.times);
    if (options_.slo) seen.target = *options_.slo / 4;
    seen.wait = wait;
    seen.calm = now - slot.needed;
    const int next = next_replicas(seen);
    if (next != seen.now || seen.arrivals * in_seconds(seen.service) > 0.85 * (seen.now - 1)) {
      slot.needed = now;
    }
    if (next == seen.now) return;
    for (const ServedVariant& each : version.variants) each.replicas->want(next);
    decide({0, "replicas", version.model, std::to_string(next) + " workers",
            std::to_string(std::llround(seen.arrivals)) + " rows/s at " + to_text(seen.service) +
                " a row, longest wait " + to_text(wait)});
  }

  void choose_variant(VersionSlot& slot, Duration wait, Duration now) {
    ServedVersion& version = *slot.served;
    if (version.variants.size() < 2 || version.asleep()) return;
    ServeStats& stats = version.stats();
    const std::int64_t busy = stats.busy_ns.load();
    VariantSnapshot snapshot;
    snapshot.now = version.current.load();
    snapshot.count = version.variants.size();
    snapshot.wait = wait;
    if (options_.slo) snapshot.target = *options_.slo / 4;
    snapshot.busy = static_cast<double>(busy - std::exchange(slot.busy_before, busy)) /
                    (static_cast<double>(kTick.count()) * options_.threads);
    snapshot.since = now - slot.changed;
    snapshot.least = static_cast<std::size_t>(std::max(0, pressure_.load()));
    const auto cost = [&version](std::size_t i) {
      return in_seconds(row_cost(version.variants[i].times));
    };
    if (snapshot.now > 0) snapshot.dearer = cost(snapshot.now - 1) / cost(snapshot.now);
    const std::size_t next = next_variant(snapshot);
    if (next == snapshot.now) return;
    version.current.store(next);
    slot.changed = now;
    decide({0, "variants", version.model, "use " + version.variants[next].name,
            next > snapshot.now ? "requests waited up to " + to_text(snapshot.wait)
                                : "requests wait " + to_text(snapshot.wait) + " at most again"});
  }

  ModelServerOptions options_;
  OpenModel open_;
  Clock& clock_;
  BatchAccountant* accountant_;
  ModelTable table_;
  std::atomic<std::uint64_t> generation_{1};
  std::atomic<bool> draining_{false};
  std::atomic<int> pressure_{0};
  std::atomic<double> taken_{1};
  std::atomic<std::uint64_t> turns_{0};
  mutable std::mutex decisions_mutex_;
  std::deque<ServeDecision> decisions_;
  std::mutex buckets_mutex_;
  std::map<std::string, TokenBucket> buckets_;
  std::mutex lanes_mutex_;
  std::vector<ServeLane*> lanes_;
  ServeHistogram wake_times_{ServeHistogram::kSeconds};
  std::mutex tasks_mutex_;
  std::condition_variable tasks_wake_;
  std::deque<std::function<void()>> tasks_;
  std::set<std::string> waking_;
  bool stop_ = false;
  ComputePool pool_;
  std::thread loader_;
};

}  // namespace

std::string_view state_name(ModelState state) {
  switch (state) {
    case ModelState::kUnavailable: return "UNAVAILABLE";
    case ModelState::kLoading: return "LOADING";
    case ModelState::kReady:
    case ModelState::kAsleep: return "READY";
  }
  return "UNAVAILABLE";
}

std::unique_ptr<ModelServer> ModelServer::create(const ModelServerOptions& options, OpenModel open,
                                                 Clock& clock, BatchAccountant* accountant) {
  return std::make_unique<RealModelServer>(options, std::move(open), clock, accountant);
}

}  // namespace tenbin
