# SPDX-License-Identifier: Apache-2.0
# Benchmarks: the harness with its tests, the peers, and one program a file, built by the target
# `bench` only. A peer whose library is not here is left out; the benches then say so.
add_custom_target(bench)
set(bench_folder ${CMAKE_BINARY_DIR}/bench)

file(GLOB harness CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/harness/*.cpp)
set(harness_tests ${harness})
list(FILTER harness_tests INCLUDE REGEX "_test\\.cpp$")
list(FILTER harness EXCLUDE REGEX "_test\\.cpp$")
add_library(tenbin_bench_harness STATIC EXCLUDE_FROM_ALL ${harness})
target_include_directories(tenbin_bench_harness PUBLIC ${CMAKE_SOURCE_DIR})
target_link_libraries(tenbin_bench_harness PUBLIC tenbin_engine tenbin_graph tenbin_platform
  PRIVATE tenbin_flags)
target_compile_definitions(tenbin_bench_harness
  PRIVATE TENBIN_BENCH_PEERS="${CMAKE_SOURCE_DIR}/bench/peers")
if(TENBIN_TESTS)
  add_executable(tenbin_bench_harness_test ${harness_tests})
  target_link_libraries(tenbin_bench_harness_test
    PRIVATE tenbin_bench_harness tenbin_flags GTest::gtest_main)
  gtest_discover_tests(tenbin_bench_harness_test TEST_PREFIX "bench/" DISCOVERY_MODE PRE_TEST)
endif()

add_library(tenbin_bench_worker STATIC EXCLUDE_FROM_ALL
  ${CMAKE_SOURCE_DIR}/bench/peers/worker.cpp)
target_include_directories(tenbin_bench_worker PUBLIC ${CMAKE_SOURCE_DIR})
target_link_libraries(tenbin_bench_worker PUBLIC tenbin_platform PRIVATE tenbin_flags)

function(tenbin_peer name)
  add_executable(peer_${name} EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/bench/peers/peer_${name}.cpp)
  target_link_libraries(peer_${name} PRIVATE tenbin_bench_worker tenbin_flags ${ARGN})
  set_target_properties(peer_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${bench_folder})
  add_dependencies(bench peer_${name})
endfunction()

tenbin_peer(tenbin tenbin_engine tenbin_data)
tenbin_peer(reference)
tenbin_peer(onnxruntime)
if(TENBIN_ONNXRUNTIME_INCLUDE)
  target_include_directories(peer_onnxruntime SYSTEM PRIVATE ${TENBIN_ONNXRUNTIME_INCLUDE})
endif()
# Debian's own package files want CUDA's; the two libraries are all that is needed.
find_path(TORCH_HEADERS torch/torch.h PATH_SUFFIXES torch/csrc/api/include)
find_library(TORCH_LIBRARY torch)
find_library(TORCH_CPU_LIBRARY torch_cpu)
find_library(C10_LIBRARY c10)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(STATUS "peer libtorch: left out, Clang does not compile Debian's headers of it; GCC does")
elseif(TORCH_HEADERS AND TORCH_LIBRARY AND TORCH_CPU_LIBRARY AND C10_LIBRARY)
  tenbin_peer(libtorch ${TORCH_LIBRARY} ${TORCH_CPU_LIBRARY} ${C10_LIBRARY})
  target_include_directories(peer_libtorch SYSTEM PRIVATE ${TORCH_HEADERS})
  # The header of Debian's 1.13.1 calls itself 1.13.0.
  execute_process(COMMAND dpkg-query -W -f "\${source:Upstream-Version}" libtorch-dev
    OUTPUT_VARIABLE torch_version ERROR_QUIET)
  string(REGEX MATCH "^[0-9.]*[0-9]" torch_version "${torch_version}")
  target_compile_definitions(peer_libtorch
    PRIVATE TENBIN_PEER_VERSION="$<IF:$<BOOL:${torch_version}>,${torch_version},unknown>")
endif()

file(GLOB benches CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/bench_*.cpp)
foreach(file IN LISTS benches)
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} EXCLUDE_FROM_ALL ${file})
  target_link_libraries(${name} PRIVATE tenbin_bench_harness tenbin_data tenbin_flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${bench_folder})
  add_dependencies(bench ${name})
  if(TENBIN_TESTS)
    set_target_properties(${name} peer_tenbin peer_reference peer_onnxruntime
      PROPERTIES EXCLUDE_FROM_ALL FALSE)
    add_test(NAME bench/${name} COMMAND ${name} --check)
    set_tests_properties(bench/${name} PROPERTIES TIMEOUT 300)
  endif()
endforeach()
target_link_libraries(bench_meter PRIVATE tenbin_app)  # the one that runs a use case
target_link_libraries(bench_shrink PRIVATE tenbin_app)  # and the one that runs two
target_link_libraries(bench_infer_int8 PRIVATE tenbin_compress)  # the one that quantises
target_link_libraries(bench_serve_burst PRIVATE tenbin_app)  # whose policies are simulated
target_link_libraries(bench_serve_overhead PRIVATE tenbin_app)
add_dependencies(bench_serve_overhead tenbin)
