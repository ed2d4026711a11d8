// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/result.h"
#include "base/units.h"
#include "tensor/tensor.h"

namespace tenbin {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// What answering one request took, as far as it is known when it is answered.
struct RequestCost {
  Energy energy, low, high;  // 95 % interval
  Provenance provenance = Provenance::kModelled;
  double money = 0;  // in main units of `currency`
  Currency currency;
};

struct InferAnswer {
  std::string model, version;
  std::string variant;  // which of the model's variants answered; empty: it has one
  std::vector<NamedTensor> outputs;
  Duration queued{}, computed{};  // waiting for its batch; its batch
  std::int64_t batch_rows = 0;    // of all requests that were answered with it
  std::optional<RequestCost> cost;
};

// Set when nobody waits for the answer any more.
using CancelFlag = std::atomic<bool>;

// A request for the answers of a model. Instants are on the steady clock.
struct InferRequest {
  std::string model;
  std::string version;              // empty: the newest that is ready
  std::vector<NamedTensor> inputs;  // in any order
  std::vector<std::string> wanted;  // names of outputs; empty: all
  Duration arrived{};
  Duration deadline = Duration::max();
  int priority = 0;                       // 0: as any other; else 1 (highest) and up
  std::string client;                     // who is throttled: a token's name, or an address
  std::shared_ptr<CancelFlag> cancelled;  // may be null
  // Called exactly once, on the thread that computed the answer or refused the request. Errors:
  // kUnknownModel, kNotReady, kInputMismatch, kOverloaded, kDeadlinePassed,
  // kThrottled, kCancelled, and those of the engine.
  std::function<void(Result<InferAnswer>)> done;
};

}  // namespace tenbin
