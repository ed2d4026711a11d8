# SPDX-License-Identifier: Apache-2.0
# The numeric kernels: the one list of files with looser rules. A function may have 100 lines here
# (tools/check_sizes reads these patterns), and a scratch array need not be cleared before use.
# Included after the rooms, whose own flags for a file stay.
set(TENBIN_KERNELS
  src/engine/kernels/*.cpp
  src/engine/dnn/*.cpp
  src/meter/window.cpp)

foreach(pattern IN LISTS TENBIN_KERNELS)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${pattern})
  list(FILTER files EXCLUDE REGEX "_test\\.cpp$")
  if(files AND CMAKE_BUILD_TYPE STREQUAL "Release")
    set_property(SOURCE ${files} APPEND PROPERTY
      COMPILE_OPTIONS -ftrivial-auto-var-init=uninitialized)
    set_property(SOURCE ${files} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
  endif()
endforeach()
