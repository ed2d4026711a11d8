# SPDX-License-Identifier: Apache-2.0
# Debian's CMake package of oneDNN asks for OpenCL, which the CPU engine does not need.
find_library(TENBIN_DNNL dnnl REQUIRED)
find_path(TENBIN_DNNL_INCLUDE oneapi/dnnl/dnnl.hpp REQUIRED)
target_include_directories(tenbin_engine SYSTEM PRIVATE ${TENBIN_DNNL_INCLUDE})
find_package(OpenMP REQUIRED COMPONENTS CXX)
target_link_libraries(tenbin_engine PRIVATE ${TENBIN_DNNL} OpenMP::OpenMP_CXX)
# Kernels are written for the vectoriser: loops over whole buffers, no aliasing, and nobody reads the
# exception flags that would forbid it to choose between two results.
file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/engine/kernels/*.cpp)
list(FILTER kernels EXCLUDE REGEX "_test\\.cpp$")
set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "-O3;-fno-math-errno;-fno-trapping-math"
  SKIP_PRECOMPILE_HEADERS ON)
# Whole tensors go through these too; GCC 12 vectorises at -O2 only what costs nothing to try.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set_source_files_properties(src/engine/ops/op_arithmetic.cpp src/engine/ops/op_cast.cpp
    PROPERTIES COMPILE_OPTIONS "-ftree-vectorize;-fvect-cost-model=dynamic"
    SKIP_PRECOMPILE_HEADERS ON)
endif()
tenbin_catalogue(ROOM engine DIR ops PREFIX op_ TYPE OpEntry HEADER engine/op.h FUNCTION op_catalogue)
# The header of ONNX Runtime is optional; the library itself is found at run time.
# The last of the three headers setup installs stands for all.
find_path(TENBIN_ONNXRUNTIME_INCLUDE onnxruntime_ep_c_api.h PATHS /usr/local/lib/tenbin/include)
if(TENBIN_ONNXRUNTIME_INCLUDE)
  target_include_directories(tenbin_engine SYSTEM PRIVATE ${TENBIN_ONNXRUNTIME_INCLUDE})
endif()
find_library(TENBIN_XGBOOST xgboost REQUIRED)
find_path(TENBIN_XGBOOST_INCLUDE xgboost/c_api.h REQUIRED)
target_include_directories(tenbin_engine SYSTEM PRIVATE ${TENBIN_XGBOOST_INCLUDE})
target_link_libraries(tenbin_engine PRIVATE ${TENBIN_XGBOOST})
