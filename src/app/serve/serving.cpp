// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"

#include <algorithm>
#include <charconv>
#include <future>
#include <set>

#include "app/measure.h"
#include "app/serve/energy_shares.h"
#include "app/serve/model_worker.h"
#include "app/serve/open_model.h"
#include "app/serve/rollout_json.h"
#include "plan/power_guard.h"
#include "plan/serve_limits.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/sandbox.h"
#include "serve/repository.h"

namespace tenbin {
namespace {

// Workers of each model: 0 as many as the load needs; nothing: models run in this process.
Result<std::optional<int>> replicas_of(const std::string& text, int threads) {
  if (text.empty()) return std::optional<int>();
  if (text == "auto") return std::optional<int>(0);
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count >= 1 && count <= threads) {
    return std::optional<int>(count);
  }
  return Error(
      ErrorCode::kBadValue,
      "found '" + text + "', expected auto or a number from 1 to " + std::to_string(threads),
      "--replicas", "--threads says how many may compute at once");
}

class RealServing final : public Serving {
 public:
  RealServing(ServeOptions options, ServeLimits limits, Clock& clock, int threads)
      : options_(std::move(options)), limits_(limits), clock_(clock), threads_(threads) {}

  Status open(FileSystem& files, const MachineFacts& machine) {
    files_ = &files;
    TENBIN_TRY(sources_, find_sources());
    TENBIN_CHECK(check_names());
    TENBIN_TRY(const auto replicas, replicas_of(options_.replicas, threads_));
    TENBIN_TRY(meter_, Meter::open(options_.meter, files, clock_, machine,
                                   replicas ? activity_with_workers(clock_, files) : nullptr));
    TENBIN_CHECK(meter_->start());
    TENBIN_CHECK(open_ledger(files, machine));
    shares_ = std::make_unique<EnergyShares>(*meter_, clock_, options_.prices);
    ModelServerOptions server;
    server.threads = threads_;
    server.queue = options_.queue;
    server.default_deadline = options_.timeout;
    server.slo = limits_.slo;
    server.throttle = {limits_.throttle_per_second, limits_.throttle_burst};
    if (options_.scale_to_zero > Duration::zero()) server.scale_to_zero = options_.scale_to_zero;
    server.look = [this](const std::string& model) { return sources_of(model); };
    server.keep_rollout = [this](const std::string& model, const Rollout& rollout) {
      keep_rollout(model, rollout);
    };
    server.least_replicas = replicas.value_or(0);
    TENBIN_TRY(const bool confined, confines_workers(replicas.has_value()));
    OpenModel open = replicas ? worker_opener(options_.engine, confined, clock_)
                              : model_opener(options_.engine, files, clock_);
    server_ = ModelServer::create(server, std::move(open), clock_, shares_.get());
    for (const ModelSource& source : sources_) server_->offer(source);
    TENBIN_CHECK(take_kept_rollouts());
    return guard_power();
  }

  ~RealServing() override {
    // Who decides ends before what it decides about, and that before who accounts for it.
    if (shares_) shares_->stop();
    server_.reset();
    shares_.reset();
    recorder_.reset();
    if (meter_) meter_->stop();
  }

  Status load_all() override {
    std::set<std::string> names;
    for (const ModelSource& source : sources_) names.insert(source.model);
    std::optional<Error> first;
    std::size_t loaded = 0;
    for (const std::string& name : names) {
      std::promise<Status> promise;
      server_->load(name, [&promise](Status status) { promise.set_value(std::move(status)); });
      const Status status = promise.get_future().get();
      if (status.ok()) {
        ++loaded;
        continue;
      }
      notes_.push_back("model '" + name + "' is not served: " + status.error().message());
      if (!first) first = status.error();
    }
    if (loaded == 0 && first) return *first;
    TENBIN_CHECK(begin_parts(options_.canary, RolloutChange::Kind::kCanary));
    return begin_parts(options_.shadow, RolloutChange::Kind::kShadow);
  }

  Status finish() override {
    shares_->settle();
    if (!recorder_) return {};
    const ServingEnergy energy = shares_->totals();
    const std::pair<const char*, Energy> accounts[] = {{"request", energy.requests},
                                                       {"padding", energy.padding},
                                                       {"overhead", energy.overhead},
                                                       {"idle", energy.idle}};
    for (const auto& [name, joules] : accounts) {
      recorder_->measurement(std::string("energy_") + name, energy_measurement(energy, joules));
    }
    for (const ServeDecision& decision : server_->decisions()) {
      recorder_->decision(decision.controller + " " + decision.model, decision.action,
                          decision.reason);
    }
    TENBIN_CHECK(recorder_->finish("done", 0));
    recorder_.reset();
    return {};
  }

  ModelServer& models() override { return *server_; }
  const ServeOptions& options() const override { return options_; }
  int threads() const override { return threads_; }
  ServingEnergy energy() const override { return shares_->totals(); }
  std::string meter_line() const override { return meter_->describe(); }
  std::vector<std::string> notes() const override { return notes_; }

 private:
  // Whether workers are confined; that they are not is noted. Error kMissingCapability: they cannot
  // be, and the user did not say that they need not.
  Result<bool> confines_workers(bool any) {
    if (!any) return false;
    if (options_.unsafe_no_sandbox) {
      notes_.push_back("workers may do all that this user may (--unsafe-no-sandbox)");
      return false;
    }
    const auto here = sandbox_here();
    if (here.ok()) return true;
    return Error(here.error().code(), "workers cannot be confined here: " + here.error().message(),
                 "--replicas",
                 here.error().hint() + "; or, for models that you trust, --unsafe-no-sandbox");
  }

  // Holds the process to its power, or to the power that its money buys.
  Status guard_power() {
    std::optional<Power> allowed = limits_.power;
    if (limits_.money) {
      const Prices& prices = options_.prices;
      if (prices.machine.per_hour.billionths > 0) {
        return Error(ErrorCode::kBadValue, "a rented machine costs the same whatever it does",
                     "--limit money", "limit its power, or leave --machine-price out");
      }
      TENBIN_CHECK(prices.check(limits_.money));
      const Power bought = power_for(*limits_.money, prices.price.per_kwh, prices.pue);
      allowed = allowed ? std::min(*allowed, bought) : bought;
    }
    if (!allowed) return {};
    shares_->after_each([this, allowed = *allowed](Power recent, Duration interval) {
      hold_power(recent, allowed, interval);
    });
    return {};
  }

  void hold_power(Power recent, Power allowed, Duration interval) {
    int most = 0;
    for (const auto& version : server_->versions()) {
      most = std::max(most, static_cast<int>(version->variants.size()) - 1);
    }
    const PowerHold next = next_hold(hold_, {recent, allowed, most, interval});
    const bool more = next.steps > hold_.steps || next.share < hold_.share;
    if (next.steps != hold_.steps || next.share != hold_.share) {
      server_->set_pressure(next.steps);
      server_->set_taken(next.share);
      server_->decide({0, "power", "",
                       next.steps != hold_.steps
                           ? "variants " + std::to_string(next.steps) + " cheaper"
                           : "take " + to_text(Ratio{next.share}) + " of requests",
                       to_text(recent) + (more ? " is above " : " is below ") + to_text(allowed)});
    }
    hold_ = next;
  }

  static Measurement energy_measurement(const ServingEnergy& energy, Energy joules) {
    Measurement m;
    m.quantity = "energy";
    m.unit = "J";
    m.value = in_joules(joules);
    m.lo = in_joules(joules) * (1 - energy.relative_error);
    m.hi = in_joules(joules) * (1 + energy.relative_error);
    m.samples = 1;
    m.source = energy.source;
    m.provenance = energy.provenance;
    return m;
  }

  Status open_ledger(FileSystem& files, const MachineFacts& machine) {
    if (options_.ledger.empty()) return {};
    const std::string& path = options_.ledger;
    TENBIN_CHECK(files.make_folders(folder_of(path)));
    TENBIN_TRY(ledger_, Ledger::open(path));
    RunInfo info;
    info.kind = "serve";
    info.name = sources_.front().model;
    info.machine = Json::object({{"cpu", machine.cpu_model}, {"cpus", machine.logical_cpus}});
    info.options = Json::object({{"models", Json::array_of(options_.models)},
                                 {"replicas", options_.replicas},
                                 {"unsafe_no_sandbox", options_.unsafe_no_sandbox}});
    info.version = TENBIN_VERSION;
    TENBIN_TRY(recorder_,
               RunRecorder::begin(ledger_.get(), *meter_, clock_, options_.prices, info));
    return {};
  }

  Result<std::vector<ModelSource>> find_sources() const {
    std::vector<ModelSource> out;
    for (const std::string& path : options_.models) {
      TENBIN_TRY(const auto found, models_at(path, *files_));
      out.insert(out.end(), found.begin(), found.end());
    }
    if (options_.name.empty()) return out;
    for (ModelSource& source : out) {
      if (source.model != out.front().model) {
        return Error(ErrorCode::kBadValue,
                     "--name names one model, found " + std::to_string(out.size()), "--name",
                     "leave it out: each is named after its folder");
      }
    }
    for (ModelSource& source : out) source.model = options_.name;
    return out;
  }

  // What there is of a model on the disk now; nothing: it is gone, or cannot be read.
  std::vector<ModelSource> sources_of(const std::string& model) const {
    auto found = find_sources();
    if (!found.ok()) return {};
    std::erase_if(*found, [&](const ModelSource& source) { return source.model != model; });
    return std::move(*found);
  }

  Status begin_parts(const std::vector<std::string>& parts, RolloutChange::Kind kind) {
    for (const std::string& part : parts) {
      TENBIN_TRY(NamedRolloutChange named, parse_rollout_part(part, kind));
      std::promise<Status> promise;
      server_->change_rollout(named.model, std::move(named.change),
                              [&promise](Status status) { promise.set_value(std::move(status)); });
      TENBIN_CHECK(promise.get_future().get());
    }
    return {};
  }

  // Beside the versions' folders; a model without versions has no rollout.
  static std::string rollout_path(const ModelSource& source) {
    if (source.version.empty()) return {};
    return join_path(folder_of(folder_of(source.files.front())), "rollout.json");
  }

  Status take_kept_rollouts() {
    std::set<std::string> seen;
    for (const ModelSource& source : sources_) {
      const std::string path = rollout_path(source);
      if (path.empty() || !seen.insert(source.model).second || !files_->info(path).ok()) continue;
      TENBIN_TRY(const std::string text, files_->read_text(path, 1 << 16));
      TENBIN_TRY(const Json kept, Json::parse(text));
      TENBIN_TRY(Rollout rollout, read_kept_rollout(kept, path));
      server_->set_rollout(source.model, std::move(rollout));
      notes_.push_back("model '" + source.model + "' goes on with the rollout of " + path);
    }
    return {};
  }

  // So that a version that was rolled back does not return with the next start.
  void keep_rollout(const std::string& model, const Rollout& rollout) {
    for (const ModelSource& source : sources_of(model)) {
      const std::string path = rollout_path(source);
      if (path.empty()) continue;
      const Status kept = files_->write_durable(path, kept_rollout_json(rollout).dump(2) + "\n");
      if (!kept.ok()) {
        server_->decide(
            {0, "rollout", model, "not kept for the next start", kept.error().to_string()});
      }
      return;
    }
  }

  Status check_names() const {
    std::set<std::string> seen;
    for (const ModelSource& source : sources_) {
      if (seen.insert(source.model + "/" + source.version).second) continue;
      return Error(ErrorCode::kBadValue, "two models are called '" + source.model + "'",
                   source.files.front(), "put each in a folder of its own name");
    }
    return {};
  }

  ServeOptions options_;
  ServeLimits limits_;
  Clock& clock_;
  int threads_;
  FileSystem* files_ = nullptr;
  std::vector<ModelSource> sources_;
  std::unique_ptr<Meter> meter_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<RunRecorder> recorder_;  // null: no ledger
  std::unique_ptr<EnergyShares> shares_;
  std::unique_ptr<ModelServer> server_;
  std::vector<std::string> notes_;
  PowerHold hold_;
};

}  // namespace

Result<std::unique_ptr<Serving>> Serving::open(const ServeOptions& options, FileSystem& files,
                                               Clock& clock, const MachineFacts& machine) {
  TENBIN_TRY(const ServeLimits limits,
             parse_serve_limits(options.slo, options.limit, options.throttle));
  const int threads = options.threads > 0 ? options.threads : machine.threads;
  auto serving = std::make_unique<RealServing>(options, limits, clock, threads);
  TENBIN_CHECK(serving->open(files, machine));
  return std::unique_ptr<Serving>(std::move(serving));
}

}  // namespace tenbin
