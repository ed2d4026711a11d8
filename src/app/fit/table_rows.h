// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app/fit/answers.h"
#include "app/fit/learn.h"
#include "tensor/batch_stream.h"

namespace tenbin {

// Names what is trained on, so that a checkpoint of other rows is refused.
std::string digest_of(std::span<const std::byte> features, const Answers& answers);

// What the candidates for a table share. Features beyond the memory limit go to a file, and what
// is held of the training rows is a sample of them.
struct TableRows {
  Tensor train_features, valid_features;
  Answers train, valid;  // of the features held
  std::string digest;
  std::string spool;  // file with the features and targets of all training rows; empty: all held
};
// Tells the observer of a spool. Errors: those of the engine, kIo.
Result<TableRows> table_rows(const Prepared& prepared, const LearnContext& context,
                             const TargetScale& scale);

// All training rows, shuffled, wherever they are.
Result<std::unique_ptr<BatchStream>> training_stream(const TableRows& rows,
                                                     const Prepared& prepared,
                                                     const LearnContext& context,
                                                     std::int64_t batch);

// Takes the file away when training is over.
class SpoolRemover {
 public:
  SpoolRemover(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~SpoolRemover();
  SpoolRemover(const SpoolRemover&) = delete;

 private:
  FileSystem& files_;
  std::string path_;
};

}  // namespace tenbin
