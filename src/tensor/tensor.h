// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/element_type.h"
#include "tensor/shape.h"

namespace tenbin {

// A dense row-major tensor that owns its elements: numbers in a 64-byte aligned buffer, or strings.
// Copies share nothing (deep). Default: undefined type, empty.
class Tensor {
 public:
  Tensor() = default;
  // Zeros, or empty strings. `shape` must be static and within limits (asserted: check sizes from
  // outside with element_count first).
  Tensor(ElementType type, Shape shape);
  Tensor(const Tensor& other);
  Tensor& operator=(const Tensor& other);
  Tensor(Tensor&&) noexcept = default;
  Tensor& operator=(Tensor&&) noexcept = default;

  template <class T> static Tensor of(Shape shape, std::initializer_list<T> values) {
    return of(std::move(shape), std::span<const T>(values.begin(), values.size()));
  }
  template <class T> static Tensor of(Shape shape, std::span<const T> values) {
    Tensor out(kElementOf<T>, std::move(shape));
    assert(static_cast<std::int64_t>(values.size()) == out.count());
    std::copy(values.begin(), values.end(), out.data<T>().begin());
    return out;
  }
  template <class T> static Tensor scalar(T value) { return of<T>(Shape{}, {value}); }
  static Tensor strings(Shape shape, std::vector<std::string> values);

  ElementType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::int64_t count() const { return count_; }
  bool is_string() const { return type_ == ElementType::kString; }
  bool defined() const { return type_ != ElementType::kUndefined; }
  std::size_t byte_size() const { return static_cast<std::size_t>(count_) * element_size(type_); }

  // Elements; T must be the element type (asserted). std::string for strings.
  template <class T> std::span<T> data() {
    assert(kElementOf<T> == type_);
    if constexpr (std::is_same_v<T, std::string>) {
      return {strings_.data(), strings_.size()};
    } else {
      return {reinterpret_cast<T*>(bytes_.get()), static_cast<std::size_t>(count_)};
    }
  }
  template <class T> std::span<const T> data() const {
    return const_cast<Tensor*>(this)->data<T>();
  }
  // Raw bytes of a numeric tensor.
  std::span<std::byte> bytes() { return {bytes_.get(), byte_size()}; }
  std::span<const std::byte> bytes() const { return {bytes_.get(), byte_size()}; }

  // Another shape of the same count (asserted).
  void reshape(Shape shape);
  bool operator==(const Tensor& other) const;  // type, shape and bits

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  ElementType type_ = ElementType::kUndefined;
  Shape shape_ = {0};
  std::int64_t count_ = 0;
  std::unique_ptr<std::byte[], Free> bytes_;
  std::vector<std::string> strings_;
};

}  // namespace tenbin
