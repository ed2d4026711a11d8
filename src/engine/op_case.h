// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/elementwise.h"

namespace tenbin {

// Runs one call through its catalogue entry, prepared if the entry prepares: what tests use.
Result<std::vector<Tensor>> run_op(const OpCall& call, const std::vector<Tensor>& inputs);

}  // namespace tenbin
