// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/op.h"

namespace tenbin {

// Small numbers that differ, the same each time.
Tensor probe_numbers(Shape shape, std::uint64_t seed);

// The cases that all recurrent operators share; 3 hidden values, inputs as check_recurrent() says.
// The first is bidirectional with bias, lengths and an initial state.
std::vector<OpProbe> recurrent_probes(const std::string& op, std::int64_t gates,
                                      std::size_t outputs);

}  // namespace tenbin
