// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "compress/round_layers.h"

namespace tenbin {

// Rounds the weights of each layer one input after another; what each rounding is off is made up
// for by the inputs that still come, by least squares over samples of the layer's inputs. Far
// cheaper than learned rounding. Errors: those of round_layers.
// Source: Frantar et al. 2022, GPTQ: Accurate Post-Training Quantization for Generative
// Pre-trained Transformers.
Result<ChosenWeights> round_in_sequence(const Graph& graph, const Ranges& ranges,
                                        const Tensor& rows,
                                        const std::set<std::string>& in_floats = {},
                                        const RoundingOptions& options = {},
                                        const StopQuestion& may_go_on = {});

// The same of one layer alone. Inputs beyond 2048 are taken in blocks of so many, which do not
// make up for each other.
void round_in_sequence(const RoundingProblem& problem, std::span<float> steps);

}  // namespace tenbin
