// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model.h"

#include <algorithm>

#include "base/nearest_name.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostSize = 1 << 16;  // of an axis, of classes
constexpr std::int64_t kMostDepth = 1'000;
constexpr double kLeastWidth = 0.0625, kMostWidth = 16;

Status check_size(std::string_view what, std::int64_t size, std::int64_t most) {
  if (size >= 1 && size <= most) return {};
  return Error(ErrorCode::kBadValue, std::string(what) + " of " + std::to_string(size) +
                                         ", expected 1 to " + std::to_string(most));
}

Status check_taken(const ModelEntry& entry, std::string_view option, bool given) {
  if (!given || std::ranges::find(entry.takes, option) != entry.takes.end()) return {};
  std::vector<std::string> names = {"input", "classes", "seed"};
  names.insert(names.end(), entry.takes.begin(), entry.takes.end());
  return Error(ErrorCode::kUnknownOption, "model '" + std::string(entry.name) + "' takes no " +
                                              std::string(option) + ": " + one_of(names));
}

}  // namespace

const ModelEntry* find_model(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const ModelEntry* entry : model_catalogue()) {
    if (entry->name == lower) return entry;
  }
  return nullptr;
}

Result<Graph> build_model(const ModelEntry& entry, ModelOptions options) {
  const ModelOptions defaults;
  TENBIN_CHECK(check_taken(entry, "width", options.width != defaults.width));
  TENBIN_CHECK(check_taken(entry, "depth", options.depth != defaults.depth));
  TENBIN_CHECK(check_taken(entry, "vocabulary", options.vocabulary != defaults.vocabulary));
  if (options.input.empty()) options.input = entry.input;
  if (options.input.size() != entry.input.size()) {
    return Error(ErrorCode::kBadValue, "input of " + std::to_string(options.input.size()) +
                                           " sizes, expected " + std::string(entry.axes) +
                                           " for model '" + std::string(entry.name) + "'");
  }
  for (const std::int64_t size : options.input) {
    TENBIN_CHECK(check_size("input size", size, kMostSize));
  }
  TENBIN_CHECK(check_size("classes", options.classes, kMostSize));
  TENBIN_CHECK(check_size("vocabulary", options.vocabulary, kMostSize));
  if (options.depth != 0) TENBIN_CHECK(check_size("depth", options.depth, kMostDepth));
  if (!(options.width >= kLeastWidth && options.width <= kMostWidth)) {
    return Error(ErrorCode::kBadValue,
                 "width of " + std::to_string(options.width) + ", expected 0.0625 to 16");
  }
  return entry.build(options);
}

}  // namespace tenbin
