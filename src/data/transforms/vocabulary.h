// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/transforms/transform.h"

namespace tenbin {

// A value of a category and the training rows that hold it.
struct CountedValue {
  std::string value;
  std::int64_t count = 0;
};

// The values that the training rows hold, most frequent first, then bytewise: the order never
// depends on the order of rows. Missing cells count as the value "".
std::vector<CountedValue> vocabulary_of(const Column& column, const FitScope& scope);

// FNV-1a, 64 bit, with the final mix of its low and high half; the same on every machine.
std::uint64_t text_hash(const std::string& text);

}  // namespace tenbin
