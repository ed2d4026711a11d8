# SPDX-License-Identifier: Apache-2.0
# A catalogue: one file an entry, no list to edit by hand.
#
#   tenbin_catalogue(ROOM engine DIR ops PREFIX op_ TYPE OpEntry HEADER engine/op.h
#                    FUNCTION op_catalogue)
#
# Each src/engine/ops/op_<name>.cpp defines, in namespace tenbin,
#   const OpEntry& op_<name>();
# and has op_<name>_test.cpp beside it (configuration stops if not). The build writes one source
# that defines
#   std::span<const OpEntry* const> op_catalogue();
# which the header declares.
function(tenbin_catalogue)
  cmake_parse_arguments(C "" "ROOM;DIR;PREFIX;TYPE;HEADER;FUNCTION" "" ${ARGN})
  set(folder ${CMAKE_SOURCE_DIR}/src/${C_ROOM}/${C_DIR})
  file(GLOB files CONFIGURE_DEPENDS ${folder}/${C_PREFIX}*.cpp)
  list(FILTER files EXCLUDE REGEX "_test\\.cpp$")
  list(SORT files)
  set(declarations "")
  set(entries "")
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    get_filename_component(parent ${file} DIRECTORY)
    if(NOT EXISTS ${parent}/${stem}_test.cpp)
      message(FATAL_ERROR "catalogue ${C_FUNCTION}: ${stem}.cpp has no ${stem}_test.cpp beside it")
    endif()
    string(APPEND declarations "const ${C_TYPE}& ${stem}();\n")
    string(APPEND entries "      &${stem}(),\n")
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/${C_ROOM}/${C_FUNCTION}.cpp)
  if(entries STREQUAL "")
    set(body "  return {};\n")
  else()
    set(body "  static const ${C_TYPE}* const kEntries[] = {\n${entries}  };\n  return kEntries;\n")
  endif()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT
"// Written by cmake/catalogue.cmake.
#include <span>

#include \"${C_HEADER}\"

namespace tenbin {
${declarations}
std::span<const ${C_TYPE}* const> ${C_FUNCTION}() {
${body}}

}  // namespace tenbin
")
  target_sources(tenbin_${C_ROOM} PRIVATE ${out})
endfunction()
