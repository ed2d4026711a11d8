// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/inference_plan.h"
#include "platform/team.h"

namespace tenbin::dnn {

// One plan of one thread for the whole batch.
Result<std::unique_ptr<InferencePlan>> compile_single(const Graph& graph, std::int64_t batch,
                                                      Precision precision);

// The batch in tiles, each a plan of one thread, shared out over a team (borrowed; null: one of its
// own): no thread waits for another before the end, and a busy core costs only its tiles. The
// result of a row does not depend on who ran it.
Result<std::unique_ptr<InferencePlan>> compile_tiles(const Graph& graph, std::int64_t batch,
                                                     const PlanOptions& options);
// Whether a batch is worth it; below, one thread alone is faster.
bool takes_tiles(std::int64_t batch, int threads);

}  // namespace tenbin::dnn
