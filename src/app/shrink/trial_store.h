// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/shrink/document.h"
#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

class FileSystem;

// What a search has tried and trained, a small file each in the output folder (trial-DIGEST.bin,
// network-DIGEST.bin, docs/formats/checkpoint.md), so that a run that was stopped goes on behind
// it.
class TrialStore {
 public:
  // `key` names model, rows and settings: files of others are not taken. Only with `resume` are
  // there any. Borrowed: files.
  TrialStore(FileSystem& files, std::string folder, std::string key, bool resume);

  // Nothing when there is none, or it is damaged or of another key. What it took is not counted
  // again.
  std::optional<Attempt> find(const ShrinkRecipe& recipe);
  Status keep(const Attempt& attempt);
  std::optional<Graph> find_network(const std::string& name);
  Status keep_network(const std::string& name, const Graph& network);
  int found() const { return found_; }
  // Takes away all that was found or kept.
  void clear();

 private:
  std::string path(const char* kind, const std::string& name);

  FileSystem& files_;
  std::string folder_, key_;
  bool resume_;
  int found_ = 0;
  std::vector<std::string> paths_;
};

}  // namespace tenbin
