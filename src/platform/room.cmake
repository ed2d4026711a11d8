# SPDX-License-Identifier: Apache-2.0
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Threads REQUIRED)
target_link_libraries(tenbin_platform PRIVATE OpenSSL::Crypto OpenSSL::SSL PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
find_package(PkgConfig REQUIRED)
pkg_check_modules(TENBIN_NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
target_link_libraries(tenbin_platform PRIVATE PkgConfig::TENBIN_NGHTTP2)
