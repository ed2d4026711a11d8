// SPDX-License-Identifier: Apache-2.0
#include "base/measurement.h"

namespace tenbin {
namespace {
constexpr std::array<std::string_view, kProvenances> kProvenanceNames = {
    "measured", "modelled", "replayed", "simulated", "constant"};
constexpr std::array<std::string_view, 13> kScopeNames = {
    "wall", "node", "platform", "package", "cores", "uncore", "dram",
    "gpu",  "vm",   "cgroup",   "process", "event", "request"};
}  // namespace

std::string_view provenance_name(Provenance p) {
  return kProvenanceNames[static_cast<std::size_t>(p)];
}

std::optional<Provenance> parse_provenance(std::string_view name) {
  for (std::size_t i = 0; i < kProvenanceNames.size(); ++i) {
    if (kProvenanceNames[i] == name) return static_cast<Provenance>(i);
  }
  return std::nullopt;
}

std::string_view scope_name(Scope s) { return kScopeNames[static_cast<std::size_t>(s)]; }

void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
}

Energy Tally::total() const {
  Energy sum;
  for (const Energy& cell : cells_) sum += cell;
  return sum;
}

std::optional<Provenance> Tally::single() const {
  std::optional<Provenance> only;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].nanojoules == 0) continue;
    if (only.has_value()) return std::nullopt;
    only = static_cast<Provenance>(i);
  }
  return only;
}

std::string Tally::provenance_text() const {
  if (const auto only = single()) return std::string(provenance_name(*only));
  std::string split;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].nanojoules == 0) continue;
    split +=
        (split.empty() ? "" : ", ") + std::string(kProvenanceNames[i]) + " " + to_text(cells_[i]);
  }
  return split.empty() ? "unknown" : "mixed (" + split + ")";
}

}  // namespace tenbin
