// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>

#include "meter/meter.h"
#include "meter/source.h"
#include "meter/topology.h"
#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

// The digits of a file's text; nothing for anything but one number below 2^63 / 1000.
std::optional<std::int64_t> microjoules(std::span<const std::byte> bytes) {
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return static_cast<char>(bytes[k]); };
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (i < bytes.size() && blank(at(i))) ++i;
  const std::size_t begin = i;
  std::int64_t value = 0;
  for (; i < bytes.size() && at(i) >= '0' && at(i) <= '9'; ++i) {
    if (value > (INT64_MAX / 1000 - 9) / 10) return std::nullopt;
    value = value * 10 + (at(i) - '0');
  }
  if (i == begin) return std::nullopt;
  while (i < bytes.size() && blank(at(i))) ++i;
  if (i != bytes.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> read_number(ReadableFile& file) {
  std::array<std::byte, 64> text;
  const auto got = file.read_at(0, text);
  if (!got.ok() || *got == text.size()) return std::nullopt;
  return microjoules(std::span(text).first(*got));
}

class Powercap : public Source {
 public:
  Powercap(Clock& clock, std::vector<CounterInfo> infos,
           std::vector<std::unique_ptr<ReadableFile>> files)
      : clock_(clock), infos_(std::move(infos)), files_(std::move(files)) {}

  std::span<const CounterInfo> counters() const override { return infos_; }

  void read(std::span<RawRead> into) override {
    for (std::size_t i = 0; i < infos_.size(); ++i) {
      into[i] = {};
      if (!files_[i]) continue;
      const Duration before = clock_.steady_now();
      const auto value = read_number(*files_[i]);
      const Duration after = clock_.steady_now();
      into[i].outcome = value ? ReadOutcome::kOk : ReadOutcome::kFailed;
      into[i].read = {before + (after - before) / 2, value.value_or(0) * 1000,
                      (after - before) / 2};
    }
  }

  std::string detail() const override {
    std::string text;
    for (const CounterInfo& info : infos_) {
      if (info.counted) text += (text.empty() ? "" : " + ") + info.name;
    }
    return text;
  }

 private:
  Clock& clock_;
  std::vector<CounterInfo> infos_;
  std::vector<std::unique_ptr<ReadableFile>> files_;
};

Power usual_most(const std::string& name) {
  if (name == "dram") return watts(500);
  return watts(name.starts_with("psys") ? 3000 : 1000);
}

std::optional<std::int64_t> number_in(FileSystem& files, const std::string& path) {
  const auto file = files.open(path);
  if (!file.ok()) return std::nullopt;
  return read_number(**file);
}

CounterFacts facts_of(FileSystem& files, const std::string& zone, const std::string& name) {
  CounterFacts facts;
  facts.plausible = usual_most(name);
  for (const char constraint : {'0', '1', '2'}) {
    const auto most =
        number_in(files, zone + "/constraint_" + constraint + "_max_power_uw").value_or(0);
    facts.plausible = std::max(facts.plausible, watts(static_cast<double>(most) * 1e-6));
  }
  const auto range = number_in(files, zone + "/max_energy_range_uj");
  if (range && *range > 0) {
    facts.range = *range * 1000;
    // The kernel's range is 2^32 - 1 counts, the register wraps at 2^32: one count a wrap.
    facts.unit = (*range / 4'294'967'295 + 1) * 1000;
  }
  return facts;
}

Result<std::unique_ptr<Source>> open_powercap(const SourceContext& context) {
  const std::string root = join_path(context.options.sysfs, "class/powercap");
  const auto names = context.files.list(root);
  if (!names.ok()) {
    return Error(ErrorCode::kMissingCapability, "no powercap counters: '" + root + "' is not there")
        .with_hint(
            "run on the machine itself, not in a guest, with the driver loaded: "
            "modprobe intel_rapl_msr");
  }
  std::vector<Zone> zones;
  std::string refused;
  for (const std::string& folder : *names) {
    if (!folder.starts_with("intel-rapl:") && !folder.starts_with("intel-rapl-mmio:")) continue;
    const std::string at = join_path(root, folder);
    auto name = context.files.read_text(at + "/name", 1 << 16);
    if (!name.ok()) continue;
    Zone zone;
    zone.folder = folder;
    zone.name = name->substr(0, name->find_first_of("\r\n"));
    zone.enabled = number_in(context.files, at + "/enabled").value_or(1) != 0;
    zone.facts = facts_of(context.files, at, zone.name);
    auto file = context.files.open(at + "/energy_uj");
    std::array<std::byte, 1> probe;
    zone.readable = file.ok() && (*file)->read_at(0, probe).ok();
    if (!zone.readable && refused.empty()) refused = at + "/energy_uj";
    zones.push_back(std::move(zone));
    if (zones.size() == kMostCounters) break;
  }
  std::vector<CounterInfo> infos = arrange_zones(std::move(zones));
  std::vector<std::unique_ptr<ReadableFile>> files;
  bool any = false;
  for (const CounterInfo& info : infos) {
    auto file = context.files.open(join_path(root, info.path) + "/energy_uj");
    files.push_back(file.ok() && info.note != "not readable" ? std::move(*file) : nullptr);
    any = any || info.counted;
  }
  if (!any && !refused.empty()) {
    return Error(ErrorCode::kMissingCapability, "'" + refused + "' cannot be read")
        .with_hint("as root: chmod -R a+r " + root + "/, or run as root");
  }
  if (!any) {
    return Error(ErrorCode::kMissingCapability, "'" + root + "' has no energy counter in use")
        .with_hint("load the driver: modprobe intel_rapl_msr");
  }
  return std::unique_ptr<Source>(
      std::make_unique<Powercap>(context.clock, std::move(infos), std::move(files)));
}

}  // namespace

const SourceEntry& source_powercap() {
  static const SourceEntry entry{"powercap",
                                 "energy counters of the CPU packages and DRAM (RAPL)",
                                 Provenance::kMeasured,
                                 'B',
                                 100,
                                 open_powercap};
  return entry;
}

}  // namespace tenbin
