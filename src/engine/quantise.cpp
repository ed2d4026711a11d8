// SPDX-License-Identifier: Apache-2.0
#include "engine/quantise.h"

namespace tenbin {

Result<Quantisation> quantisation_of(const OpCall& call, const Tensor* scale, const Tensor* zero,
                                     std::int64_t entries) {
  Quantisation q{{1}, {0}};
  const auto fits = [&](const Tensor& t) { return t.count() == 1 || t.count() == entries; };
  for (const Tensor* operand : {scale, zero}) {
    if (operand == nullptr || fits(*operand)) continue;
    return bad_operands(call, "scale or zero point " + to_text(operand->shape()) +
                                  ", expected one entry or " + std::to_string(entries));
  }
  const auto none = [] { return std::vector<Tensor>(); };
  if (scale != nullptr) {
    TENBIN_CHECK(typed(call, scale->type(), kReals, [&]<class T>() {
      const auto values = scale->data<T>();
      q.scales.assign(values.begin(), values.end());
      return none();
    }));
  }
  if (zero != nullptr) {
    TENBIN_CHECK(typed(call, zero->type(), kQuantised, [&]<class T>() {
      const auto values = zero->data<T>();
      q.zeros.assign(values.begin(), values.end());
      return none();
    }));
  }
  return q;
}

Result<std::vector<std::int32_t>> without_zero(const OpCall& call, const Tensor& tensor,
                                               const Quantisation& q, std::int64_t inner) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(tensor.count()));
  const std::size_t entries = q.zeros.size();
  TENBIN_CHECK(typed(call, tensor.type(), kQuantised, [&]<class T>() {
    const auto values = tensor.data<T>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t entry = i / static_cast<std::size_t>(inner) % entries;
      out[i] = static_cast<std::int32_t>(values[i]) - q.zeros[entry];
    }
    return std::vector<Tensor>();
  }));
  return out;
}

}  // namespace tenbin
