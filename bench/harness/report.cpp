// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/report.h"

#include <cmath>
#include <cstdio>

#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/plugin.h"

namespace tenbin::bench {
namespace {

constexpr double kBusy = 0.1;

std::string fixed(double value, int places) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", places, value);
  return text;
}

std::string digits(double value, int count) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", count, value);
  return text;
}

std::string peak_words(const Comparison& c) {
  if (c.peak_name.empty()) return {};
  return "; " + fixed(100 * c.summary->peak_share_a, 0) + " % of the minute's " + c.peak_name +
         " peak, the peer " + fixed(100 * c.summary->peak_share_b, 0) + " %";
}

Json spread_json(const Spread& s) {
  return Json::object({{"median_s", s.median}, {"min_s", s.min}, {"max_s", s.max}});
}

Json optional_json(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json samples_json(const Comparison& c) {
  Json out = Json::array();
  for (const PairSample& s : c.samples) {
    out.push(Json::object({{"a_s", time_of(s.a, c.timing)},
                           {"b_s", time_of(s.b, c.timing)},
                           {"a_wall_s", s.a.wall_each()},
                           {"b_wall_s", s.b.wall_each()},
                           {"a_cpu_s", s.a.cpu_each()},
                           {"b_cpu_s", s.b.cpu_each()},
                           {"a_p99_s", s.a.p99_s},
                           {"b_p99_s", s.b.p99_s},
                           {"peak_a", s.peak_a},
                           {"peak_b", s.peak_b},
                           {"steady", s.steady}}));
  }
  return out;
}

// Over the comparisons that have a ratio.
struct Mean {
  double ratio = 0;
  std::size_t count = 0;
  const Comparison* least = nullptr;
  const Comparison* most = nullptr;
};

Mean mean_of(std::span<const Comparison> all) {
  Mean out;
  double logs = 0;
  for (const Comparison& c : all) {
    if (!c.summary || (c.check && !c.check->passed())) continue;
    const double ratio = c.summary->ratio.median;
    logs += std::log(ratio);
    ++out.count;
    if (out.least == nullptr || ratio < out.least->summary->ratio.median) out.least = &c;
    if (out.most == nullptr || ratio > out.most->summary->ratio.median) out.most = &c;
  }
  if (out.count > 0) out.ratio = std::exp(logs / static_cast<double>(out.count));
  return out;
}

}  // namespace

std::string ratio_text(double ratio) {
  if (!(ratio > 0)) return "no number";
  const int places = ratio >= 100 ? 0 : ratio >= 10 ? 1 : 2;
  const double scale = std::pow(10, places);
  const double shown = std::floor(ratio * scale + 1e-9) / scale;
  return fixed(shown, places);
}

std::string seconds_text(double seconds) {
  if (seconds < 1e-3) return digits(seconds * 1e6, 3) + " us";
  return seconds < 1 ? digits(seconds * 1e3, 3) + " ms" : digits(seconds, 3) + " s";
}

std::string human_line(const Comparison& c) {
  const std::string peer = c.peer_name + " " + c.peer_version + " (" + c.peer_source + ")";
  const std::string head = c.what + ", " + std::to_string(c.threads) + "T: ";
  if (c.check && !c.check->passed()) {
    return "FAILED: " + head + "answers differ from " + peer + ": " + c.check->name + " " +
           digits(c.check->value, 2) + ", allowed " + digits(c.check->bound, 2);
  }
  if (!c.summary) {
    return "no result: " + head + "the machine was unsteady in more than a third of " +
           std::to_string(c.samples.size()) + " pairs with " + peer;
  }
  const PairSummary& s = *c.summary;
  std::string out = "Measured: " + head + ratio_text(s.ratio.median) + "x as fast as " + peer +
                    " in " + c.unit + ": " + seconds_text(s.a.median) + " against " +
                    seconds_text(s.b.median) + ", median of " + std::to_string(s.pairs) +
                    " pairs, 95 % interval " + ratio_text(s.ratio.low) + "-" +
                    ratio_text(s.ratio.high) + ", best/best " + ratio_text(s.best) + "x";
  if (s.unsteady > 0) out += ", " + std::to_string(s.unsteady) + " more pairs unsteady";
  if (c.check) out += ", " + c.check->name + " " + digits(c.check->value, 1);
  out += peak_words(c);
  if (c.timing == Timing::kCpu && s.busy_gap > kBusy) {
    out += "; other work ran on the same CPUs (wall time up to " + fixed(100 * s.busy_gap, 0) +
           " % above CPU time)";
  }
  return out;
}

Json json_line(const Comparison& c, const Json& machine) {
  Json out = Json::object(
      {{"bench", c.bench},
       {"case", c.case_name},
       {"unit", c.unit},
       {"threads", c.threads},
       {"peer", Json::object({{"name", c.peer_name},
                              {"version", c.peer_version},
                              {"source", c.peer_source},
                              {"setting", c.setting_b},
                              {"calibration", c.calibration}})},
       {"setting", c.setting_a},
       {"machine", machine},
       {"cold", Json::object({{"a_s", optional_json(c.cold_a)}, {"b_s", optional_json(c.cold_b)}})},
       {"check", c.check ? c.check->json() : Json()},
       {"impls", c.kernels}});
  if (!c.summary) {
    out.set("reason", "more than a third of the pairs was unsteady");
  } else if (c.check && !c.check->passed()) {
    out.set("reason", "the answers differ");
  } else {
    const PairSummary& s = *c.summary;
    out.set("pairs", s.pairs).set("unsteady", s.unsteady);
    out.set("a", spread_json(s.a)).set("b", spread_json(s.b));
    out.set("ratio", Json::object({{"median", s.ratio.median},
                                   {"low", s.ratio.low},
                                   {"high", s.ratio.high},
                                   {"best", s.best},
                                   {"drawn_together", s.ratio.block}}));
    out.set("pct_peak", Json::object({{"a", 100 * s.peak_share_a}, {"b", 100 * s.peak_share_b}}));
  }
  out.set("samples", samples_json(c));
  return out;
}

std::string mean_line(const std::string& what, std::span<const Comparison> all) {
  const Mean mean = mean_of(all);
  const std::string of =
      std::to_string(mean.count) + " of " + std::to_string(all.size()) + " cases";
  if (mean.count == 0) return "no result: " + what + ": " + of + " have a ratio";
  return "Together: " + what + ": geometric mean " + ratio_text(mean.ratio) + "x as fast as " +
         all.front().peer_name + " " + all.front().peer_version + " over " + of + ", least " +
         ratio_text(mean.least->summary->ratio.median) + "x (" + mean.least->case_name +
         "), most " + ratio_text(mean.most->summary->ratio.median) + "x (" + mean.most->case_name +
         ")";
}

Json mean_json(const std::string& what, std::span<const Comparison> all) {
  const Mean mean = mean_of(all);
  Json out = Json::object({{"together", what}, {"of", all.size()}, {"cases", mean.count}});
  if (mean.count == 0) return out.set("reason", "no case has a ratio");
  const auto told = [](const Comparison& c) {
    return Json::object({{"case", c.case_name}, {"median", c.summary->ratio.median}});
  };
  return out.set("bench", all.front().bench)
      .set("threads", all.front().threads)
      .set("geometric_mean", mean.ratio)
      .set("least", told(*mean.least))
      .set("most", told(*mean.most));
}

Json machine_json() {
  const MachineFacts facts = read_machine_facts(real_file_system());
  Json env = Json::object();
  for (const char* name :
       {"OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA",
        "ATEN_CPU_CAPABILITY", "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}) {
    const std::string value = environment(name);
    if (!value.empty()) env.set(name, value);
  }
  return Json::object({{"cpu", facts.cpu_model},
                       {"isa", Json::array_of(facts.isa)},
                       {"cores", facts.usable_cpus},
                       {"mem_bytes", facts.memory.count},
                       {"kernel", facts.kernel},
                       {"env", env}});
}

}  // namespace tenbin::bench
