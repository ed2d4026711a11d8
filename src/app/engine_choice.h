// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"

namespace tenbin {

class Clock;
class FileSystem;

// What runs a model, and why that.
struct ChosenEngine {
  std::unique_ptr<Session> session;
  std::string name;                // "native", "onnxruntime"
  std::string why;                 // in words
  std::vector<std::string> notes;  // notices for people
};

struct EngineRequest {
  std::string engine = "auto";  // auto, native, onnxruntime
  std::string path;             // of the model file
  int threads = 1;
  Precision precision = Precision::kFloat32;
};

// `sample`: inputs of the first rows, in the order of the session's inputs; empty function: none.
using SampleInputs = std::function<Result<std::vector<Tensor>>(const Session&)>;

// Opens the engine that was asked for. auto: with a sample, both run it in turns and the cheaper
// one is taken, if their answers agree; a model that the native engine lacks operators for goes to
// ONNX Runtime whole. Errors: kUnknownOption (no such engine), kUnsupportedOp with every operator,
// its nodes and the nearest way out, kMissingPlugin (onnxruntime asked for and absent),
// kInputMismatch. Precision bfloat16 is the native engine's alone: `why` then says how far its
// answers to the sample are from those in float32.
Result<ChosenEngine> open_engine(const EngineRequest& request, const Model& model,
                                 const SampleInputs& sample, FileSystem& files, Clock& clock);

// The answers' largest difference, relative to their size; texts and whole numbers: the share that
// differs. Nothing: shapes or types differ.
std::optional<double> largest_difference(std::span<const Tensor> a, std::span<const Tensor> b);

}  // namespace tenbin
