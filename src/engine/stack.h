// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tensor/op_call.h"

namespace tenbin {

// Memory of a tensor with what comes around it; of strings, without their text.
std::int64_t tensor_bytes(const Tensor& tensor);

// Slices that a loop collects to be joined along a new axis.
class Slices {
 public:
  // Error kTooLarge past limits::kScanBytes.
  Status add(Tensor tensor);
  std::vector<std::shared_ptr<const Tensor>>& list() { return list_; }
  const std::vector<std::shared_ptr<const Tensor>>& list() const { return list_; }

 private:
  std::vector<std::shared_ptr<const Tensor>> list_;
  std::int64_t bytes_ = 0;
};

// Joins tensors of one type along `axis`, which all have, or, when `new_axis`, along a new axis put
// there; negative axes count from the end. Error kBadShape, with what the list is: other sizes
// than along the axis differ, or the list is empty.
Result<Tensor> join_tensors(const std::vector<std::shared_ptr<const Tensor>>& list,
                            std::int64_t axis, bool new_axis, const std::string& what);

// What joining no slices along a new first axis gives; sizes that are not declared are 0.
Tensor no_slices(const ValueInfo& slice);

// Elements [begin, end) along `axis` of a tensor.
Tensor slice_axis(const Tensor& tensor, std::size_t axis, std::int64_t begin, std::int64_t end);

}  // namespace tenbin
