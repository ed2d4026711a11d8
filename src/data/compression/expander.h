// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tenbin {

// One way of decompressing: gets input in order, in pieces below 4 GB, gives output in order.
class Expander {
 public:
  virtual ~Expander() = default;
  // Takes from the front of `in` and replaces `out`; false: damaged. A full `out` (kExpanded bytes)
  // may mean that more is waiting, without input too.
  virtual bool step(std::string_view& in, std::string& out) = 0;
  virtual bool complete() const = 0;  // between members or frames
};
inline constexpr std::size_t kExpanded = std::size_t{1} << 18;  // [B]

// The one for a stream that begins like this; null: it is not compressed.
std::unique_ptr<Expander> expander_for(std::string_view head);

}  // namespace tenbin
