// SPDX-License-Identifier: Apache-2.0
#include "app/fit/fold_store.h"

#include <span>

#include "graph/onnx.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::string_view kMagic = "TNBFOLD1";
constexpr std::size_t kDigest = 64;  // hexadecimal SHA-256
constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;

Result<Graph> parsed(std::string_view bytes) {
  TENBIN_TRY(Model model, parse_onnx(std::as_bytes(std::span(bytes.data(), bytes.size()))));
  return std::move(model.graph);
}

}  // namespace

FoldStore::FoldStore(FileSystem& files, std::string folder, const std::string& key, bool resume)
    : files_(files), folder_(std::move(folder)), key_(sha256_hex(key)), resume_(resume) {}

std::string FoldStore::path(std::size_t learner, int fold) const {
  return join_path(folder_,
                   "fold-" + std::to_string(learner) + "-" + std::to_string(fold) + ".bin");
}

std::optional<Graph> FoldStore::find(std::size_t learner, int fold) {
  const std::string from = path(learner, fold);
  if (!resume_ || !files_.exists(from)) return std::nullopt;
  const auto stored = files_.read_text(from, kMostBytes);
  if (!stored.ok() || stored->size() < kMagic.size() + 2 * kDigest) return std::nullopt;
  std::string_view rest = *stored;
  const auto take = [&](std::size_t size) {
    const std::string_view part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
  };
  if (take(kMagic.size()) != kMagic || take(kDigest) != key_) return std::nullopt;
  const std::string_view digest = take(kDigest);  // before the rest is looked at
  if (digest != sha256_hex(rest)) return std::nullopt;
  auto graph = parsed(rest);
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
  TENBIN_CHECK(files_.write_durable(to, std::string(kMagic) + key_ + sha256_hex(body) + body));
  paths_.push_back(to);
  return parsed(body);
}

void FoldStore::clear() {
  for (const std::string& path : paths_) (void)files_.remove(path).ok();
  paths_.clear();
}

}  // namespace tenbin
