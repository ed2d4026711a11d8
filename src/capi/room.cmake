# SPDX-License-Identifier: Apache-2.0
# The shared library for programs of others: nothing but the names of tenbin.h is seen from outside.
add_library(libtenbin SHARED ${folder}/capi.cpp)
target_link_libraries(libtenbin PRIVATE tenbin_engine tenbin_graph tenbin_platform tenbin_flags)
set_target_properties(libtenbin PROPERTIES OUTPUT_NAME tenbin SOVERSION 0
  VERSION ${PROJECT_VERSION} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
target_include_directories(libtenbin PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_options(libtenbin PRIVATE -Wl,--exclude-libs,ALL
  -Wl,--version-script=${folder}/libtenbin.map)
set_property(TARGET libtenbin APPEND PROPERTY LINK_DEPENDS ${folder}/libtenbin.map)
