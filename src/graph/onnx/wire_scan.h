// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace tenbin {

// What the bytes are meant to be.
enum class WireRoot : std::uint8_t { kModel, kTensor, kSequence, kOptional };

// Walks the bytes of an ONNX message without keeping anything: every length lies within its
// message, messages nest no deeper than limits::kProtobufDepth, and messages and strings number no
// more than limits::kProtobufValues in all. So a small file cannot claim a large memory (an empty
// node costs two bytes on the wire and some hundred when parsed). Errors kBadModel, kTooLarge.
Status scan_wire(std::span<const std::byte> bytes, WireRoot root = WireRoot::kModel);

}  // namespace tenbin
