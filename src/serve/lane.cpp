// SPDX-License-Identifier: Apache-2.0
#include "serve/lane.h"

#include <algorithm>

#include "platform/clock.h"
#include "serve/model_server.h"
#include "serve/shadow.h"

namespace tenbin {
namespace {

constexpr Duration kLongestRound = 5ms;  // of computing before sockets are looked at again
constexpr Duration kParkedLook = 50ms;   // at the deadlines of requests that wait for a model

LineOptions line_options(const ModelServerOptions& server) {
  LineOptions options;
  options.most_waiting = server.queue;
  options.batch.longest = kLongestRound;
  options.slo = server.slo;
  if (server.slo) options.overload.target = std::min<Duration>(20ms, *server.slo / 4);
  return options;
}

}  // namespace

ServeLane::ServeLane(ModelServer& server, std::size_t index, std::function<void()> poke)
    : server_(server), index_(index), poke_(std::move(poke)) {
  server_.add_lane(*this);
}

ServeLane::~ServeLane() { server_.remove_lane(*this); }

void ServeLane::submit(InferRequest request) {
  const ModelServerOptions& options = server_.options();
  const Duration now = server_.clock().steady_now();
  if (request.deadline == Duration::max()) {
    request.deadline = request.arrived + options.default_deadline;
  }
  auto found = server_.pick(request.model, request.version);
  if (!found.ok() || found->version->asleep()) {
    const ModelState state = server_.state(request.model, request.version);
    const bool comes = state == ModelState::kAsleep || state == ModelState::kLoading;
    if (!comes && !found.ok()) return request.done(found.error());
    if (static_cast<std::int64_t>(parked_.size()) >= options.queue) {
      return request.done(Error(ErrorCode::kOverloaded, "too many requests wait for model '" +
                                                            request.model + "' to load"));
    }
    server_.wake(request.model);
    parked_.push_back(std::move(request));
    return;
  }
  ServeJob job;
  job.version = std::move(found->version);
  if (const Throttled throttled = server_.throttle(request.client, now); !throttled.go) {
    job.version->stats().refuse(ErrorCode::kThrottled);
    job.version->stats().fail.add(1, Duration::zero());
    return request.done(
        Error(ErrorCode::kThrottled, "client '" + request.client +
                                         "' sends more than its rate, try again in " +
                                         to_text(throttled.retry)));
  }
  if (!server_.takes_next()) {
    job.version->stats().rejected_power.fetch_add(1, std::memory_order_relaxed);
    job.version->stats().fail.add(1, Duration::zero());
    return request.done(Error(ErrorCode::kOverloaded, "the server holds its power limit"));
  }
  if (const Status filled = fill_job(request, job); !filled.ok()) {
    job.version->stats().fail.add(1, Duration::zero());
    return request.done(filled.error());
  }
  job.request = std::move(request);
  job.version->stats().under_way.fetch_add(1, std::memory_order_relaxed);
  if (found->shadow == nullptr) return place(std::move(job));
  place_with_shadow(std::move(job), std::move(*found));
}

void ServeLane::place_with_shadow(ServeJob job, PickedVersion picked) {
  auto shadow = shadow_job(job, std::move(picked.shadow), std::move(picked.shadow_stats));
  place(std::move(job));
  if (!shadow) return;
  shadow->version->stats().under_way.fetch_add(1, std::memory_order_relaxed);
  place(std::move(*shadow));
}

std::optional<Error> ServeLane::refusal(const std::string& model, const std::string& version,
                                        Duration arrived, Duration deadline) {
  const auto found = server_.find(model, version);
  if (!found.ok() || (*found)->asleep()) return std::nullopt;
  std::optional<Error> out;
  if ((*found)->pooled) {
    out = server_.pool_refusal(*found, arrived, deadline);
  } else if (const auto line = lines_.find(found->get()); line != lines_.end()) {
    out = line->second.refusal(arrived, deadline, server_.clock().steady_now());
  }
  if (out) {
    (*found)->stats().refuse(out->code());
    (*found)->stats().fail.add(1, Duration::zero());
  }
  return out;
}

void ServeLane::place(ServeJob job) {
  if (job.version->pooled) return server_.pool(std::move(job));
  auto& lines = job.background ? background_ : lines_;
  const auto [at, added] =
      lines.try_emplace(job.version.get(), job.version, line_options(server_.options()));
  if (const auto error = at->second.join(job, server_.clock().steady_now())) refuse(job, *error);
}

void ServeLane::run_batch_of(ServeLine& line, Duration now) {
  std::vector<ServeJob> dropped;
  std::vector<ServeJob> batch = line.next(now, dropped);
  for (ServeJob& job : dropped) refuse(job, dropped_error(job));
  if (batch.empty()) return;
  const std::size_t variant = line.version()->current.load(std::memory_order_relaxed);
  run_batch(std::move(batch), variant, index_, server_.clock(), server_.accountant());
}

void ServeLane::run_line(ServeLine& line, Duration until) {
  Clock& clock = server_.clock();
  for (Duration now = clock.steady_now(); !line.empty() && now < until; now = clock.steady_now()) {
    run_batch_of(line, now);
  }
}

// What may wait: only when nothing else does, and one batch at most before sockets are looked at.
Duration ServeLane::run_background(Duration until) {
  for (auto& [version, line] : background_) {
    if (line.empty()) continue;
    const Duration now = server_.clock().steady_now();
    if (now < until) run_batch_of(line, now);
    return Duration::zero();
  }
  return Duration::max();
}

void ServeLane::take_parked() {
  std::vector<InferRequest> parked;
  parked.swap(parked_);
  const Duration now = server_.clock().steady_now();
  for (InferRequest& request : parked) {
    const bool left = request.cancelled != nullptr && request.cancelled->load();
    if (left) {
      request.done(Error(ErrorCode::kCancelled, "the client left before the model was loaded"));
    } else if (request.deadline <= now) {
      request.done(Error(ErrorCode::kDeadlinePassed,
                         "the deadline passed before model '" + request.model + "' was loaded"));
    } else {
      submit(std::move(request));
    }
  }
}

Duration ServeLane::run_due() {
  if (server_.generation() != generation_) {
    generation_ = server_.generation();
    // Versions that are served no more leave memory with their line.
    for (auto* lines : {&lines_, &background_}) {
      std::erase_if(*lines, [](const auto& entry) { return entry.second.empty(); });
    }
  }
  if (!parked_.empty()) take_parked();
  const Duration until = server_.clock().steady_now() + kLongestRound;
  Duration next = Duration::max();
  // Answers may bring new requests, but of other lines only: an entry that is added stays.
  for (auto& [version, line] : lines_) {
    run_line(line, until);
    if (!line.empty()) next = Duration::zero();
  }
  if (next == Duration::max()) next = run_background(until);
  if (!parked_.empty()) next = std::min(next, server_.clock().steady_now() + kParkedLook);
  return next;
}

}  // namespace tenbin
