// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/units.h"

namespace tenbin {

// The worker processes behind the sessions of a variant, one each: session i runs in worker i, and
// may be run while that is ready. Thread-safe.
class ReplicaSet {
 public:
  virtual ~ReplicaSet() = default;
  virtual bool ready(std::size_t index) const = 0;
  // How many there should be: those that are missing are started beside the work, those above end.
  virtual void want(int count) = 0;
  virtual int wanted() const = 0;
  virtual int ready_count() const = 0;
  virtual std::int64_t restarts() const = 0;  // of workers that crashed or hung
  // Why no worker is there and none will be for a while; empty: one is, or is on its way.
  virtual std::string why_none() const = 0;
  // Called when one has become ready, on the thread that started it; null: nobody wants to know any
  // more, and when this returns no call is under way.
  virtual void when_ready(std::function<void()> call) = 0;
};

// CPU time that other processes spent for what runs on this thread: who ran there adds to it, who
// accounts for it takes the difference.
Duration& cpu_elsewhere();

}  // namespace tenbin
