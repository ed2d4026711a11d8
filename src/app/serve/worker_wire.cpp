// SPDX-License-Identifier: Apache-2.0
#include "app/serve/worker_wire.h"

#include <cstring>

#include "base/limits.h"

namespace tenbin {

void WireWriter::number(std::int64_t value) {
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void WireWriter::text(std::string_view value) {
  number(static_cast<std::int64_t>(value.size()));
  bytes_.append(value);
}

void WireWriter::texts(const std::map<std::string, std::string>& values) {
  number(static_cast<std::int64_t>(values.size()));
  for (const auto& [name, value] : values) {
    text(name);
    text(value);
  }
}

void WireWriter::tensor(const Tensor& tensor) {
  number(static_cast<std::int64_t>(tensor.type()));
  number(static_cast<std::int64_t>(tensor.shape().size()));
  for (const std::int64_t size : tensor.shape()) number(size);
  if (tensor.is_string()) {
    for (const std::string& value : tensor.data<std::string>()) text(value);
    return;
  }
  const auto bytes = tensor.bytes();
  bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void WireWriter::value(const ValueInfo& value) {
  text(value.name);
  number(static_cast<std::int64_t>(value.type));
  number(static_cast<std::int64_t>(value.kind));
  number(value.has_shape ? 1 : 0);
  number(static_cast<std::int64_t>(value.shape.size()));
  for (const std::int64_t size : value.shape) number(size);
}

void WireWriter::error(const Error& error) {
  number(static_cast<std::int64_t>(error.code()));
  text(error.message());
  text(error.where());
  text(error.hint());
}

std::string_view WireReader::take(std::uint64_t size) {
  if (size > left_.size()) ok_ = false;
  if (!ok_) return {};
  const std::string_view out = left_.substr(0, static_cast<std::size_t>(size));
  left_.remove_prefix(out.size());
  return out;
}

std::int64_t WireReader::number() {
  std::int64_t value = 0;
  const std::string_view bytes = take(sizeof value);
  if (ok_) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string WireReader::text() { return std::string(take(static_cast<std::uint64_t>(number()))); }

std::map<std::string, std::string> WireReader::texts() {
  std::map<std::string, std::string> out;
  for (std::int64_t left = number(); ok_ && left > 0; --left) {
    std::string name = text();
    out[std::move(name)] = text();
  }
  return out;
}

Tensor WireReader::tensor() {
  const std::int64_t type = number(), rank = number();
  const auto element = static_cast<ElementType>(type);
  const bool known =
      type > 0 && type <= 16 && (element == ElementType::kString || element_size(element) > 0);
  if (!known || rank < 0 || rank > static_cast<std::int64_t>(limits::kTensorRank)) ok_ = false;
  Shape shape;
  std::uint64_t count = 1;
  for (std::int64_t d = 0; ok_ && d < rank; ++d) {
    shape.push_back(number());
    const auto size = static_cast<std::uint64_t>(shape.back());
    if (shape.back() < 0 || __builtin_mul_overflow(count, size, &count)) ok_ = false;
  }
  // As many bytes as are left at most: a size alone takes no memory.
  if (!ok_ || (element != ElementType::kString && count > left_.size()) ||
      count > left_.size() + 1) {
    ok_ = false;
    return {};
  }
  Tensor out(element, std::move(shape));
  if (out.is_string()) {
    for (std::string& value : out.data<std::string>()) value = text();
    return out;
  }
  const std::string_view bytes = take(out.byte_size());
  if (ok_ && !bytes.empty()) std::memcpy(out.bytes().data(), bytes.data(), bytes.size());
  return out;
}

ValueInfo WireReader::value() {
  ValueInfo out;
  out.name = text();
  out.type = static_cast<ElementType>(number());
  out.kind = static_cast<ValueKind>(number());
  out.has_shape = number() != 0;
  for (std::int64_t left = number(); ok_ && left > 0; --left) out.shape.push_back(number());
  return out;
}

Error WireReader::error() {
  const auto code = static_cast<ErrorCode>(number());
  std::string message = text(), where = text(), hint = text();
  if (!ok_) return Error(ErrorCode::kCommandFailed, "the model's worker sent no valid error");
  return Error(code, std::move(message), std::move(where), std::move(hint));
}

}  // namespace tenbin
