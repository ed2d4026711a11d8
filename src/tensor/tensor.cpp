// SPDX-License-Identifier: Apache-2.0
#include "tensor/tensor.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace tenbin {
namespace {
constexpr std::align_val_t kAlignment{64};  // a cache line, an AVX-512 register
}

void Tensor::Free::operator()(std::byte* p) const { ::operator delete[](p, kAlignment); }

Tensor::Tensor(ElementType type, Shape shape)
    : type_(type), shape_(std::move(shape)), count_(count_of(shape_)) {
  assert(is_static(shape_));
  if (is_string()) {
    strings_.resize(static_cast<std::size_t>(count_));
    return;
  }
  const std::size_t size = std::max<std::size_t>(byte_size(), 1);
  bytes_.reset(new (kAlignment) std::byte[size]);
  std::memset(bytes_.get(), 0, size);
}

Tensor::Tensor(const Tensor& other) { *this = other; }

Tensor& Tensor::operator=(const Tensor& other) {
  if (this == &other) return *this;
  type_ = other.type_;
  shape_ = other.shape_;
  count_ = other.count_;
  strings_ = other.strings_;
  bytes_.reset();
  if (other.bytes_ != nullptr) {
    const std::size_t size = std::max<std::size_t>(byte_size(), 1);
    bytes_.reset(new (kAlignment) std::byte[size]);
    std::memcpy(bytes_.get(), other.bytes_.get(), byte_size());
  }
  return *this;
}

Tensor Tensor::strings(Shape shape, std::vector<std::string> values) {
  Tensor out;
  out.type_ = ElementType::kString;
  out.shape_ = std::move(shape);
  out.count_ = count_of(out.shape_);
  assert(static_cast<std::int64_t>(values.size()) == out.count_);
  out.strings_ = std::move(values);
  return out;
}

void Tensor::reshape(Shape shape) {
  assert(count_of(shape) == count_);
  shape_ = std::move(shape);
}

bool Tensor::operator==(const Tensor& other) const {
  if (type_ != other.type_ || shape_ != other.shape_) return false;
  if (is_string()) return strings_ == other.strings_;
  return byte_size() == 0 || std::memcmp(bytes_.get(), other.bytes_.get(), byte_size()) == 0;
}

}  // namespace tenbin
