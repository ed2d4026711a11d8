# SPDX-License-Identifier: Apache-2.0
# What crosses rooms: tests/conformance, tests/faults and tests/e2e (one program each folder),
# tests/e2e scripts, tests/must_not_compile, tests/fuzz, and the benchmarks.
foreach(room IN LISTS TENBIN_ROOMS)
  list(APPEND all_rooms tenbin_${room})
endforeach()

if(TENBIN_TESTS)
  foreach(suite conformance faults e2e)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${suite}/*_test.cpp)
    if(sources)
      add_executable(tenbin_${suite}_test ${sources})
      target_include_directories(tenbin_${suite}_test PRIVATE ${CMAKE_SOURCE_DIR})
      target_compile_definitions(tenbin_${suite}_test PRIVATE
        TENBIN_PROGRAM="${CMAKE_BINARY_DIR}/bin/tenbin" TENBIN_SOURCE="${CMAKE_SOURCE_DIR}")
      add_dependencies(tenbin_${suite}_test tenbin)
      target_link_libraries(tenbin_${suite}_test PRIVATE ${all_rooms} tenbin_flags GTest::gtest_main)
      tenbin_test_program(tenbin_${suite}_test)
      gtest_discover_tests(tenbin_${suite}_test TEST_PREFIX "${suite}/" DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 900)
    endif()
  endforeach()

  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/e2e/*_test.py
    ${CMAKE_SOURCE_DIR}/tests/e2e/*_test.sh)
  foreach(script IN LISTS scripts)
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME e2e/${name} COMMAND ${script})
    set_tests_properties(e2e/${name} PROPERTIES
      ENVIRONMENT "TENBIN=${CMAKE_BINARY_DIR}/bin/tenbin;TENBIN_SOURCE=${CMAKE_SOURCE_DIR}"
      SKIP_RETURN_CODE 77 TIMEOUT 900)
  endforeach()

  # Each file must fail to compile, with the message its first line expects.
  file(GLOB refused CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/must_not_compile/*.cpp)
  foreach(file IN LISTS refused)
    get_filename_component(name ${file} NAME_WE)
    add_test(NAME must_not_compile/${name}
      COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/must_not_compile ${file}
              ${CMAKE_CXX_COMPILER} -std=c++20 -I${CMAKE_SOURCE_DIR}/src)
  endforeach()
  add_test(NAME house/must_not_compile_self_test
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/must_not_compile --self-test ${CMAKE_CXX_COMPILER})
endif()

# Fuzz targets, with Clang: the preset `fuzz` builds the rooms with coverage too. As a test each
# one replays its corpus; `make fuzz` lets them search.
if(TENBIN_FUZZ)
  enable_testing()
  add_custom_target(fuzz)
  file(GLOB targets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_*.cpp)
  foreach(file IN LISTS targets)
    get_filename_component(name ${file} NAME_WE)
    add_executable(${name} ${file})
    target_link_libraries(${name} PRIVATE ${all_rooms} tenbin_flags)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    add_dependencies(fuzz ${name})
    file(GLOB corpus CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}/*)
    add_test(NAME fuzz/${name} COMMAND ${name} -timeout=1 -rss_limit_mb=512 ${corpus})
    if(NOT corpus)
      set_tests_properties(fuzz/${name} PROPERTIES DISABLED TRUE)
    endif()
  endforeach()
endif()

include(bench)

# The house rules are tests too; each tool also proves that it can fail.
if(TENBIN_TESTS)
  foreach(check layers doors names sizes claims)
    add_test(NAME house/${check} COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/check_${check})
    add_test(NAME house/${check}_self_test
      COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/check_${check} --self-test)
  endforeach()
endif()
