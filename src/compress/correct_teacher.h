// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace tenbin {

// Where a teacher is wrong, its largest logit and that of the true class change places: what it
// thinks of all others is still taught. `logits` [rows, outputs]; `labels` [rows], classes from 0,
// -1 unknown. Which output stands for which class is found by how often they meet. Returns how many
// rows were wrong; nothing, and nothing is changed, if outputs and classes do not pair off.
// Source: Wen et al. 2021, Preparing Lessons: Improve Knowledge Distillation with Better
// Supervision (probability shift).
std::optional<std::int64_t> correct_teacher(std::span<float> logits, std::int64_t outputs,
                                            std::span<const std::int64_t> labels);

}  // namespace tenbin
