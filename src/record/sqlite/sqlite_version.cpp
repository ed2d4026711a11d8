// SPDX-License-Identifier: Apache-2.0
#include "record/sqlite/sqlite_version.h"

#include <sqlite3.h>

namespace tenbin {

std::string sqlite_version() { return sqlite3_libversion(); }

}  // namespace tenbin
