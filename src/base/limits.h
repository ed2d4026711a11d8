// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Every bound on what comes from outside: size, depth, count, time. One place, one reason each.
namespace tenbin::limits {

// JSON and protobuf.
inline constexpr std::size_t kJsonDepth = 64;                // stack safety
inline constexpr std::size_t kJsonBytes = 64u << 20;         // [B]
inline constexpr int kProtobufDepth = 64;                    // stack safety
inline constexpr std::size_t kProtobufValues = 4'000'000;    // memory is ~100x the wire
inline constexpr std::size_t kMessageValues = 1'000'000;     // of a gRPC message, the same reason
inline constexpr std::size_t kExternalGapBytes = 64u << 10;  // [B] padding between tensors

// ONNX models and tensors.
inline constexpr std::int64_t kModelBytes = std::int64_t{2} << 30;  // [B] protobuf's own bound
inline constexpr std::size_t kModelNodes = 100'000;
inline constexpr std::size_t kInlinedBytes = 256u << 20;   // [B] functions written out
inline constexpr std::size_t kAttributeBytes = 64u << 20;  // [B]
inline constexpr std::size_t kTensorRank = 16;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION  // work in proportion to a second and half a GB
inline constexpr std::int64_t kTensorElements = std::int64_t{1} << 18;
#else
inline constexpr std::int64_t kTensorElements = std::int64_t{1} << 31;
#endif
inline constexpr std::int64_t kFoldedBytes = 64 << 20;  // [B] a constant made before the run
inline constexpr std::int64_t kResultBytes = std::int64_t{2} << 30;  // [B] a value made in a run
inline constexpr std::size_t kTensorName = 256;                      // [B]
inline constexpr std::size_t kModelInputs = 16'384;                  // one per raw column
inline constexpr int kSubgraphDepth = 16;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr std::int64_t kLoopTrips = 1'000;
#else
inline constexpr std::int64_t kLoopTrips = 5'000'000;  // passes of bodies in one run
#endif
inline constexpr std::int64_t kLoopBytes = std::int64_t{64} << 30;  // [B] made by bodies in one run
inline constexpr std::int64_t kScanBytes = std::int64_t{2} << 30;   // [B] of slices a loop keeps

// Text and tables.
inline constexpr std::size_t kCsvLineBytes = 16u << 20;  // [B]
inline constexpr std::size_t kFieldBytes = 1u << 20;     // [B]
inline constexpr std::size_t kColumns = 16'384;
inline constexpr std::size_t kClasses = 10'000;
inline constexpr std::size_t kLabelBytes = 256;             // [B]
inline constexpr std::int64_t kDecompressionRatio = 1'000;  // IDX of blank images nears 1,000
inline constexpr std::int64_t kImagePixels = 100'000'000;   // per decoded image

// HTTP, both versions; of HTTP/1 the first five.
inline constexpr std::size_t kRequestLineBytes = 8u << 10;  // [B]
inline constexpr std::size_t kHeaderBytes = 32u << 10;      // [B] all headers of a request
inline constexpr std::size_t kHeaderFields = 100;
inline constexpr std::size_t kChunkExtensionBytes = 256;  // [B]
inline constexpr std::int64_t kRequestsPerConnection = 1'000;
inline constexpr std::int64_t kBodyBytes = std::int64_t{64} << 20;  // [B]
inline constexpr std::int64_t kConnections = 20'000;
inline constexpr std::int64_t kConnectionsPerSource = 256;  // this machine's own are not bounded
// Tensors that come in requests.
inline constexpr std::size_t kRequestTensors = 256;            // inputs, and outputs asked for
inline constexpr std::size_t kTensorNameBytes = 256;           // [B]
inline constexpr std::size_t kStringElementBytes = 16u << 20;  // [B]

// Names from outside that become paths.
inline constexpr std::size_t kPathBytes = 4'096;  // [B]

}  // namespace tenbin::limits
