// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "data/read.h"
#include "data/table.h"
#include "tests/fuzz/memory_files.h"

namespace tenbin {

// Any bytes are a table or an error; a table's columns are all as long as it says.
inline void read_any(MemoryFiles& files, const std::string& path, const std::string& format) {
  ReadOptions options;
  options.format = format;
  options.memory_limit = Bytes{std::int64_t{64} << 20};
  const auto data = read_dataset(files, path, options);
  if (!data.ok()) {
    if (data.error().message().empty()) __builtin_trap();
    return;
  }
  if (data->table.rows <= 0) __builtin_trap();
  for (const Column& column : data->table.columns) {
    if (column.rows() != data->table.rows) __builtin_trap();
    (void)column.text_at(data->table.rows - 1);
  }
}

inline int fuzz_table(const std::uint8_t* bytes, std::size_t size, const char* format) {
  MemoryFiles files;
  files.files["d/a"] = std::string(reinterpret_cast<const char*>(bytes), size);
  read_any(files, "d/a", format);
  return 0;
}

}  // namespace tenbin
