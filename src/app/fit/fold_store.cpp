// SPDX-License-Identifier: Apache-2.0
#include "app/fit/fold_store.h"

#include <span>

#include "app/fit/keyed_file.h"
#include "graph/onnx.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::string_view kMagic = "TNBFOLD1";

Result<Graph> parsed(std::string_view bytes) {
  TENBIN_TRY(Model model, parse_onnx(std::as_bytes(std::span(bytes.data(), bytes.size()))));
  return std::move(model.graph);
}

}  // namespace

FoldStore::FoldStore(FileSystem& files, std::string folder, const std::string& key, bool resume)
    : files_(files), folder_(std::move(folder)), key_(key), resume_(resume) {}

std::string FoldStore::path(std::size_t learner, int fold) const {
  return join_path(folder_,
                   "fold-" + std::to_string(learner) + "-" + std::to_string(fold) + ".bin");
}

std::optional<Graph> FoldStore::find(std::size_t learner, int fold) {
  const std::string from = path(learner, fold);
  if (!resume_) return std::nullopt;
  const auto stored = read_keyed(files_, from, kMagic, key_);
  if (!stored) return std::nullopt;
  auto graph = parsed(*stored);
  if (!graph.ok()) return std::nullopt;
  ++found_;
  paths_.push_back(from);
  return std::move(*graph);
}

Result<Graph> FoldStore::keep(std::size_t learner, int fold, Graph graph) {
  Model model;
  model.opsets["ai.onnx.ml"] = 3;
  model.graph = std::move(graph);
  TENBIN_TRY(const std::string body, write_onnx(model));
  const std::string to = path(learner, fold);
  TENBIN_CHECK(write_keyed(files_, to, kMagic, key_, body));
  paths_.push_back(to);
  return parsed(body);
}

void FoldStore::clear() {
  for (const std::string& path : paths_) (void)files_.remove(path).ok();
  paths_.clear();
}

}  // namespace tenbin
