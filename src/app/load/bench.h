// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/load/load_run.h"
#include "base/json.h"
#include "base/options.h"
#include "meter/meter.h"

namespace tenbin {

class FileSystem;
struct MachineFacts;

// What `tenbin bench` is asked for.
struct BenchOptions {
  std::string url;
  std::string model;
  std::string rate;         // "2000", or "500:8000"
  std::string concurrency;  // "8", or "1:64"
  std::string replay;       // a trace of arrivals
  double speed = 1;
  Duration duration = 10s;
  Duration warmup = 1s;
  Duration patience = 5s;
  std::string arrivals = "poisson";
  std::int64_t rows = 1;
  bool binary = false;
  std::string input;
  std::string data;
  std::string token_file, tls_trust;
  std::vector<std::string> slo;
  int connections = 512;
  int server_pid = 0;
  std::int64_t seed = 1;
  std::string output;
  bool samples = false;
  MeterOptions meter;

  template <class Fields> static void describe(Fields& f) {
    f("model", &BenchOptions::model, "Model to ask; the server's only one if it is left out.");
    f("rate", &BenchOptions::rate, "Requests a second (open loop), or a ramp of rates: 500:8000.");
    f("concurrency", &BenchOptions::concurrency,
      "Clients that wait for their answers (closed loop), or a ramp: 1:64.");
    f("replay", &BenchOptions::replay, "CSV of recorded arrivals, sent at their instants.");
    f("speed", &BenchOptions::speed, "Times as fast as the trace was recorded.");
    f("duration", &BenchOptions::duration, "Of each step [s].");
    f("warmup", &BenchOptions::warmup, "Asked before the first step, not counted [s].");
    f("patience", &BenchOptions::patience, "For answers after the last request [s].");
    f("arrivals", &BenchOptions::arrivals, "Of the open loop: poisson or constant.");
    f("rows", &BenchOptions::rows, "Rows of each request.");
    f("binary", &BenchOptions::binary, "Send and ask for binary tensors instead of JSON.");
    f("input", &BenchOptions::input, "File with the JSON body to send instead of a made one.");
    f("data", &BenchOptions::data, "CSV whose rows to send, --rows in each request.");
    f("token_file", &BenchOptions::token_file, "File that holds the token to send.");
    f("tls_trust", &BenchOptions::tls_trust,
      "PEM file of certificates to trust over https [the system's].");
    f("slo", &BenchOptions::slo, "Time in which requests should be answered, e.g. p99=20ms.");
    f("connections", &BenchOptions::connections, "Most connections of the open loop.");
    f("server_pid", &BenchOptions::server_pid,
      "Process whose cores and joules to tell, if not the one that listens here.");
    f("seed", &BenchOptions::seed, "Of arrivals and inputs.");
    f("output", &BenchOptions::output, "Report to write, as HTML.");
    f("samples", &BenchOptions::samples, "Keep every latency in the JSON document.");
  }
};

// The document tenbin.bench/1 (docs/formats/bench.md). `tell`: a line before each step. Errors:
// kBadValue (options), kNetwork (server), kUnknownModel, kInterrupted.
Result<Json> run_bench(const BenchOptions& options, FileSystem& files, Clock& clock,
                       const MachineFacts& machine, const LoadStop& stop,
                       const std::function<void(const std::string&)>& tell);

// Requests of a step that were due and not answered with 200.
std::int64_t bench_lost(const Json& step);
// The 95 % interval of a quantile of such a document, in words: "1.2 ms to 1.4 ms".
std::string bounds_text(const Json& quantile);
// The page of such a document.
std::string bench_html(const Json& bench);

}  // namespace tenbin
