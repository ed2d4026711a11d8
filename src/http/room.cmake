# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM http DIR routes PREFIX route_ TYPE RouteEntry HEADER http/route.h
                 FUNCTION route_catalogue)
set(live ${CMAKE_SOURCE_DIR}/web/live)
set(pages ${CMAKE_BINARY_DIR}/generated/http/pages.cpp)
add_custom_command(OUTPUT ${pages}
  COMMAND ${CMAKE_COMMAND} -DOUT=${pages}
    "-DFILES=live_html=${live}/index.html|live_css=${live}/live.css|live_js=${live}/live.js"
    -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${live}/index.html ${live}/live.css ${live}/live.js ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  VERBATIM)
target_sources(tenbin_http PRIVATE ${pages})
