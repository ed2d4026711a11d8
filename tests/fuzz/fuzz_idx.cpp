// SPDX-License-Identifier: Apache-2.0
// The first byte says where the images end and the labels begin.
#include "tests/fuzz/table_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = std::min<std::size_t>(data[0], size - 1) + 1;
  const auto* text = reinterpret_cast<const char*>(data);
  tenbin::MemoryFiles files;
  files.files["d/a-images-idx3-ubyte"] = std::string(text + 1, cut - 1);
  files.files["d/a-labels-idx1-ubyte"] = std::string(text + cut, size - cut);
  tenbin::read_any(files, "d/a-images-idx3-ubyte", "idx");
  return 0;
}
