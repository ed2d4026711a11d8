// SPDX-License-Identifier: Apache-2.0
// What stands before every reader of text: decompression, in one go and in pieces alike, the look
// for encodings, and the inference of a column's type.
#include <string>

#include "data/compression/expand.h"
#include "data/text_check.h"
#include "data/type_scan.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenbin;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  MemoryFiles files;
  files.files["d/a"] = bytes;
  std::string pieces;
  const Status expanded = expand_file(files, "d/a", [&](std::string_view piece) -> Status {
    pieces += piece;
    return {};
  });
  const auto whole = expand_bytes(bytes, {1 << 26, false, {}});
  if (expanded.ok() && whole.ok() && *whole != pieces) __builtin_trap();
  TextCheck check;
  check.add(bytes);
  check.finish();
  if (check.bad_line > 0) {
    TextCheck again;
    again.add(latin1_to_utf8(bytes));
    again.finish();
    if (again.bad_line > 0) __builtin_trap();
  }
  std::vector<std::string> cells(1);
  for (const char c : bytes) {
    if (c == '\n')
      cells.emplace_back();
    else
      cells.back() += c;
  }
  const Column column = infer_string_type("a", cells, {"?", "NA"});
  if (column.rows() != static_cast<std::int64_t>(cells.size())) __builtin_trap();
  return 0;
}
