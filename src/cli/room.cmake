# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM cli DIR . PREFIX cmd_ TYPE CommandEntry HEADER cli/command.h
                 FUNCTION command_catalogue)
set(commit_source ${CMAKE_BINARY_DIR}/generated/cli/commit.cpp)
add_custom_target(tenbin_commit BYPRODUCTS ${commit_source} COMMENT ""
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUT=${commit_source}
    -P ${CMAKE_SOURCE_DIR}/cmake/commit.cmake)
target_sources(tenbin_cli PRIVATE ${commit_source})
add_dependencies(tenbin_cli tenbin_commit)
