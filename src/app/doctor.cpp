// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.h"

#include "base/limits.h"
#include "data/duckdb/duckdb_rows.h"
#include "engine/dnn/dnn_version.h"
#include "engine/onnxruntime/ort_session.h"
#include "engine/xgboost/xgboost_version.h"
#include "record/sqlite/sqlite_version.h"

namespace tenbin {
namespace {

Library linked(const char* name, std::string version, const char* used_for) {
  return {name, std::move(version), {}, used_for, true, false};
}

Library plugin(const char* name, const Result<std::string>& version, const char* used_for) {
  if (version.ok()) return {name, *version, {}, used_for, true, true};
  return {name, version.error().message(), version.error().hint(), used_for, false, true};
}

Check machine_check(const char* name, std::string found) {
  return {"machine", name, true, false, std::move(found), {}};
}

void add_machine(const MachineFacts& m, std::vector<Check>& out) {
  out.push_back(machine_check("cpu", m.cpu_model));
  out.push_back(machine_check(
      "threads", std::to_string(m.threads) + " used: " + std::to_string(m.logical_cpus) +
                     " online, " + std::to_string(m.usable_cpus) + " in the affinity mask, " +
                     (m.cpu_quota ? to_text(*m.cpu_quota) + " by the cgroup quota"
                                  : std::string("no cgroup quota"))));
  out.push_back(machine_check("memory", to_text(m.memory) + " (or the cgroup's limit)"));
  out.push_back(machine_check("system", m.os + ", kernel " + m.kernel +
                                            (m.in_vm ? ", in a virtual machine" : "") +
                                            (m.in_container ? ", in a container" : "")));
  std::string isa;
  for (const auto& name : m.isa) isa += (isa.empty() ? "" : " ") + name;
  const bool wide = m.has_isa("avx512f") || m.has_isa("avx2");
  out.push_back({"machine", "vector instructions", wide, false,
                 isa.empty() ? "none beyond the baseline" : isa,
                 wide ? "" : "kernels run, but slowly: use a CPU with AVX2"});
}

void add_sources(const std::vector<SourceReport>& sources, std::vector<Check>& out) {
  const SourceReport* chosen = nullptr;
  std::string remedy;
  for (const SourceReport& s : sources) {
    if (s.chosen) chosen = &s;
    if (!s.usable && s.provenance == Provenance::kMeasured) remedy = s.remedy;
    out.push_back(
        {"sensor", s.name + (s.chosen ? " (chosen)" : ""), s.usable, false,
         std::string(provenance_name(s.provenance)) + ": " + (s.usable ? s.detail : s.why_not),
         s.remedy});
  }
  Check verdict{"verdict", "energy", chosen != nullptr, false, "no source of energy", {}};
  if (chosen != nullptr) {
    verdict.found = "energy is " + std::string(provenance_name(chosen->provenance)) + " here, by " +
                    chosen->name;
    if (chosen->provenance != Provenance::kMeasured) {
      verdict.found += "; its 95% interval stands beside each joule";
      if (!remedy.empty()) verdict.found += "; to measure: " + remedy;
    }
  }
  out.push_back(std::move(verdict));
}

void add_limits(std::vector<Check>& out) {
  const auto limit = [&out](const char* name, std::string value) {
    out.push_back({"limit", name, true, false, std::move(value), {}});
  };
  limit("table", full_count(static_cast<std::int64_t>(limits::kColumns)) + " columns, lines of " +
                     to_text(Bytes{static_cast<std::int64_t>(limits::kCsvLineBytes)}) + ", " +
                     full_count(static_cast<std::int64_t>(limits::kClasses)) + " classes");
  limit("model", to_text(Bytes{limits::kModelBytes}) + ", " +
                     full_count(static_cast<std::int64_t>(limits::kModelNodes)) + " nodes, " +
                     full_count(limits::kTensorElements) + " elements a tensor");
  limit("image", full_count(limits::kImagePixels) + " pixels");
}

}  // namespace

std::vector<Library> linked_libraries() {
  return {linked("onednn", dnn_version(), "training and running networks"),
          linked("xgboost", xgboost_version(), "boosted trees"),
          linked("sqlite", sqlite_version(), "the ledger")};
}

std::vector<Library> foreign_libraries() {
  std::vector<Library> out = linked_libraries();
  out.push_back(plugin("duckdb", duckdb_version(), "CSV, JSON lines, Parquet and SQL"));
  out.push_back(plugin("onnx runtime", onnxruntime_version(), "a second opinion on models"));
  return out;
}

std::vector<Check> diagnose(const MachineFacts& machine, const std::vector<Library>& libraries,
                            const std::vector<SourceReport>& sources) {
  std::vector<Check> out;
  add_machine(machine, out);
  for (const Library& library : libraries) {
    out.push_back({"library", library.name, library.ok, !library.plugin,
                   library.found + (library.ok ? ", for " : "; needed for ") + library.used_for,
                   library.remedy});
  }
  add_sources(sources, out);
  add_limits(out);
  return out;
}

}  // namespace tenbin
