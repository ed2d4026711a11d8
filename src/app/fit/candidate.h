// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/fit/answers.h"
#include "app/fit/learn.h"
#include "tensor/batch_stream.h"

namespace tenbin {

// A network that may be trained, and how.
struct Candidate {
  std::string name;
  Graph graph;
  std::int64_t batch = 128;
  TrainOptions training;
};

// [B] that training it may plan with under the memory limit, beside what the process holds now and
// the copies that checkpoints and the best weights will take; 0: there is no limit. `more`: [B]
// that others will take until then.
Bytes plan_memory(const Candidate& candidate, const LearnContext& context, Bytes more = {});

// What all networks for this target share.
TrainOptions base_training(const Prepared& prepared, const FitOptions& options, int threads);

struct Streams {
  std::unique_ptr<BatchStream> train, valid;
};

// Trains one candidate under the budget, telling progress; checkpoints go to, and with --resume
// come from, the output folder under its `number`. `joules`: one a finished epoch.
Result<TrainResult> train_candidate(const Candidate& candidate, std::size_t number,
                                    Streams& streams, const Prepared& prepared,
                                    const LearnContext& context, const Answers& valid,
                                    std::vector<double>& joules);

// Notes what was tried, and makes it the best if it is: by its score, then by its loss.
void keep_better(Learned& best, bool& has_best, Candidate& candidate, TrainResult result,
                 std::vector<double> joules, Tried tried, const std::string& why);

// Of the epochs that were scored on validation rows.
std::optional<double> best_score(const TrainResult& result);
// The loss of the epoch whose weights were kept.
std::optional<double> best_loss(const TrainResult& result);

}  // namespace tenbin
