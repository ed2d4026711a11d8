// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenbin {

// Up to `count` of `names` that `wrong` was probably meant to be, nearest first (edit distance on
// lower-case text, at most a third of its length, or a shared prefix). Empty if none is near.
std::vector<std::string> nearest_names(std::string_view wrong, std::span<const std::string> names,
                                       std::size_t count = 3);

// "expected one of a, b, c" with at most `most` names, "(and 12 more)" after them.
std::string one_of(std::span<const std::string> names, std::size_t most = 12);

// "a, b, c and 12 more": at most `most` of the names.
std::string some_of(std::span<const std::string> names, std::size_t most = 6);

}  // namespace tenbin
