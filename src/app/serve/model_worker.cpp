// SPDX-License-Identifier: Apache-2.0
#include "app/serve/model_worker.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "app/serve/open_model.h"
#include "app/serve/worker_wire.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/net/listening_process.h"
#include "platform/sandbox.h"
#include "platform/worker_process.h"

namespace tenbin {
namespace {

constexpr Duration kForLoading = 300s, kForFirstRun = 30s;
constexpr Duration kLeastPatience = 2s;
constexpr int kTimesLonger = 20;  // than the longest run of as many rows: it hangs
constexpr std::size_t kCrashes = 5;
constexpr Duration kCrashesWithin = 60s, kRest = 10s;
constexpr Duration kForOther = 10s;                      // until another worker is ready
constexpr Duration kLook = 200ms;                        // between looks at who lives
constexpr std::int64_t kMemory = std::int64_t{4} << 30;  // beside four times the model's file

// Workers that live, for who accounts for their CPU time.
class LivingWorkers {
 public:
  void add(int pid) {
    const std::lock_guard lock(mutex_);
    pids_.insert(pid);
  }
  void remove(int pid) {
    const std::lock_guard lock(mutex_);
    pids_.erase(pid);
  }
  std::vector<int> pids() {
    const std::lock_guard lock(mutex_);
    return {pids_.begin(), pids_.end()};
  }

 private:
  std::mutex mutex_;
  std::set<int> pids_;
};
LivingWorkers& living() {
  static LivingWorkers workers;
  return workers;
}

class ActivityWithWorkers final : public ActivityProbe {
 public:
  ActivityWithWorkers(Clock& clock, FileSystem& files) : own_(this_process(clock, files)) {}
  Activity read() override {
    Activity all = own_->read();
    for (const int pid : living().pids()) {
      const auto use = use_of_process(pid);
      if (!use) continue;
      all.cpu += use->cpu;
      all.memory += use->memory;
    }
    // One that ended counts again once it was waited for: meanwhile nothing falls.
    all.cpu = last_ = std::max(last_, all.cpu);
    return all;
  }

 private:
  std::unique_ptr<ActivityProbe> own_;
  Duration last_{};
};

// What a worker says of the model that it loaded.
struct LoadedFacts {
  OpenedModel about;  // without sessions
  std::vector<ValueInfo> inputs, outputs;
};

std::vector<ValueInfo> read_values(WireReader& in) {
  std::vector<ValueInfo> out;
  for (std::int64_t left = in.number(); in.ok() && left > 0; --left) out.push_back(in.value());
  return out;
}

Error garbled() {
  return Error(ErrorCode::kCommandFailed, "the model's worker sent what cannot be read");
}

Result<LoadedFacts> load_in(WorkerProcess& worker, const std::string& path,
                            const std::string& engine, bool confined) {
  WireWriter ask;
  ask.text(path);
  ask.text(engine);
  ask.number(confined ? 1 : 0);
  const std::array pieces = {std::string_view(ask.bytes())};
  TENBIN_TRY(const std::string answer, worker.ask(pieces, kForLoading));
  WireReader in(answer);
  if (in.number() != 0) return in.error();
  LoadedFacts out;
  out.about.engine = in.text();
  out.about.why = in.text();
  out.about.digest = in.text();
  out.about.bytes = in.number();
  out.about.metadata = in.texts();
  out.inputs = read_values(in);
  out.outputs = read_values(in);
  if (!in.ok()) return garbled();
  return out;
}

class WorkerGroup final : public ReplicaSet {
 public:
  WorkerGroup(std::string path, std::string engine, bool confined, int most, Clock& clock)
      : path_(std::move(path)),
        engine_(std::move(engine)),
        confined_(confined),
        clock_(clock),
        slots_(static_cast<std::size_t>(most)) {}

  ~WorkerGroup() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    if (starter_.joinable()) starter_.join();
    for (Slot& slot : slots_) end(slot);
  }

  // The first worker, here and now; the others in a thread of their own.
  Result<LoadedFacts> begin() {
    TENBIN_TRY(Started first, start());
    LoadedFacts facts = std::move(first.facts);
    // Each worker opens what was chosen for the first.
    engine_ = facts.about.engine;
    digest_ = facts.about.digest;
    put(slots_[0], std::move(first.process));
    starter_ = std::thread([this] { work(); });
    return facts;
  }

  bool ready(std::size_t index) const override { return slots_[index].ready.load(); }
  int wanted() const override { return wanted_.load(); }
  int ready_count() const override {
    return static_cast<int>(std::count_if(slots_.begin(), slots_.end(),
                                          [](const Slot& slot) { return slot.ready.load(); }));
  }
  std::int64_t restarts() const override { return restarts_.load(); }

  void want(int count) override {
    {
      const std::lock_guard lock(mutex_);
      wanted_.store(std::clamp(count, 1, static_cast<int>(slots_.size())));
    }
    changed_.notify_all();
  }

  std::string why_none() const override {
    if (ready_count() > 0) return {};
    const std::lock_guard lock(mutex_);
    return rests_until_ > clock_.steady_now() ? why_ : std::string();
  }

  void when_ready(std::function<void()> call) override {
    const std::lock_guard lock(call_mutex_);
    when_ready_ = std::move(call);
  }

  // A worker that ended while nobody asked it fails nobody: another one computes, or the next.
  Result<std::vector<Tensor>> run(std::size_t index, std::span<const Tensor> inputs) {
    const Duration until = clock_.steady_now() + kForOther;
    for (;; index = (index + 1) % slots_.size()) {
      if (auto done = run_in(slots_[index], inputs)) return std::move(*done);
      if (const std::string why = why_none(); !why.empty()) {
        return Error(ErrorCode::kNotReady, why);
      }
      if (clock_.steady_now() > until) {
        return Error(ErrorCode::kNotReady, "the model's worker is being started");
      }
      if (ready_count() == 0) clock_.wait_until(clock_.steady_now() + 2ms);
    }
  }

 private:
  struct Slot {
    std::mutex mutex;  // of what follows, but for `ready`
    std::unique_ptr<WorkerProcess> process;
    std::map<std::int64_t, Duration> longest;  // run of so many rows
    std::atomic<bool> ready{false};
  };
  struct Started {
    std::unique_ptr<WorkerProcess> process;
    LoadedFacts facts;
  };

  // Nothing: no worker is in this slot.
  std::optional<Result<std::vector<Tensor>>> run_in(Slot& slot, std::span<const Tensor> inputs) {
    const std::lock_guard lock(slot.mutex);
    if (!slot.process) return std::nullopt;
    if (!slot.process->alive()) {
      [[maybe_unused]] const Error gone = lost(slot, died());
      return std::nullopt;
    }
    return ask_in(slot, inputs);
  }

  static Error died() {
    return Error(ErrorCode::kCommandFailed, "the model's worker ended between two requests");
  }

  Result<std::vector<Tensor>> ask_in(Slot& slot, std::span<const Tensor> inputs) {
    WireWriter ask;
    ask.number(static_cast<std::int64_t>(inputs.size()));
    for (const Tensor& input : inputs) ask.tensor(input);
    const std::int64_t rows =
        inputs.empty() || inputs[0].shape().empty() ? 1 : inputs[0].shape()[0];
    const Duration began = clock_.steady_now();
    const std::array pieces = {std::string_view(ask.bytes())};
    const auto answer = slot.process->ask(pieces, patience(slot, rows));
    if (!answer.ok()) return lost(slot, answer.error());
    Duration& longest = slot.longest[rows];
    longest = std::max(longest, clock_.steady_now() - began);
    WireReader in(*answer);
    if (in.number() != 0) return in.error();
    cpu_elsewhere() += Duration(in.number());
    std::vector<Tensor> outputs;
    for (std::int64_t left = in.number(); in.ok() && left > 0; --left) {
      outputs.push_back(in.tensor());
    }
    if (!in.ok()) return lost(slot, garbled());
    return outputs;
  }

  Result<Started> start() const {
    Started out;
    TENBIN_TRY(out.process, start_worker({kWorkerVerb}));
    TENBIN_TRY(out.facts, load_in(*out.process, path_, engine_, confined_));
    return out;
  }

  static void put(Slot& slot, std::unique_ptr<WorkerProcess> process) {
    const std::lock_guard lock(slot.mutex);
    living().add(process->pid());
    slot.process = std::move(process);
    slot.longest.clear();
    slot.ready.store(true);
  }
  static void take_away(Slot& slot) {
    slot.ready.store(false);
    if (slot.process) living().remove(slot.process->pid());
    slot.process.reset();
  }
  static void end(Slot& slot) {
    const std::lock_guard lock(slot.mutex);
    take_away(slot);
  }

  static Duration patience(const Slot& slot, std::int64_t rows) {
    const auto found = slot.longest.find(rows);
    if (found == slot.longest.end()) return kForFirstRun;
    return std::clamp<Duration>(found->second * kTimesLonger, kLeastPatience, kForFirstRun);
  }

  // With the slot's lock held.
  Error lost(Slot& slot, const Error& why) {
    take_away(slot);
    restarts_.fetch_add(1);
    crashed(why.message());
    return why;
  }

  void crashed(const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      const Duration now = clock_.steady_now();
      crashes_.push_back(now);
      while (crashes_.front() + kCrashesWithin < now) crashes_.pop_front();
      if (crashes_.size() >= kCrashes) {
        rests_until_ = now + kRest;
        why_ = why + ", the " + std::to_string(kCrashes) + "th time within " +
               to_text(kCrashesWithin) + ": the model rests for " + to_text(kRest);
        crashes_.clear();
      }
    }
    changed_.notify_all();
  }

  // Starts those that are missing, ends those that are too many.
  void work() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      const Duration rest = rests_until_ - clock_.steady_now();
      if (rest > Duration::zero()) {
        changed_.wait_for(lock, rest);
        continue;
      }
      Slot* missing = nullptr;
      const auto wanted = static_cast<std::size_t>(wanted_.load());
      std::vector<Slot*> surplus;
      for (std::size_t i = 0; i < slots_.size(); ++i) {
        const bool there = slots_[i].ready.load();
        if (i < wanted && !there && missing == nullptr) missing = &slots_[i];
        if (i >= wanted && there) surplus.push_back(&slots_[i]);
      }
      if (missing == nullptr && surplus.empty()) {
        changed_.wait_for(lock, kLook);
        lock.unlock();
        look_at_living();
        lock.lock();
        continue;
      }
      lock.unlock();
      for (Slot* slot : surplus) end(*slot);
      if (missing != nullptr) fill(*missing);
      lock.lock();
    }
  }

  // One that ends while it has nothing to do is started anew before somebody needs it.
  void look_at_living() {
    for (Slot& slot : slots_) {
      const std::unique_lock lock(slot.mutex, std::try_to_lock);
      if (!lock || !slot.process || slot.process->alive()) continue;
      [[maybe_unused]] const Error gone = lost(slot, died());
    }
  }

  void fill(Slot& slot) {
    auto started = start();
    if (started.ok() && started->facts.about.digest != digest_) {
      started = Error(ErrorCode::kBadModel, "the model's file has changed since it was loaded",
                      path_, "load it anew");
    }
    if (!started.ok()) return crashed(started.error().to_string());
    put(slot, std::move(started->process));
    const std::lock_guard lock(call_mutex_);
    if (when_ready_) when_ready_();
  }

  std::string path_, engine_, digest_;
  bool confined_;
  Clock& clock_;
  std::deque<Slot> slots_;
  std::atomic<int> wanted_{1};
  std::atomic<std::int64_t> restarts_{0};
  mutable std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::deque<Duration> crashes_;
  Duration rests_until_{};
  std::string why_;
  bool stop_ = false;
  std::mutex call_mutex_;
  std::function<void()> when_ready_;
  std::thread starter_;
};

class WorkerSession final : public Session {
 public:
  WorkerSession(std::shared_ptr<WorkerGroup> group, std::size_t index, LoadedFacts facts)
      : group_(std::move(group)),
        index_(index),
        inputs_(std::move(facts.inputs)),
        outputs_(std::move(facts.outputs)) {}
  const std::vector<ValueInfo>& inputs() const override { return inputs_; }
  const std::vector<ValueInfo>& outputs() const override { return outputs_; }
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) override {
    return group_->run(index_, inputs);
  }
  std::vector<std::string> kernels() const override { return {}; }

 private:
  std::shared_ptr<WorkerGroup> group_;
  std::size_t index_;
  std::vector<ValueInfo> inputs_, outputs_;
};

bool answer_error(const Error& error) {
  WireWriter out;
  out.number(1);
  out.error(error);
  const std::array pieces = {std::string_view(out.bytes())};
  return send_frame(pieces);
}

bool answer_facts(const OpenedModel& opened) {
  WireWriter out;
  out.number(0);
  out.text(opened.engine);
  out.text(opened.why);
  out.text(opened.digest);
  out.number(opened.bytes);
  out.texts(opened.metadata);
  const Session& session = *opened.sessions.front();
  for (const auto* values : {&session.inputs(), &session.outputs()}) {
    out.number(static_cast<std::int64_t>(values->size()));
    for (const ValueInfo& value : *values) out.value(value);
  }
  const std::array pieces = {std::string_view(out.bytes())};
  return send_frame(pieces);
}

bool answer_run(const std::string& frame, Session& session, Clock& clock) {
  WireReader in(frame);
  std::vector<Tensor> inputs;
  for (std::int64_t left = in.number(); in.ok() && left > 0; --left) inputs.push_back(in.tensor());
  if (!in.ok()) return answer_error(garbled());
  const Duration cpu = clock.process_cpu();
  const auto outputs = session.run(inputs);
  if (!outputs.ok()) return answer_error(outputs.error());
  WireWriter out;
  out.number(0);
  out.number((clock.process_cpu() - cpu).count());
  out.number(static_cast<std::int64_t>(outputs->size()));
  for (const Tensor& output : *outputs) out.tensor(output);
  const std::array pieces = {std::string_view(out.bytes())};
  return send_frame(pieces);
}

}  // namespace

OpenModel worker_opener(std::string engine, bool confined, Clock& clock) {
  return [engine = std::move(engine), confined, &clock](const std::string& path,
                                                        int sessions) -> Result<OpenedModel> {
    const auto group = std::make_shared<WorkerGroup>(path, engine, confined, sessions, clock);
    TENBIN_TRY(LoadedFacts facts, group->begin());
    OpenedModel out = std::move(facts.about);
    for (int i = 0; i < sessions; ++i) {
      out.sessions.push_back(std::make_unique<WorkerSession>(
          group, static_cast<std::size_t>(i), LoadedFacts{{}, facts.inputs, facts.outputs}));
    }
    out.replicas = group;
    return out;
  };
}

std::unique_ptr<ActivityProbe> activity_with_workers(Clock& clock, FileSystem& files) {
  return std::make_unique<ActivityWithWorkers>(clock, files);
}

int run_model_worker(FileSystem& files, Clock& clock) {
  const std::string order = next_frame();
  WireReader in(order);
  const std::string path = in.text(), engine = in.text();
  const bool confined = in.number() != 0;
  if (!in.ok()) return 2;
  const auto info = files.info(path);
  limit_own_memory(kMemory + 4 * (info.ok() ? info->size : 0));
  if (confined) {
    std::vector<std::string> readable = system_files_of_models();
    readable.push_back(path);  // it may be a link
    readable.push_back(join_path(folder_of(path), "."));
    if (const Status done = confine(readable); !done.ok())
      return answer_error(done.error()) ? 0 : 1;
  }
  auto opened = model_opener(engine, files, clock)(path, 1);
  if (!opened.ok()) return answer_error(opened.error()) ? 0 : 1;
  if (!answer_facts(*opened)) return 1;
  for (std::string frame = next_frame(); !frame.empty(); frame = next_frame()) {
    if (!answer_run(frame, *opened->sessions.front(), clock)) return 1;
  }
  return 0;
}

}  // namespace tenbin
