// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "app/shrink/document.h"

namespace tenbin {

class FileSystem;

// What a result promises by its options: fifty-one pairs of blocks.
Promise promise_of(const ShrinkOptions& options, const Limits& goals, int threads);

// The original as a file, and what is shipped.
struct BesideFiles {
  std::string original;  // path
  std::string shrunk;    // bytes
  int threads = 1;
  std::int64_t batch = 1;
};

// Both files in ONNX Runtime beside the shipped one in our engine. What is missing is said in
// `reason`; errors are those of `may_go_on` alone.
Result<Beside> measure_beside(const BesideFiles& of, const ShrinkRows& rows, FileSystem& files,
                              Meter& meter, Clock& clock, const std::function<Status()>& may_go_on);

}  // namespace tenbin
