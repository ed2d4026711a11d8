// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "serve/served_version.h"

namespace tenbin {

class FileSystem;

// The models at a path, by its layout:
//   a model file                                  one model, named after the file, or, if the file
//                                                 is called model.onnx, after its folder
//   a folder with *.onnx                          one model, named after the folder; several files
//                                                 are its variants, model.onnx first
//   <folder>/<model>/*.onnx                       a model for each folder
//   <folder>/<model>/<number>/*.onnx              the same with versions
// Errors: kUnreadableData (nothing there), kBadModel: no model in it, with what was expected.
Result<std::vector<ModelSource>> models_at(const std::string& path, FileSystem& files);

}  // namespace tenbin
