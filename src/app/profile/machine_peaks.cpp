// SPDX-License-Identifier: Apache-2.0
#include "app/profile/machine_peaks.h"

#include <algorithm>
#include <functional>

#include "base/options.h"
#include "engine/peak_probe.h"
#include "platform/affinity.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

constexpr int kRepeats = 5;
constexpr Duration kProbe = 15ms;
constexpr std::int64_t kOldest = std::int64_t{30} * 24 * 3600 * 1'000'000'000;  // [ns]
constexpr double kCalm = 0.25;  // spread: above, other programs took part in the measurement
constexpr std::int64_t kOldestUncertain = std::int64_t{10} * 60 * 1'000'000'000;  // [ns]
constexpr std::int64_t kMostBytes = 64 << 10;                                     // of a cache file
constexpr std::int64_t kLargestSet = std::int64_t{512} << 20;  // [B] read as memory

// Size of a data cache of the first CPU, or nothing.
std::optional<Bytes> cache_size(FileSystem& files, const std::string& level) {
  const std::string folder = "/sys/devices/system/cpu/cpu0/cache";
  const auto names = files.list(folder);
  if (!names.ok()) return std::nullopt;
  for (const std::string& name : *names) {
    const auto line = [&](const char* of) {
      const auto text = files.read_text(join_path(join_path(folder, name), of), kMostBytes);
      return text.ok() ? text->substr(0, text->find('\n')) : std::string();
    };
    if (line("level") != level || line("type") == "Instruction") continue;
    const std::string size = line("size");  // "1024K"
    const auto kilobytes = parse_integer(size.substr(0, size.find('K')));
    if (kilobytes.ok() && *kilobytes > 0) return Bytes{*kilobytes << 10};
  }
  return std::nullopt;
}

// Highest of some probes; the spread goes to `noise`.
Result<std::optional<double>> best_of(const std::function<Result<std::optional<Peak>>()>& probe,
                                      double& noise) {
  double lo = 0, hi = 0;
  for (int i = 0; i < kRepeats; ++i) {
    TENBIN_TRY(const std::optional<Peak> peak, probe());
    if (!peak) return std::optional<double>();
    // By CPU time: programs beside us take wall time, but lower no peak.
    hi = std::max(hi, peak->by_cpu);
    lo = i == 0 ? peak->by_cpu : std::min(lo, peak->by_cpu);
  }
  if (hi > 0) noise = std::max(noise, (hi - lo) / hi);
  return std::optional<double>(hi);
}

Result<MachinePeaks> measure(int threads, const MachineFacts& machine, FileSystem& files,
                             Clock& clock) {
  MachinePeaks out;
  out.cpu = machine.cpu_model;
  std::vector<int> cpus = thread_cpus();
  if (static_cast<int>(cpus.size()) > threads) cpus.resize(static_cast<std::size_t>(threads));
  out.threads = static_cast<int>(cpus.size());
  const auto arithmetic = [&](PeakKind kind) {
    return best_of([&] { return probe_peak(kind, cpus, kProbe); }, out.noise);
  };
  TENBIN_TRY(const auto float32, arithmetic(PeakKind::kFloat32));
  if (!float32) return Error(ErrorCode::kBug, "no arithmetic could be measured");
  out.roofline.float32 = *float32;
  TENBIN_TRY(out.roofline.bfloat16, arithmetic(PeakKind::kBfloat16));
  TENBIN_TRY(out.roofline.int8, arithmetic(PeakKind::kInt8));
  const Bytes near = cache_size(files, "2").value_or(Bytes{256 << 10});
  const Bytes far = cache_size(files, "3").value_or(near);
  const auto cpu_count = static_cast<std::int64_t>(cpus.size());
  const struct {
    const char* name;
    Bytes holds, reads;
  } levels[] = {{"L2", Bytes{near.count * cpu_count}, Bytes{near.count * cpu_count / 2}},
                {"L3", far, Bytes{far.count / 2}},
                {"memory", {}, Bytes{std::clamp(3 * far.count, kFarMemory.count, kLargestSet)}}};
  for (const auto& level : levels) {
    if (level.holds.count > 0 && !out.roofline.levels.empty() &&
        level.holds <= out.roofline.levels.back().size) {
      continue;  // no third level, or one no larger than the second ones together
    }
    TENBIN_TRY(const auto rate,
               best_of([&] { return probe_peak(PeakKind::kMemory, cpus, kProbe, level.reads); },
                       out.noise));
    out.roofline.levels.push_back({level.name, level.holds, rate.value_or(1)});
  }
  out.measured = utc_text(clock.wall_now_ns());
  return out;
}

struct Kept {
  std::optional<MachinePeaks> peaks;
  std::string why_not;
};

Kept kept_peaks(const std::string& path, const PeaksRequest& request, const MachineFacts& machine,
                FileSystem& files, Clock& clock) {
  if (request.anew) return {{}, "--measure-peak asks for it"};
  if (!files.exists(path)) return {{}, "this machine was not measured before"};
  const auto text = files.read_text(path, kMostBytes);
  const auto json = text.ok() ? Json::parse(*text) : Result<Json>(text.error());
  const auto peaks = json.ok() ? parse_peaks(*json) : Result<MachinePeaks>(json.error());
  if (!peaks.ok()) return {{}, path + " cannot be used: " + peaks.error().message()};
  if (peaks->cpu != machine.cpu_model) {
    return {{}, "the one in " + path + " is of another CPU, " + peaks->cpu};
  }
  const auto age = files.info(path);
  if (!age.ok() || clock.wall_now_ns() - age->modified_ns > kOldest) {
    return {{}, "the one in " + path + " is older than 30 days"};
  }
  if (peaks->noise > kCalm && clock.wall_now_ns() - age->modified_ns > kOldestUncertain) {
    return {{}, "the one in " + path + " was measured on a busy machine"};
  }
  return {*peaks, {}};
}

}  // namespace

Json to_json(const MachinePeaks& peaks) {
  const Roofline& r = peaks.roofline;
  const auto number = [](const std::optional<double>& v) { return v ? Json(*v) : Json(); };
  Json levels = Json::array();
  for (const MemoryLevel& level : r.levels) {
    levels.push(Json::object({{"name", level.name},
                              {"bytes", level.size.count > 0 ? Json(level.size.count) : Json()},
                              {"bytes_per_second", level.bytes_per_second}}));
  }
  return Json::object({{"schema", "tenbin.peaks/1"},
                       {"cpu", peaks.cpu},
                       {"threads", peaks.threads},
                       {"measured", peaks.measured},
                       {"noise", peaks.noise},
                       {"fp32_ops_per_second", r.float32},
                       {"bf16_ops_per_second", number(r.bfloat16)},
                       {"int8_ops_per_second", number(r.int8)},
                       {"levels", std::move(levels)}});
}

Result<MachinePeaks> parse_peaks(const Json& json) {
  if (json["schema"].as_string() != "tenbin.peaks/1") {
    return Error(ErrorCode::kMalformedData,
                 "schema is '" + json["schema"].as_string() + "', expected tenbin.peaks/1");
  }
  const auto number = [](const Json& v) {
    return v.is_number() && v.as_number() > 0 ? std::optional<double>(v.as_number())
                                              : std::optional<double>();
  };
  MachinePeaks out;
  out.cpu = json["cpu"].as_string();
  out.threads = static_cast<int>(json["threads"].as_integer(1));
  out.measured = json["measured"].as_string();
  out.noise = json["noise"].as_number();
  out.roofline.float32 = number(json["fp32_ops_per_second"]).value_or(0);
  out.roofline.bfloat16 = number(json["bf16_ops_per_second"]);
  out.roofline.int8 = number(json["int8_ops_per_second"]);
  for (const Json& level : json["levels"].items()) {
    out.roofline.levels.push_back({level["name"].as_string(), Bytes{level["bytes"].as_integer()},
                                   number(level["bytes_per_second"]).value_or(0)});
  }
  bool whole = out.roofline.float32 > 0 && !out.roofline.levels.empty();
  for (const MemoryLevel& level : out.roofline.levels) whole &= level.bytes_per_second > 0;
  if (!whole) return Error(ErrorCode::kMalformedData, "a rate is missing or not positive");
  return out;
}

Result<MachinePeaks> machine_peaks(const PeaksRequest& request, const MachineFacts& machine,
                                   FileSystem& files, Clock& clock) {
  const std::string path =
      join_path(request.folder, "peaks-" + std::to_string(request.threads) + ".json");
  Kept kept{{}, {}};
  if (!request.folder.empty()) kept = kept_peaks(path, request, machine, files, clock);
  if (kept.peaks) {
    kept.peaks->from_cache = true;
    return *kept.peaks;
  }
  TENBIN_TRY(MachinePeaks out, measure(request.threads, machine, files, clock));
  out.note = kept.why_not;
  if (request.folder.empty()) return out;
  Status written = files.make_folders(request.folder);
  if (written.ok()) written = files.write_durable(path, to_json(out).dump(2) + "\n");
  if (!written.ok()) {
    out.note +=
        (out.note.empty() ? "" : "; ") + ("it could not be kept: " + written.error().message());
  }
  return out;
}

}  // namespace tenbin
