// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "engine/dnn/program.h"

namespace tenbin::dnn {

// The same bytes held once in the process, for those who only read them: plans of one model for
// other batches, and of other threads, mostly pack its weights alike. Returns what was given, or
// what is there already, byte for byte equal. Thread-safe.
std::shared_ptr<float[]> share_floats(AlignedFloats floats, std::size_t bytes);

}  // namespace tenbin::dnn
