// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace tenbin {

// Runs SQL on a DuckDB file that is made if absent, or in memory if `path` is empty; for tests.
Status run_duckdb(const std::string& path, const std::string& sql);

}  // namespace tenbin
