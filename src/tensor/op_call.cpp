// SPDX-License-Identifier: Apache-2.0
#include "tensor/op_call.h"

namespace tenbin {
namespace {
template <class T> const T* typed(const OpCall& call, const std::string& key) {
  const Attribute* attribute = call.find(key);
  return attribute == nullptr ? nullptr : std::get_if<T>(attribute);
}
template <class T> T typed_or(const OpCall& call, const std::string& key, T fallback) {
  const T* value = typed<T>(call, key);
  return value == nullptr ? std::move(fallback) : *value;
}
}  // namespace

const Attribute* OpCall::find(const std::string& key) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? nullptr : &found->second;
}
std::int64_t OpCall::integer(const std::string& key, std::int64_t fallback) const {
  return typed_or<std::int64_t>(*this, key, fallback);
}
float OpCall::number(const std::string& key, float fallback) const {
  return typed_or<float>(*this, key, fallback);
}
std::string OpCall::text(const std::string& key, const std::string& fallback) const {
  return typed_or<std::string>(*this, key, fallback);
}
std::vector<std::int64_t> OpCall::integers(const std::string& key,
                                           std::vector<std::int64_t> fallback) const {
  return typed_or<std::vector<std::int64_t>>(*this, key, std::move(fallback));
}
std::vector<float> OpCall::numbers(const std::string& key) const {
  return typed_or<std::vector<float>>(*this, key, {});
}
std::vector<std::string> OpCall::texts(const std::string& key) const {
  return typed_or<std::vector<std::string>>(*this, key, {});
}
const Tensor* OpCall::tensor(const std::string& key) const { return typed<Tensor>(*this, key); }

}  // namespace tenbin
