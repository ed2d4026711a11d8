# SPDX-License-Identifier: Apache-2.0
# Files as constants of the program: writes OUT, which defines in namespace tenbin
#   std::string_view <NAME>();
# for each pair "name=path" of FILES. Run by cmake -P, with FILES separated by '|'.
set(body "")
string(REPLACE "|" ";" pairs "${FILES}")
foreach(pair IN LISTS pairs)
  string(REGEX MATCH "^([a-z_]+)=(.*)$" matched "${pair}")
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND body "std::string_view ${name}() {
  static const unsigned char kBytes[] = {${bytes}};
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}
")
endforeach()
file(WRITE ${OUT} "// Written by cmake/embed.cmake.
#include <string_view>

namespace tenbin {
${body}
}  // namespace tenbin
")
