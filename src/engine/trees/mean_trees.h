// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "base/result.h"
#include "tensor/op_call.h"

namespace tenbin {

// One tree ensemble that gives the mean of several: before the post-transform of a classifier, of
// the values of a regressor. All are of one operator, with the same classes, inputs and outputs, as
// fit_trees makes them. Their trees stand one after another, each leaf weight divided by the
// number of ensembles. Error kBug: ensembles that differ in kind, or none.
Result<OpCall> mean_of_trees(std::span<const OpCall> ensembles);

}  // namespace tenbin
