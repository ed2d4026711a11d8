// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "serve/admission.h"
#include "serve/request_queue.h"

namespace tenbin {

struct LineOptions {
  std::int64_t most_waiting = 4096;  // requests
  int threads = 1;                   // that take from it
  BatchLimits batch;
  OverloadOptions overload;
};

// The requests that wait for one version, and who of those that come may join them. Not
// thread-safe.
class ServeLine {
 public:
  ServeLine(std::shared_ptr<ServedVersion> version, LineOptions options)
      : version_(std::move(version)), options_(options) {}

  // Takes the job; or gives the reason why not, and leaves it alone.
  std::optional<Error> join(ServeJob& job, Duration now);
  // The next batch; what need not be answered any more goes to `dropped`. Empty: nothing waits.
  std::vector<ServeJob> next(Duration now, std::vector<ServeJob>& dropped);
  bool empty() const { return queue_.empty(); }
  const std::shared_ptr<ServedVersion>& version() const { return version_; }

 private:
  LoadSnapshot load(const ServeJob& job, Duration now);
  void note_wait(Duration wait, Duration now);

  std::shared_ptr<ServedVersion> version_;
  LineOptions options_;
  RequestQueue queue_;
  std::int64_t rows_ = 0;  // waiting
  double share_ = 1;       // admitted under overload
  Duration shortest_ = Duration::max(), looked_{};
  std::uint64_t lots_ = 0;
};

// Moves the inputs of the request into the job (whose version is set), in the model's order, and
// checks their types and shapes and the outputs asked for. Error kInputMismatch with what was
// found, what is expected, and where.
Status fill_job(InferRequest& request, ServeJob& job);

// Why a job that the line dropped is not answered.
Error dropped_error(const ServeJob& job);

}  // namespace tenbin
