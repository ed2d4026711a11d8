// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/stop_question.h"
#include "compress/prune.h"
#include "compress/recover.h"
#include "graph/graph.h"

namespace tenbin {

// A cut, and how far its answers are from the teacher's before it is trained: mean squared
// difference of logits over their mean square.
struct RankedCut {
  PrunedNetwork cut;
  std::string ranking;  // "activations", "gradients"
  double error = 0;
  std::optional<double> other_error;  // of the other ranking; nothing: it could not be had
};

// Cuts as options say (scores apart) by what channels add to their readers and by the slope of the
// loss towards the teacher's labels, and keeps the cut that answers more like the teacher. With one
// output there are no labels, and activations alone rank. `threads`: of the slopes. Errors: those
// of channel_groups, activation_scores, prune_channels and of `may_go_on`.
Result<RankedCut> cut_channels(const Graph& network, PruneOptions options,
                               const TeacherRows& teacher, int threads,
                               const StopQuestion& may_go_on = {});

}  // namespace tenbin
