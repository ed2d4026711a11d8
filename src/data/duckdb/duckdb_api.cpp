// SPDX-License-Identifier: Apache-2.0
#ifdef TENBIN_HAVE_DUCKDB
#include "data/duckdb/duckdb_api.h"

#include <algorithm>

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

// The text between two marks; empty if they are not there.
static std::string between(const std::string& text, const std::string& begin,
                           const std::string& end) {
  const auto from = text.find(begin);
  if (from == std::string::npos) return {};
  const auto first = from + begin.size();
  return text.substr(first, std::min(text.find(end, first), text.size()) - first);
}

Error duckdb_error(const char* text, const std::string& path) {
  const std::string whole = text == nullptr ? "" : text;
  const std::string line = between(whole, "CSV Error on Line: ", "\n");
  if (line.empty()) return Error(ErrorCode::kMalformedData, duckdb_message(text), path);
  const std::string expected = between(whole, "Expected Number of Columns: ", " ");
  const std::string found = between(whole, " Found: ", "\n");
  std::string what = "row has " + found + " values, expected " + expected + " as in the header";
  if (expected.empty() || found.empty()) {
    what = between(whole, "Original Line: ", "\nPossible");  // the row, then what is wrong with it
    while (!what.empty() && what.back() == '\n') what.pop_back();
    what = "row is not valid: " + what.substr(what.rfind('\n') + 1);
  }
  return Error(ErrorCode::kMalformedData, what, path + ":" + line, "mend the row, or remove it");
}

}  // namespace tenbin
#endif
