// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "platform/file_system.h"

namespace tenbin {

// Weights that lie in files beside a model. Names come from outside: they are opened through
// FileSystem::open_beneath under the model's folder alone. Each byte belongs to one tensor; what
// lies between tensors is zero padding shorter than limits::kExternalGapBytes.
class ExternalData {
 public:
  // `files` is borrowed. `folder`: that of the model.
  ExternalData(FileSystem& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  // Takes bytes [offset, offset + length) of a file for one tensor; nothing is read, so that no
  // memory is taken for data that is not there. Errors kUnsafePath, kBadModel: past the end, or
  // taken already.
  Status claim(const std::string& location, std::int64_t offset, std::int64_t length);
  // Fills `into` from claimed bytes. Errors kIo, kBadModel (the file shrank).
  Status read(const std::string& location, std::int64_t offset, std::span<std::byte> into);
  // After the last claim. Error kBadModel: bytes that belong to no tensor and are not padding.
  Status check_gaps();

 private:
  struct File {
    std::unique_ptr<ReadableFile> file;
    std::int64_t size = 0;
    std::map<std::int64_t, std::int64_t> taken;  // begin to end, apart from each other
  };
  Result<File*> open(const std::string& location);

  FileSystem& files_;
  std::string folder_;
  std::map<std::string, File> open_;
};

}  // namespace tenbin
