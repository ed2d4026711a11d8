// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/table_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return tenbin::fuzz_table(data, size, "libsvm");
}
