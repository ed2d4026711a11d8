# SPDX-License-Identifier: Apache-2.0
# ONNX messages: written by protoc at build time, on the small runtime. The door is graph/onnx/.
find_package(Protobuf REQUIRED)
set(onnx_generated ${CMAKE_BINARY_DIR}/generated/graph/onnx_wire)
add_custom_command(
  OUTPUT ${onnx_generated}/graph/onnx/onnx.pb.cc ${onnx_generated}/graph/onnx/onnx.pb.h
  COMMAND ${CMAKE_COMMAND} -E make_directory ${onnx_generated}
  COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR}/src --cpp_out=${onnx_generated}
          ${CMAKE_SOURCE_DIR}/src/graph/onnx/onnx.proto
  DEPENDS ${CMAKE_SOURCE_DIR}/src/graph/onnx/onnx.proto
  COMMENT "Writing ONNX messages" VERBATIM)
# A library of its own: generated code does not answer to our warnings.
add_library(tenbin_onnx_wire STATIC ${onnx_generated}/graph/onnx/onnx.pb.cc
                                    ${onnx_generated}/graph/onnx/onnx.pb.h)
target_include_directories(tenbin_onnx_wire SYSTEM PUBLIC ${onnx_generated}
                                                          ${Protobuf_INCLUDE_DIRS})
target_link_libraries(tenbin_onnx_wire PUBLIC protobuf::libprotobuf-lite)
target_link_libraries(tenbin_graph PRIVATE tenbin_onnx_wire)

tenbin_catalogue(ROOM graph DIR schemas PREFIX schema_ TYPE SchemaFamily HEADER graph/schema.h
                 FUNCTION schema_catalogue)
tenbin_catalogue(ROOM graph DIR models PREFIX model_ TYPE ModelEntry HEADER graph/models/model.h
                 FUNCTION model_catalogue)
