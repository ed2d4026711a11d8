// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/profile/profile.h"

namespace tenbin {

struct Target;

// Everything about one column. `target` may be null (the target itself).
ColumnProfile profile_column(const Column& column, const Target* target);

// The finite values of a number, boolean or time column, ascending.
std::vector<double> sorted_values(const Column& column, const std::vector<std::int64_t>* rows);
// Linear interpolation between neighbours; `sorted` not empty.
double quantile(const std::vector<double>& sorted, double share);

}  // namespace tenbin
