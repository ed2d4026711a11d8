// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "base/stop_question.h"
#include "compress/channel_groups.h"
#include "engine/train.h"
#include "tensor/batch_stream.h"

namespace tenbin {

// How much each channel matters; group after group. [groups][channels]
using ChannelScores = std::vector<std::vector<double>>;
// Divides by the mean over all groups; of zeros makes ones.
void to_mean_one(ChannelScores& scores);

// How much each channel of a group matters, by its weights: how strongly it is made (factors of its
// normalisations, else the norm of the weights that make it) times how strongly it is read. Of mean
// 1 in the group, so that groups compare. [channels]
// Source: Li et al. 2017, Pruning Filters for Efficient ConvNets (norms of filters); Liu et al.
// 2017, Network Slimming (factors of batch normalisation).
std::vector<double> weight_scores(const Graph& network, const ChannelGroup& group);

// By what arrives: what a channel adds to those that read it, as a share of all they get: its
// values over `rows` [n, ...] times the weights that multiply them, root of the mean square; mean
// over its readers. No labels. Groups compare as they are; of mean 1 over all.
// `groups`: as channel_groups() found them in this network. Errors: those of observe.
// Source: Sun et al. 2024, A Simple and Effective Pruning Approach for Large Language Models (norm
// of the input times weight), here over all weights of a channel.
Result<ChannelScores> activation_scores(const Graph& network, std::span<const ChannelGroup> groups,
                                        const Tensor& rows);

struct TaylorOptions {
  TrainOptions training;     // its loss, class weights, threads; the rest is not used
  std::int64_t batches = 0;  // at most; 0: the whole epoch
  StopQuestion may_go_on;    // asked before each batch
};

// By the loss: how much it would change, to first order, if nothing read the channel, |sum of w *
// dL/dw| over the weights that read it; mean over batches. Small batches tell more: over many rows
// the gradients of a trained network cancel. Groups compare as they are; of mean 1 over all.
// `rows`: with what `training.loss` needs. Errors: those of TrainPlan; kTooFewRows: no batch;
// kNonFinite: a gradient is not finite; those of the stream and of may_go_on.
// Source: Molchanov et al. 2019, Importance Estimation for Neural Network Pruning.
Result<ChannelScores> taylor_scores(const Graph& network, std::span<const ChannelGroup> groups,
                                    BatchStream& rows, const TaylorOptions& options);

}  // namespace tenbin
