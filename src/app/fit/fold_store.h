// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

class FileSystem;

// The finished folds of a cross-validation, a small file each in the output folder
// (fold-LEARNER-FOLD.bin: "TNBFOLD1", key, SHA-256 of the rest, the graph as ONNX), so that a run
// that was stopped goes on behind them.
class FoldStore {
 public:
  // `key` names rows and settings: files of others are not taken. Only with `resume` are there any.
  FoldStore(FileSystem& files, std::string folder, const std::string& key, bool resume);
  // Nothing when there is none, or it is damaged or of another key: it is then learned again.
  std::optional<Graph> find(std::size_t learner, int fold);
  // Writes it durably; gives it back as find() would, so that a resumed run computes the same.
  Result<Graph> keep(std::size_t learner, int fold, Graph graph);
  int found() const { return found_; }
  // Takes away all that was found or kept.
  void clear();

 private:
  std::string path(std::size_t learner, int fold) const;
  FileSystem& files_;
  std::string folder_, key_;
  bool resume_;
  int found_ = 0;
  std::vector<std::string> paths_;
};

}  // namespace tenbin
