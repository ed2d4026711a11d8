// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

// "3.40.1": the SQLite in use.
std::string sqlite_version();

}  // namespace tenbin
