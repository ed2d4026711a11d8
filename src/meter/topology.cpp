// SPDX-License-Identifier: Apache-2.0
#include "meter/topology.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>

namespace tenbin {
namespace {

int number_after(const std::string& text, std::string_view prefix) {
  const auto at = text.find(prefix);
  if (at == text.npos) return -1;
  int value = -1;
  const char* from = text.data() + at + prefix.size();
  std::from_chars(from, text.data() + text.size(), value);
  return value;
}

Scope scope_of(const std::string& name) {
  if (name.starts_with("package")) return Scope::kPackage;
  if (name == "dram") return Scope::kDram;
  if (name == "core") return Scope::kCores;
  if (name == "uncore") return Scope::kUncore;
  return Scope::kPlatform;
}

// "intel-rapl-mmio:0:1": the driver, and the number of the top zone.
std::string driver_of(const std::string& folder) { return folder.substr(0, folder.find(':')); }
std::string top_of(const std::string& folder) {
  const auto first = folder.find(':');
  const auto second = folder.find(':', first + 1);
  return folder.substr(0, second);
}

}  // namespace

std::vector<CounterInfo> arrange_zones(std::vector<Zone> zones) {
  // The MSR driver sorts before the MMIO one, so the first of a name is the one that counts.
  std::sort(zones.begin(), zones.end(), [](const Zone& a, const Zone& b) {
    return a.folder.size() != b.folder.size() && driver_of(a.folder) == driver_of(b.folder)
               ? a.folder.size() < b.folder.size()
               : a.folder < b.folder;
  });
  std::map<std::string, const Zone*> tops;
  for (const Zone& zone : zones) {
    if (zone.folder == top_of(zone.folder)) tops[zone.folder] = &zone;
  }
  std::vector<CounterInfo> out;
  std::map<std::string, std::string> seen;  // name within the machine -> folder that counts
  bool any_package = false;
  for (const Zone& zone : zones) {
    CounterInfo info;
    const auto top = tops.find(top_of(zone.folder));
    const std::string owner = top == tops.end() ? top_of(zone.folder) : top->second->name;
    info.path = zone.folder;
    info.scope = scope_of(zone.name);
    info.package = std::max(0, number_after(owner, "package-"));
    info.die = number_after(zone.name, "-die-");
    info.facts = zone.facts;
    const bool nested = top != tops.end() && top->second != &zone;
    info.name = nested ? owner + "/" + zone.name : zone.name;
    const auto [first, is_first] = seen.emplace(info.name, zone.folder);
    if (!zone.enabled) {
      info.counted = false;
      info.note = "switched off (enabled is 0)";
    } else if (!zone.readable) {
      info.counted = false;
      info.note = "not readable";
    } else if (!is_first) {
      info.counted = false;
      info.note = "the same counter as " + first->second;
    } else if (info.scope == Scope::kCores || info.scope == Scope::kUncore) {
      info.counted = false;
      info.note = "inside the package";
    }
    if (!info.counted && is_first && (!zone.enabled || !zone.readable)) seen.erase(first);
    any_package = any_package || (info.counted && info.scope == Scope::kPackage);
    out.push_back(std::move(info));
  }
  for (CounterInfo& info : out) {
    if (!info.counted || info.scope != Scope::kPlatform || !any_package) continue;
    info.counted = false;
    info.note = "contains the packages";
  }
  return out;
}

DieRelation relate_dies(const EnergyTrack& a, const EnergyTrack& b) {
  const auto& x = a.points();
  const auto& y = b.points();
  int equal = 0, differ = 0;
  for (std::size_t i = 1, j = 1; i < x.size() && j < y.size(); ++i, ++j) {
    const std::int64_t dx = x[i].value - x[i - 1].value, dy = y[j].value - y[j - 1].value;
    if (dx == 0 && dy == 0) continue;
    const auto span = static_cast<double>((x[i].at - x[i - 1].at).count());
    const Duration lag = x[i].at > y[j].at ? x[i].at - y[j].at : y[j].at - x[i].at;
    const Duration width = lag + x[i].half_width + y[j].half_width;
    const double flow = static_cast<double>(std::max(dx, dy)) / std::max(1.0, span) * 2 *
                        static_cast<double>(width.count());
    const auto slack = 2 * a.facts().unit + static_cast<std::int64_t>(flow);
    if (std::llabs(dx - dy) <= slack) {
      if (++equal >= 8) return DieRelation::kMirrored;
    } else {
      equal = 0;
      if (++differ >= 2) return DieRelation::kIndependent;
    }
  }
  return DieRelation::kUndecided;
}

}  // namespace tenbin
