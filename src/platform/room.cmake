# SPDX-License-Identifier: Apache-2.0
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)
target_link_libraries(tenbin_platform PRIVATE OpenSSL::Crypto PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
