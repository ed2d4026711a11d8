# SPDX-License-Identifier: Apache-2.0
find_package(SQLite3 REQUIRED)
target_link_libraries(tenbin_record PRIVATE SQLite::SQLite3)
