// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "serve/request_queue.h"
#include "serve/serve_line.h"

namespace tenbin {

class ModelServer;
struct PickedVersion;

// Where the requests of one reading thread enter. Short models are answered on that thread, after
// it has read what there was to read; long ones go to the pool. Belongs to its thread.
class ServeLane {
 public:
  // `poke` is called from other threads when there may be something to do: have run_due() called
  // soon. `index` is the lane's session of every version.
  ServeLane(ModelServer& server, std::size_t index, std::function<void()> poke);
  ~ServeLane();
  ServeLane(const ServeLane&) = delete;

  // Checks the request and lets it wait for its turn, or refuses it. Its `done` is called now, in
  // run_due(), or on a thread of the pool.
  void submit(InferRequest request);
  // Why such a request would be refused, told before its tensors are read: under overload a refusal
  // must cost next to nothing. Counted; nothing: submit it.
  std::optional<Error> refusal(const std::string& model, const std::string& version,
                               Duration arrived, Duration deadline);
  // Runs batches of what waits here; returns the instant at which it wants to be called again.
  Duration run_due();

  void poke() const { poke_(); }

 private:
  void place(ServeJob job);
  void place_with_shadow(ServeJob job, PickedVersion picked);
  void run_batch_of(ServeLine& line, Duration now);
  void run_line(ServeLine& line, Duration until);
  Duration run_background(Duration until);
  void take_parked();

  ModelServer& server_;
  std::size_t index_;
  std::function<void()> poke_;
  std::map<const ServedVersion*, ServeLine> lines_;
  std::map<const ServedVersion*, ServeLine> background_;
  std::vector<InferRequest> parked_;  // for models that are being woken
  std::uint64_t generation_ = 0;      // of the registry, when parked_ was last looked at
};

}  // namespace tenbin
