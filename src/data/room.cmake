# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM data DIR transforms PREFIX transform_ TYPE TransformEntry
                 HEADER data/transforms/transform.h FUNCTION transform_catalogue)
tenbin_catalogue(ROOM data DIR formats PREFIX format_ TYPE FormatEntry
                 HEADER data/format.h FUNCTION format_catalogue)
find_package(ZLIB REQUIRED)
target_link_libraries(tenbin_data PRIVATE ZLIB::ZLIB)
find_package(PkgConfig REQUIRED)
pkg_check_modules(TENBIN_ZSTD REQUIRED IMPORTED_TARGET libzstd)
target_link_libraries(tenbin_data PRIVATE PkgConfig::TENBIN_ZSTD)
pkg_check_modules(TENBIN_IMAGES REQUIRED IMPORTED_TARGET libturbojpeg spng libwebp)
target_link_libraries(tenbin_data PRIVATE PkgConfig::TENBIN_IMAGES)
# DuckDB is a plug-in: only its header is needed to build, and without it reading tables says why not.
find_path(TENBIN_DUCKDB_INCLUDE duckdb.h PATHS /usr/local/lib/tenbin/include NO_DEFAULT_PATH)
if(TENBIN_DUCKDB_INCLUDE)
  target_include_directories(tenbin_data SYSTEM PRIVATE ${TENBIN_DUCKDB_INCLUDE})
  target_compile_definitions(tenbin_data PRIVATE TENBIN_HAVE_DUCKDB)
endif()
find_package(SQLite3 REQUIRED)
target_link_libraries(tenbin_data PRIVATE SQLite::SQLite3)
