# SPDX-License-Identifier: Apache-2.0
# Run at each build: writes OUT, a source that knows the commit of SOURCE, if it differs.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude *
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "")
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT [[
#include "cli/command.h"
namespace tenbin {
std::string_view build_commit() { return "@commit@"; }
}  // namespace tenbin
]] @ONLY)
