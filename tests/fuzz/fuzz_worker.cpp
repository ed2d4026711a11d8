// SPDX-License-Identifier: Apache-2.0
// What a worker that went wrong may answer: tensors, values, texts and errors of any bytes. What is
// read is written again, and reads as the same.
#include <cstdint>
#include <string>

#include "app/serve/worker_wire.h"

namespace {

using namespace tenbin;

void read_all(std::string_view bytes) {
  WireReader in(bytes);
  const Tensor tensor = in.tensor();
  if (in.ok()) {
    WireWriter out;
    out.tensor(tensor);
    if (bytes.substr(0, out.bytes().size()) != out.bytes()) __builtin_trap();
  }
  const ValueInfo value = in.value();
  const auto texts = in.texts();
  const Error error = in.error();
  if (in.ok() && error.message().size() > bytes.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_all(bytes);
  WireReader texts(bytes);
  (void)texts.texts();
  WireReader values(bytes);
  (void)values.value();
  return 0;
}
