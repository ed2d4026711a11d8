# SPDX-License-Identifier: Apache-2.0
# Debian's CMake package of oneDNN asks for OpenCL, which the CPU engine does not need.
find_library(TENBIN_DNNL dnnl REQUIRED)
find_path(TENBIN_DNNL_INCLUDE oneapi/dnnl/dnnl.hpp REQUIRED)
target_include_directories(tenbin_engine SYSTEM PRIVATE ${TENBIN_DNNL_INCLUDE})
find_package(OpenMP REQUIRED COMPONENTS CXX)
target_link_libraries(tenbin_engine PRIVATE ${TENBIN_DNNL} OpenMP::OpenMP_CXX)
# Kernels are written for the vectoriser: loops over whole buffers, no aliasing.
file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/engine/kernels/*.cpp)
list(FILTER kernels EXCLUDE REGEX "_test\\.cpp$")
set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "-O3;-fno-math-errno")
tenbin_catalogue(ROOM engine DIR ops PREFIX op_ TYPE OpEntry HEADER engine/op.h FUNCTION op_catalogue)
