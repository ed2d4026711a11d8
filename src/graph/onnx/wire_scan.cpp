// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/wire_scan.h"

#include <array>
#include <cstdint>
#include <string>

#include "base/limits.h"

namespace tenbin {
namespace {

// The messages of onnx.proto that can hold others.
enum class Kind : std::uint8_t {
  kLeaf,
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSparse,
  kValueInfo,
  kType,
  kTensorType,
  kShape,
  kHolder,
  kSequence,
  kOptional,
  kFunction,
};

struct Edge {
  Kind parent;
  std::uint32_t field;
  Kind child;
};
constexpr auto kEdges = std::to_array<Edge>({
    {Kind::kModel, 7, Kind::kGraph},       {Kind::kModel, 25, Kind::kFunction},
    {Kind::kFunction, 7, Kind::kNode},     {Kind::kFunction, 11, Kind::kAttribute},
    {Kind::kGraph, 1, Kind::kNode},        {Kind::kGraph, 5, Kind::kTensor},
    {Kind::kGraph, 11, Kind::kValueInfo},  {Kind::kGraph, 12, Kind::kValueInfo},
    {Kind::kGraph, 13, Kind::kValueInfo},  {Kind::kGraph, 15, Kind::kSparse},
    {Kind::kNode, 5, Kind::kAttribute},    {Kind::kAttribute, 5, Kind::kTensor},
    {Kind::kAttribute, 6, Kind::kGraph},   {Kind::kSparse, 1, Kind::kTensor},
    {Kind::kValueInfo, 2, Kind::kType},    {Kind::kType, 1, Kind::kTensorType},
    {Kind::kTensorType, 2, Kind::kShape},  {Kind::kType, 4, Kind::kHolder},
    {Kind::kType, 9, Kind::kHolder},       {Kind::kHolder, 1, Kind::kType},
    {Kind::kSequence, 3, Kind::kTensor},   {Kind::kOptional, 3, Kind::kTensor},
    {Kind::kOptional, 5, Kind::kSequence},
});

Kind child_of(Kind parent, std::uint32_t field) {
  for (const Edge& edge : kEdges) {
    if (edge.parent == parent && edge.field == field) return edge.child;
  }
  return Kind::kLeaf;
}

Error cut(std::size_t at) {
  return Error(ErrorCode::kBadModel, "not an ONNX model, or cut short",
               "byte " + std::to_string(at));
}

class Scanner {
 public:
  explicit Scanner(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Status message(std::size_t end, Kind kind, int depth) {
    if (depth > limits::kProtobufDepth) {
      return Error(ErrorCode::kTooLarge,
                   "messages nested deeper than " + std::to_string(limits::kProtobufDepth));
    }
    while (at_ < end) {
      TENBIN_CHECK(field(end, kind, depth));
    }
    return {};
  }

 private:
  Result<std::uint64_t> varint(std::size_t end) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && at_ < end; shift += 7) {
      const auto byte = static_cast<std::uint64_t>(bytes_[at_++]);
      if (shift < 64) value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return cut(at_);
  }

  Status skip(std::size_t end, std::uint64_t length) {
    if (length > end - at_) return cut(at_);
    at_ += static_cast<std::size_t>(length);
    return {};
  }

  Status field(std::size_t end, Kind kind, int depth) {
    TENBIN_TRY(const std::uint64_t tag, varint(end));
    const std::uint64_t number = tag >> 3;
    if (number == 0 || number > 0x1fffffff) return cut(at_);
    switch (tag & 7) {
      case 0: {
        TENBIN_TRY([[maybe_unused]] const std::uint64_t value, varint(end));
        return {};
      }
      case 1: return skip(end, 8);
      case 5: return skip(end, 4);
      case 2: break;
      default: return cut(at_);  // groups: ONNX has none
    }
    TENBIN_TRY(const std::uint64_t length, varint(end));
    if (length > end - at_) return cut(at_);
    if (++values_ > limits::kProtobufValues) {
      return Error(ErrorCode::kTooLarge, "more than " + std::to_string(limits::kProtobufValues) +
                                             " messages and strings");
    }
    const Kind child = child_of(kind, static_cast<std::uint32_t>(number));
    if (child == Kind::kLeaf) return skip(end, length);
    return message(at_ + static_cast<std::size_t>(length), child, depth + 1);
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

Status scan_wire(std::span<const std::byte> bytes, WireRoot root) {
  if (bytes.empty()) return cut(0);
  Kind kind = Kind::kModel;
  switch (root) {
    case WireRoot::kModel: break;
    case WireRoot::kTensor: kind = Kind::kTensor; break;
    case WireRoot::kSequence: kind = Kind::kSequence; break;
    case WireRoot::kOptional: kind = Kind::kOptional; break;
  }
  return Scanner(bytes).message(bytes.size(), kind, 1);
}

}  // namespace tenbin
