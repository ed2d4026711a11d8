// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tenbin {

// How a node of a tree compares its feature with its threshold; a leaf does not.
enum class BranchMode : std::uint8_t {
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kLeaf
};

// Their names in nodes_modes, in order.
inline constexpr std::array<std::string_view, 7> kBranchModeNames = {
    "BRANCH_LT", "BRANCH_LEQ", "BRANCH_GT", "BRANCH_GTE", "BRANCH_EQ", "BRANCH_NEQ", "LEAF"};

inline std::string_view name_of(BranchMode mode) {
  return kBranchModeNames[static_cast<std::size_t>(mode)];
}

inline std::optional<BranchMode> branch_mode_of(std::string_view name) {
  for (std::size_t i = 0; i < kBranchModeNames.size(); ++i) {
    if (kBranchModeNames[i] == name) return static_cast<BranchMode>(i);
  }
  return std::nullopt;
}

// Whether a row with `x` goes to the child on the true side. A missing value (NaN) does where
// `missing_is_yes`, else as the comparison says: on kNotEqual alone.
inline bool goes_yes(BranchMode mode, float threshold, bool missing_is_yes, float x) {
  if (missing_is_yes && std::isnan(x)) return true;
  switch (mode) {
    case BranchMode::kLess: return x < threshold;
    case BranchMode::kLessEqual: return x <= threshold;
    case BranchMode::kGreater: return x > threshold;
    case BranchMode::kGreaterEqual: return x >= threshold;
    case BranchMode::kEqual: return x == threshold;
    case BranchMode::kNotEqual: return x != threshold;
    case BranchMode::kLeaf: break;
  }
  return false;
}

}  // namespace tenbin
