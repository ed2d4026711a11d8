// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"

#include <algorithm>
#include <future>
#include <set>
#include <span>

#include "app/engine_choice.h"
#include "app/measure.h"
#include "app/serve/energy_shares.h"
#include "graph/onnx.h"
#include "plan/power_guard.h"
#include "plan/serve_limits.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "serve/repository.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostModelBytes = std::int64_t{2} << 30;

// Sessions of a file. Its bytes are read once into memory of our own: what happens to the file
// afterwards is nothing to who is served. External data is read beside it.
OpenModel opener(std::string engine, FileSystem& files, Clock& clock) {
  return [engine = std::move(engine), &files, &clock](const std::string& path,
                                                      int sessions) -> Result<OpenedModel> {
    TENBIN_TRY(const std::string bytes, files.read_text(path, kMostModelBytes));
    // What was digested is what is parsed; only a model with data beside it is read by its path.
    auto parsed = parse_onnx(std::as_bytes(std::span(bytes)));
    if (!parsed.ok()) parsed = read_onnx(files, path);
    TENBIN_TRY(const Model model, std::move(parsed));
    TENBIN_TRY(ChosenEngine first, open_engine({engine, path, 1}, model, {}, files, clock));
    OpenedModel out;
    out.engine = first.name;
    out.why = first.why;
    out.digest = sha256_hex(bytes);
    out.bytes = static_cast<std::int64_t>(bytes.size());
    out.metadata = model.metadata;
    const std::string name = first.name;
    out.sessions.push_back(std::move(first.session));
    for (int i = 1; i < sessions; ++i) {
      TENBIN_TRY(ChosenEngine more, open_engine({name, path, 1}, model, {}, files, clock));
      out.sessions.push_back(std::move(more.session));
    }
    return out;
  };
}

class RealServing final : public Serving {
 public:
  RealServing(ServeOptions options, ServeLimits limits, Clock& clock, int threads)
      : options_(std::move(options)), limits_(limits), clock_(clock), threads_(threads) {}

  Status open(FileSystem& files, const MachineFacts& machine) {
    for (const std::string& path : options_.models) {
      TENBIN_TRY(const auto found, models_at(path, files));
      sources_.insert(sources_.end(), found.begin(), found.end());
    }
    if (!options_.name.empty()) TENBIN_CHECK(rename_only());
    TENBIN_CHECK(check_names());
    TENBIN_TRY(meter_, Meter::open(options_.meter, files, clock_, machine));
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
    server_ =
        ModelServer::create(server, opener(options_.engine, files, clock_), clock_, shares_.get());
    for (const ModelSource& source : sources_) server_->offer(source);
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
    return {};
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
    info.options = Json::object({{"models", Json::array_of(options_.models)}});
    info.version = TENBIN_VERSION;
    TENBIN_TRY(recorder_,
               RunRecorder::begin(ledger_.get(), *meter_, clock_, options_.prices, info));
    return {};
  }

  Status rename_only() {
    for (ModelSource& source : sources_) {
      if (source.model != sources_.front().model) {
        return Error(ErrorCode::kBadValue,
                     "--name names one model, found " + std::to_string(sources_.size()), "--name",
                     "leave it out: each is named after its folder");
      }
    }
    for (ModelSource& source : sources_) source.model = options_.name;
    return {};
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
