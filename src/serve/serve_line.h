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
  std::optional<Duration> slo;  // a request that would take longer is not taken
};

// The requests that wait for one version, and who of those that come may join them. Not
// thread-safe.
class ServeLine {
 public:
  ServeLine(std::shared_ptr<ServedVersion> version, LineOptions options)
      : version_(std::move(version)), options_(options) {}

  // Takes the job; or gives the reason why not, and leaves it alone.
  std::optional<Error> join(ServeJob& job, Duration now);
  // Why a request of one row that arrived and must be answered then could not join, as far as can
  // be told before it is read.
  std::optional<Error> refusal(Duration arrived, Duration deadline, Duration now) const;
  // The next batch; what need not be answered any more goes to `dropped`. Empty: nothing waits.
  std::vector<ServeJob> next(Duration now, std::vector<ServeJob>& dropped);
  // Those that need not be answered any more, while none can be computed.
  void expire(Duration now, std::vector<ServeJob>& dropped);
  bool empty() const { return queue_.empty(); }
  const std::shared_ptr<ServedVersion>& version() const { return version_; }

 private:
  LoadSnapshot load(std::int64_t rows, Duration arrived, Duration deadline, Duration now) const;
  std::optional<Error> error_of(Admission admission, const LoadSnapshot& load) const;
  void note_wait(Duration wait, Duration now);
  void note_pace(std::int64_t rows, Duration now);
  Duration row_time() const;
  BatchLimits limits_now() const;

  std::shared_ptr<ServedVersion> version_;
  LineOptions options_;
  RequestQueue queue_;
  std::int64_t rows_ = 0;  // waiting
  double share_ = 1;       // admitted under overload
  Duration shortest_ = Duration::max(), looked_{};
  Duration overloaded_until_{};
  bool caught_up_ = false;       // nobody waited and nothing was computed since the last look
  std::int64_t taken_rows_ = 0;  // of the last batch
  std::uint64_t lots_ = 0;
  // How fast the line moves while it is never empty: what the threads really get done, beside all
  // else that they do.
  double row_ns_ = 0;            // 0: not seen yet
  std::size_t paced_ = 0;        // the variant whose pace it is
  Duration moved_{};             // when the last batch was taken
  std::int64_t moved_rows_ = 0;  // its rows; 0: the line was empty behind it
};

// Moves the inputs of the request into the job (whose version is set), in the model's order, and
// checks their types and shapes and the outputs asked for. Error kInputMismatch with what was
// found, what is expected, and where.
Status fill_job(InferRequest& request, ServeJob& job);

// Why a job that the line dropped is not answered.
Error dropped_error(const ServeJob& job);

}  // namespace tenbin
