// SPDX-License-Identifier: Apache-2.0
#ifdef TENBIN_HAVE_DUCKDB
#include "data/duckdb/duckdb_api.h"

#include "platform/plugin.h"

namespace tenbin {

Result<const DuckApi*> load_duckdb() {
  static DuckApi api;
  static bool loaded = false;
  if (loaded) return &api;
  TENBIN_TRY(const auto plugin, load_plugin("libduckdb.so"));
#define X(name)                                               \
  {                                                           \
    TENBIN_TRY(void* found, plugin->symbol("duckdb_" #name)); \
    api.name = reinterpret_cast<decltype(api.name)>(found);   \
  }
  TENBIN_DUCKDB_FUNCTIONS(X)
#undef X
  loaded = true;
  return &api;
}

std::string duckdb_message(const char* text) {
  std::string out = text == nullptr ? "unknown failure" : text;
  for (const char* end : {"\nPossible", "\n\nPossible", "\n  file =", "\nLINE ", "\nOriginal"}) {
    if (const auto at = out.find(end); at != std::string::npos) out.resize(at);
  }
  for (char& c : out) c = c == '\n' ? ' ' : c;
  return out;
}

}  // namespace tenbin
#endif
