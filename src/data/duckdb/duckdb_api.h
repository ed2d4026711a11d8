// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <duckdb.h>

#include <string>

#include "base/result.h"

namespace tenbin {

// The functions of DuckDB that we call. "prepared_streaming" gives results chunk by chunk, so that
// a table need not fit into memory.
// clang-format off
#define TENBIN_DUCKDB_FUNCTIONS(X)                                                           \
  X(create_config) X(set_config) X(destroy_config) X(open_ext) X(close) X(connect)           \
  X(disconnect) X(query) X(prepare) X(prepare_error) X(destroy_prepare) X(bind_varchar)      \
  X(execute_prepared_streaming) X(result_error) X(destroy_result) X(column_count)            \
  X(column_name) X(column_type) X(fetch_chunk) X(destroy_data_chunk) X(data_chunk_get_size)  \
  X(data_chunk_get_vector) X(vector_get_data) X(vector_get_validity)                         \
  X(validity_row_is_valid) X(string_t_length) X(string_t_data) X(free) X(library_version)    \
  X(nparams) X(interrupt)
// clang-format on

struct DuckApi {
#define X(name) decltype(&::duckdb_##name) name = nullptr;
  TENBIN_DUCKDB_FUNCTIONS(X)
#undef X
};

// The plug-in's functions, loaded once. Error kMissingPlugin.
Result<const DuckApi*> load_duckdb();

// DuckDB's message without what only its own users would need, in one line.
std::string duckdb_message(const char* text);

// The same as an error about `path`; a row of delimited text that it refuses is told by line, with
// what was found and expected.
Error duckdb_error(const char* text, const std::string& path);

}  // namespace tenbin
