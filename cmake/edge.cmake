# SPDX-License-Identifier: Apache-2.0
# tenbin-edge: `tenbin serve` in one static file. The rooms' own sources, compiled for size, without
# what edge/ stands in for; the linker drops what serving does not reach.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR CMAKE_CXX_FLAGS MATCHES "sanitize" OR TENBIN_FUZZ)
  return()
endif()
foreach(library ssl crypto nghttp2 protobuf-lite)
  find_library(TENBIN_STATIC_${library} lib${library}.a)
  if(NOT TENBIN_STATIC_${library})
    message(STATUS "tenbin-edge is left out: lib${library}.a is not here")
    return()
  endif()
endforeach()

set(edge_sources "")
foreach(room base platform tensor graph engine meter plan serve app http cli)
  get_target_property(sources tenbin_${room} SOURCES)
  list(APPEND edge_sources ${sources})
endforeach()
foreach(wire onnx grpc)
  get_target_property(sources tenbin_${wire}_wire SOURCES)
  list(APPEND edge_sources ${sources})
endforeach()
list(FILTER edge_sources EXCLUDE REGEX
  "src/engine/(dnn|xgboost|onnxruntime)/|src/engine/train|src/graph/zoo/|/room\\.cpp$")
list(FILTER edge_sources EXCLUDE REGEX
  "src/app/(fit|shrink|profile|report|fakes)/|src/app/serve/manifests|base/yaml_text|src/app/(doctor|here|here_manifest|ledger_view|meter_command|model_rows|predict|zoo|folder_run)\\.cpp")
list(FILTER edge_sources EXCLUDE REGEX "generated/cli/command|http/route_case")
set(cli_left_out bench completion config doctor fit ledger man meter predict profile rollout shrink zoo)
list(JOIN cli_left_out "|" left_out)
list(FILTER edge_sources EXCLUDE REGEX
  "src/cli/(cmd_(${left_out})|command_case|main|fit_text|bench_text|plan_text|profile_text|shrink_text|work_lines)\\.cpp")
list(APPEND edge_sources ${CMAKE_SOURCE_DIR}/src/data/time_text.cpp)

# Where the time goes is compiled for speed all the same.
set(edge_fast ${edge_sources})
set(fast "src/engine/(kernels/.*|matmul|convolve|recurrent|ops/op_(dense|pool))\\.cpp$")
list(FILTER edge_fast INCLUDE REGEX "${fast}")
list(FILTER edge_sources EXCLUDE REGEX "${fast}")
add_library(tenbin_edge_fast STATIC ${edge_fast})
add_library(tenbin_edge_parts STATIC ${edge_sources})
file(GLOB stand_ins CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/edge/*.cpp)
set_source_files_properties(${CMAKE_SOURCE_DIR}/edge/plan.cpp PROPERTIES COMPILE_OPTIONS -O3)
add_executable(tenbin-edge ${CMAKE_SOURCE_DIR}/src/cli/main.cpp ${stand_ins})
foreach(target tenbin_edge_parts tenbin_edge_fast tenbin-edge)
  # Neither -pie nor -no-pie from CMake: -static-pie below is both.
  set_property(TARGET ${target} PROPERTY POSITION_INDEPENDENT_CODE)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  foreach(room platform graph http)
    target_include_directories(${target} SYSTEM PRIVATE
      $<TARGET_PROPERTY:tenbin_${room},INCLUDE_DIRECTORIES>)
  endforeach()
  target_link_libraries(${target} PRIVATE tenbin_flags)
  # Nothing of ours throws but what wraps oneDNN, which is not here.
  target_compile_options(${target} PRIVATE
    $<IF:$<STREQUAL:${target},tenbin_edge_fast>,-O2,-Os> -fPIE -ffunction-sections -fdata-sections
    -Wno-maybe-uninitialized  # of std::optional, where nothing is thrown
    -fno-exceptions -fno-asynchronous-unwind-tables -fno-unwind-tables)
  add_dependencies(${target} tenbin_grpc_wire tenbin_onnx_wire tenbin_http)
endforeach()
tenbin_precompile(tenbin_edge_parts)
tenbin_precompile(tenbin_edge_fast)
target_link_libraries(tenbin-edge PRIVATE tenbin_edge_parts tenbin_edge_fast tenbin_edge_parts
  ${TENBIN_STATIC_protobuf-lite}
  ${TENBIN_STATIC_ssl} ${TENBIN_STATIC_crypto} ${TENBIN_STATIC_nghttp2})
# Addresses are numbers or "localhost": what getaddrinfo would load at run time is not missed.
if(TENBIN_MOLD)
  set(fold -Wl,--icf=all)  # equal code once: nobody compares addresses of functions
else()
  set(fold -fuse-ld=bfd -Wl,--no-warnings)
endif()
target_link_options(tenbin-edge PRIVATE -static-pie -s -Wl,--gc-sections
  -Wl,-z,pack-relative-relocs -Wl,--build-id=none ${fold})
set_target_properties(tenbin-edge PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
