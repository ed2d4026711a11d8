// SPDX-License-Identifier: Apache-2.0
#include "serve/model_server.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>

#include "base/nearest_name.h"
#include "platform/clock.h"
#include "serve/compute_pool.h"
#include "serve/lane.h"
#include "serve/variant_policy.h"

namespace tenbin {
namespace {

constexpr Duration kTick = 100ms;
constexpr std::size_t kDecisionsKept = 256;
constexpr std::size_t kClientsKept = 10'000;

// "10" is newer than "9", and both than "" or "beta".
bool newer(const std::string& a, const std::string& b) {
  std::int64_t x = -1, y = -1;
  std::from_chars(a.data(), a.data() + a.size(), x);
  std::from_chars(b.data(), b.data() + b.size(), y);
  return x != y ? x > y : a > b;
}

struct VersionSlot {
  ModelSource source;
  ModelState state = ModelState::kUnavailable;
  std::string reason = "not loaded";
  std::shared_ptr<ServedVersion> served;  // null: not loaded
  Duration used{};                        // when a request last asked for it while it slept or ran
  // For the choice of the variant.
  Duration changed{};
  std::int64_t busy_before = 0, successes_before = 0;
};

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
  }

  void offer(ModelSource source) override {
    const std::unique_lock lock(mutex_);
    VersionSlot& slot = models_[source.model][source.version];
    slot.source = std::move(source);
  }

  void withdraw(const std::string& model, const std::string& version) override {
    {
      const std::unique_lock lock(mutex_);
      const auto found = models_.find(model);
      if (found == models_.end()) return;
      found->second.erase(version);
      if (found->second.empty()) models_.erase(found);
    }
    changed();
  }

  void load(const std::string& model, std::function<void(Status)> done) override {
    post([this, model, done = std::move(done)] { done(load_now(model)); });
  }

  void unload(const std::string& model, std::function<void(Status)> done) override {
    post([this, model, done = std::move(done)] { done(unload_now(model)); });
  }

  std::vector<ServedEntry> index() const override {
    const std::shared_lock lock(mutex_);
    std::vector<ServedEntry> out;
    for (const auto& [model, versions] : models_) {
      for (const auto& [version, slot] : versions) {
        out.push_back({model, version, slot.state, slot.reason});
      }
    }
    return out;
  }

  bool all_ready() const override {
    const std::shared_lock lock(mutex_);
    for (const auto& [model, versions] : models_) {
      for (const auto& [version, slot] : versions) {
        if (slot.served == nullptr) return false;
      }
    }
    return !models_.empty();
  }

  Result<std::shared_ptr<ServedVersion>> find(const std::string& model,
                                              const std::string& version) const override {
    const std::shared_lock lock(mutex_);
    const auto found = models_.find(model);
    if (found == models_.end()) return unknown_model(model);
    const VersionSlot* best = nullptr;
    if (!version.empty()) {
      const auto at = found->second.find(version);
      if (at == found->second.end()) return unknown_version(model, version, found->second);
      best = &at->second;
    } else {
      for (const auto& [name, slot] : found->second) {
        const bool better = best == nullptr || newer(name, best->source.version);
        if (slot.served != nullptr && better) best = &slot;
      }
      if (best == nullptr) best = &found->second.begin()->second;
    }
    if (best->served != nullptr) return best->served;
    return Error(ErrorCode::kNotReady, "model '" + model + "' is not ready: " + best->reason);
  }

  std::vector<std::shared_ptr<ServedVersion>> versions() const override {
    const std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<ServedVersion>> out;
    for (const auto& [model, versions] : models_) {
      for (const auto& [version, slot] : versions) {
        if (slot.served != nullptr) out.push_back(slot.served);
      }
    }
    return out;
  }

  ModelState state(const std::string& model, const std::string& version) const override {
    const std::shared_lock lock(mutex_);
    const auto found = models_.find(model);
    if (found == models_.end()) return ModelState::kUnavailable;
    ModelState best = ModelState::kUnavailable;
    for (const auto& [name, slot] : found->second) {
      if (version.empty() ? slot.state != ModelState::kUnavailable : name == version) {
        best = slot.state;
      }
    }
    return best;
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
    if (share >= 1) return true;
    // Evenly spread: of ten requests at a share of 0.3, the 1st, 4th and 7th or so.
    const auto turn = static_cast<double>(turns_.fetch_add(1, std::memory_order_relaxed));
    return std::floor((turn + 1) * share) > std::floor(turn * share);
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
  using Versions = std::map<std::string, VersionSlot>;

  static LineOptions pool_options(const ModelServerOptions& options) {
    LineOptions line;
    line.most_waiting = options.queue;
    line.slo = options.slo;
    if (options.slo) line.overload.target = std::min<Duration>(20ms, *options.slo / 4);
    if (options.slo) line.batch.longest = *options.slo / 2;
    return line;
  }

  Error unknown_model(const std::string& model) const {
    std::vector<std::string> names;
    for (const auto& [name, versions] : models_) names.push_back(name);
    const auto near = nearest_names(model, names);
    return Error(ErrorCode::kUnknownModel,
                 "no model '" + model + "' here: " + one_of(near.empty() ? names : near));
  }
  static Error unknown_version(const std::string& model, const std::string& version,
                               const Versions& versions) {
    std::vector<std::string> names;
    for (const auto& [name, slot] : versions) names.push_back(name);
    return Error(ErrorCode::kUnknownModel,
                 "model '" + model + "' has no version '" + version + "': " + one_of(names));
  }

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

  // Runs on the loading thread, as all that changes a slot's model.
  Status load_now(const std::string& model) {
    std::vector<ModelSource> sources;
    {
      const std::unique_lock lock(mutex_);
      const auto found = models_.find(model);
      if (found == models_.end()) return unknown_model(model);
      for (auto& [version, slot] : found->second) {
        sources.push_back(slot.source);
        if (slot.served == nullptr) slot.state = ModelState::kLoading;
      }
    }
    Status first;
    for (const ModelSource& source : sources) {
      if (const Status loaded = load_one(source); !loaded.ok() && first.ok()) first = loaded;
    }
    changed();
    return first;
  }

  Status load_one(const ModelSource& source) {
    std::shared_ptr<ServedVersion> before = served(source);
    LoadOptions options{options_.threads, 200us, 256, nullptr};
    std::vector<BatchTimes> known;
    if (before != nullptr && before->asleep() && same_files(*before, source)) {
      for (const ServedVariant& variant : before->variants) known.push_back(variant.times);
      options.known_times = &known;
    }
    auto loaded = load_version(source, options, open_);
    const std::unique_lock lock(mutex_);
    VersionSlot* slot = find_slot(source);
    if (slot == nullptr) return {};  // withdrawn meanwhile
    if (!loaded.ok()) {
      // What answered before goes on answering.
      slot->reason = loaded.error().to_string();
      if (slot->served != nullptr && slot->served->asleep()) slot->served.reset();
      if (slot->served == nullptr) slot->state = ModelState::kUnavailable;
      return loaded.error();
    }
    if (before != nullptr) (*loaded)->counts = before->counts;
    slot->served = std::move(*loaded);
    slot->state = ModelState::kReady;
    slot->reason.clear();
    slot->used = clock_.steady_now();
    return {};
  }

  static bool same_files(const ServedVersion& version, const ModelSource& source) {
    return std::equal(
        version.variants.begin(), version.variants.end(), source.files.begin(), source.files.end(),
        [](const ServedVariant& variant, const std::string& file) { return variant.path == file; });
  }

  std::shared_ptr<ServedVersion> served(const ModelSource& source) const {
    const std::shared_lock lock(mutex_);
    const auto found = models_.find(source.model);
    if (found == models_.end()) return nullptr;
    const auto at = found->second.find(source.version);
    return at == found->second.end() ? nullptr : at->second.served;
  }
  VersionSlot* find_slot(const ModelSource& source) {
    const auto found = models_.find(source.model);
    if (found == models_.end()) return nullptr;
    const auto at = found->second.find(source.version);
    return at == found->second.end() ? nullptr : &at->second;
  }

  Status unload_now(const std::string& model) {
    {
      const std::unique_lock lock(mutex_);
      const auto found = models_.find(model);
      if (found == models_.end()) return unknown_model(model);
      for (auto& [version, slot] : found->second) {
        slot.served.reset();
        slot.state = ModelState::kUnavailable;
        slot.reason = "unloaded";
      }
    }
    changed();
    return {};
  }

  // What is looked at ten times a second: variants, and who has been idle.
  void tick() {
    bool slept = false;
    {
      const std::unique_lock lock(mutex_);
      const Duration now = clock_.steady_now();
      for (auto& [model, versions] : models_) {
        for (auto& [version, slot] : versions) {
          if (slot.served == nullptr) continue;
          choose_variant(slot, now);
          slept = put_to_sleep(slot, now) || slept;
        }
      }
    }
    if (slept) changed();
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

  void choose_variant(VersionSlot& slot, Duration now) {
    ServedVersion& version = *slot.served;
    if (version.variants.size() < 2 || version.asleep()) return;
    ServeStats& stats = version.stats();
    const std::int64_t busy = stats.busy_ns.load();
    VariantSnapshot snapshot;
    snapshot.now = version.current.load();
    snapshot.count = version.variants.size();
    snapshot.wait = Duration(stats.longest_wait_ns.exchange(0));
    if (options_.slo) snapshot.target = *options_.slo / 4;
    snapshot.busy = static_cast<double>(busy - std::exchange(slot.busy_before, busy)) /
                    (static_cast<double>(kTick.count()) * options_.threads);
    snapshot.since = now - slot.changed;
    snapshot.least = static_cast<std::size_t>(std::max(0, pressure_.load()));
    const auto cost = [&version](std::size_t i) {
      const BatchTimes& times = version.variants[i].times;
      const std::int64_t rows = efficient_rows(times);
      return static_cast<double>(time_of(times, rows).count()) / static_cast<double>(rows);
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
  mutable std::shared_mutex mutex_;
  std::map<std::string, Versions> models_;
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
    case ModelState::kUnloading: return "UNLOADING";
  }
  return "UNAVAILABLE";
}

std::unique_ptr<ModelServer> ModelServer::create(const ModelServerOptions& options, OpenModel open,
                                                 Clock& clock, BatchAccountant* accountant) {
  return std::make_unique<RealModelServer>(options, std::move(open), clock, accountant);
}

}  // namespace tenbin
