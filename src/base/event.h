// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/units.h"

namespace tenbin {

// Something that took time inside a run. Instants are on the steady clock.
struct Event {
  std::string what;         // "stage", "epoch", "checkpoint", ...
  std::string name;         // "train", "epoch 3", ...
  Duration begin{}, end{};  // steady instants
  std::int64_t items = 0;   // rows or images handled; 0 if it counts nothing
};

// Receives events. Called from the thread that did the work; must not throw or block for long.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void emit(const Event& event) = 0;
};

}  // namespace tenbin
