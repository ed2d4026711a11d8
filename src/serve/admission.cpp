// SPDX-License-Identifier: Apache-2.0
#include "serve/admission.h"

#include <algorithm>

namespace tenbin {

Admission decide(const LoadSnapshot& load) {
  if (load.waiting >= load.most) return Admission::kQueueFull;
  if (load.left != Duration::max() && load.wait + load.service > load.left) {
    return Admission::kTooLate;
  }
  // An empty queue is no overload, whatever came before.
  if (load.waiting > 0 && load.draw >= load.share) return Admission::kOverload;
  return Admission::kTake;
}

double next_share(const OverloadOptions& options, double share, Duration shortest_wait,
                  bool caught_up) {
  // Within a second from the least to all.
  if (caught_up) return std::min(1.0, share * options.regain + 0.05);
  if (shortest_wait > options.target) return std::max(options.least, share * options.lower);
  return std::min(1.0, share + options.raise);
}

Throttled take_token(const ThrottleRate& rate, TokenBucket& bucket, Duration now) {
  if (rate.per_second <= 0) return {};
  bucket.tokens =
      std::min(rate.burst, bucket.tokens + in_seconds(now - bucket.filled) * rate.per_second);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return {};
  }
  return {false, seconds((1 - bucket.tokens) / rate.per_second)};
}

}  // namespace tenbin
