// SPDX-License-Identifier: Apache-2.0
#include "app/here.h"

#include "data/duckdb/duckdb_rows.h"
#include "meter/meter.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/plugin.h"
#include "platform/process.h"
#include "platform/terminal.h"

namespace tenbin::here {

Result<FitOutcome> fit(const FitOptions& options, FitObserver& observer) {
  return tenbin::fit(options, real_file_system(), real_clock(), observer);
}

Result<PredictOutcome> predict(const PredictOptions& options) {
  return tenbin::predict(options, real_file_system());
}

Result<MeterOutcome> meter(const MeterCommandOptions& options,
                           const std::function<void(const MeterProgress&)>& progress) {
  const MachineFacts machine = read_machine_facts(real_file_system());
  return run_metered(options, real_processes(), real_file_system(), real_clock(), machine,
                     progress);
}

Result<LedgerView> ledger(const std::string& path, const LedgerViewOptions& options) {
  return view_ledger(path, options, real_file_system());
}

std::vector<Check> doctor() {
  std::vector<Check> out;
  const MachineFacts m = read_machine_facts(real_file_system());
  std::string isa;
  for (const auto& name : m.isa) isa += (isa.empty() ? "" : " ") + name;
  out.push_back({"cpu", true,
                 m.cpu_model + ", " + std::to_string(m.threads) + " threads usable, " + isa, ""});
  const bool wide = m.has_isa("avx512f") || m.has_isa("avx2");
  out.push_back({"vector instructions", wide, wide ? "AVX2 or wider" : "neither AVX2 nor AVX-512",
                 wide ? "" : "kernels run, but slowly"});
  out.push_back({"memory", true, to_text(m.memory), ""});
  const auto duck = duckdb_version();
  out.push_back({"duckdb (tables)", duck.ok(), duck.ok() ? *duck : duck.error().message(),
                 duck.ok() ? "" : duck.error().hint()});
  const auto ort = load_plugin("libonnxruntime.so.1");
  out.push_back({"onnx runtime (second opinion)", ort.ok(),
                 ort.ok() ? (*ort)->path() : ort.error().message(),
                 ort.ok() ? "" : ort.error().hint()});
  bool measured = false;
  for (const SourceReport& s : probe_sources({}, real_file_system(), real_clock(), m)) {
    const std::string what =
        std::string(provenance_name(s.provenance)) + ", " + (s.usable ? s.detail : s.why_not);
    out.push_back(
        {"energy source " + s.name + (s.chosen ? " (chosen)" : ""), s.usable, what, s.remedy});
    measured = measured || (s.chosen && s.provenance == Provenance::kMeasured);
  }
  out.push_back(
      {"energy", true, measured ? "energy is measured here" : "energy is modelled here", ""});
  return out;
}

void watch_interrupts() { tenbin::watch_interrupts(); }
bool is_terminal(int stream) { return tenbin::is_terminal(stream); }
std::string environment(const char* name) { return tenbin::environment(name); }
double steady_seconds() { return in_seconds(real_clock().steady_now()); }

}  // namespace tenbin::here
