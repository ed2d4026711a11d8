# SPDX-License-Identifier: Apache-2.0
# Language, warnings, hardening, linker, compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(TENBIN_CCACHE ccache)
if(TENBIN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Builds in different folders share their results.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${TENBIN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

find_program(TENBIN_MOLD mold)
if(TENBIN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(tenbin_flags INTERFACE)
target_compile_options(tenbin_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wimplicit-fallthrough -Wformat=2 -Werror
  -Werror=vla -fstack-protector-strong -fno-strict-overflow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tenbin_flags INTERFACE -Wbidi-chars=any)
endif()
target_compile_definitions(tenbin_flags INTERFACE
  _GLIBCXX_ASSERTIONS TENBIN_VERSION="${PROJECT_VERSION}")
# What ships is hardened. Assertions stay on in every build: no build type defines NDEBUG.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT CMAKE_CXX_FLAGS MATCHES "sanitize")
  target_compile_options(tenbin_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -Walloca -fstack-clash-protection
    -fno-delete-null-pointer-checks -fno-strict-aliasing)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(tenbin_flags INTERFACE -fcf-protection=full)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(tenbin_flags INTERFACE -ftrivial-auto-var-init=zero)
  else()
    target_compile_options(tenbin_flags INTERFACE -ftrivial-auto-var-init=pattern)
  endif()
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(-march=x86-64-v2)
endif()

# Standard headers that most sources read, parsed once for each target: half the time of a small
# source. Not with Clang, whose builds so still find a source that forgot an #include. A source with
# options of its own cannot share what was parsed under others. GCC 12 forgets that precompiled
# headers are the system's and warns of their insides; those warnings are off here.
set(TENBIN_COMMON_HEADERS <algorithm> <array> <charconv> <cmath> <cstdint> <cstring> <functional>
  <limits> <map> <memory> <numeric> <optional> <set> <span> <string> <string_view> <unordered_map>
  <utility> <variant> <vector>)
function(tenbin_precompile target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_precompile_headers(${target} PRIVATE ${TENBIN_COMMON_HEADERS})
    target_compile_options(${target} PRIVATE
      -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endfunction()
