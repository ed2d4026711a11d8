# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM http DIR routes PREFIX route_ TYPE RouteEntry HEADER http/route.h
                 FUNCTION route_catalogue)
tenbin_catalogue(ROOM http DIR grpc PREFIX method_ TYPE RouteEntry HEADER http/route.h
                 FUNCTION grpc_catalogue)

# Messages of gRPC: written by protoc at build time, on the small runtime. The door is http/grpc/.
find_package(Protobuf REQUIRED)
set(wire ${CMAKE_BINARY_DIR}/generated/http/wire)
set(protos inference health reflection)
list(TRANSFORM protos PREPEND ${CMAKE_SOURCE_DIR}/src/http/grpc/ OUTPUT_VARIABLE proto_paths)
list(TRANSFORM proto_paths APPEND .proto)
list(TRANSFORM protos PREPEND ${wire}/http/grpc/ OUTPUT_VARIABLE messages)
list(TRANSFORM messages APPEND .pb.cc)
add_custom_command(OUTPUT ${messages} ${wire}/descriptors.bin
  COMMAND ${CMAKE_COMMAND} -E make_directory ${wire}
  COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR}/src --cpp_out=${wire}
          --descriptor_set_out=${wire}/descriptors.bin ${proto_paths}
  DEPENDS ${proto_paths} COMMENT "Writing gRPC messages" VERBATIM)
# A library of its own: generated code does not answer to our warnings.
add_library(tenbin_grpc_wire STATIC ${messages})
target_include_directories(tenbin_grpc_wire SYSTEM PUBLIC ${wire} ${Protobuf_INCLUDE_DIRS})
target_link_libraries(tenbin_grpc_wire PUBLIC protobuf::libprotobuf-lite)
target_link_libraries(tenbin_http PUBLIC tenbin_grpc_wire)  # tests of http/grpc read messages too

set(live ${CMAKE_SOURCE_DIR}/web/live)
set(pages ${CMAKE_BINARY_DIR}/generated/http/pages.cpp)
set(embedded live_html=${live}/index.html live_css=${live}/live.css live_js=${live}/live.js
             grpc_descriptors=${wire}/descriptors.bin)
list(JOIN embedded "|" embedded_list)
add_custom_command(OUTPUT ${pages}
  COMMAND ${CMAKE_COMMAND} -DOUT=${pages} "-DFILES=${embedded_list}"
    -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${live}/index.html ${live}/live.css ${live}/live.js ${wire}/descriptors.bin
          ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  VERBATIM)
target_sources(tenbin_http PRIVATE ${pages})
