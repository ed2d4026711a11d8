// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/bench_text.h"
#include "cli/command.h"

namespace tenbin {
namespace {

std::vector<DescribedOption> bench_options(BenchOptions& o) {
  std::vector<DescribedOption> out = described(o);
  join_options(out, described(o.meter));
  return out;
}

std::vector<DescribedOption> options_for_help() {
  static BenchOptions defaults;
  return bench_options(defaults);
}

int run(int argc, char** argv) {
  BenchOptions options;
  std::vector<DescribedOption> flags = bench_options(options);
  Arguments arguments;
  if (const auto done = begin_command("bench", argc, argv, flags, arguments)) return *done;
  if (arguments.words.size() != 1) {
    return report_words(arguments, "the URL of a server",
                        "tenbin bench http://localhost:8080 --rate 2000 --duration 30s");
  }
  options.url = arguments.words[0];
  if (const Status go = may_write_over(options.output, arguments); !go.ok()) {
    return report(go.error(), arguments.json);
  }
  const auto bench = here::bench(options, [&](const std::string& step) {
    if (!arguments.quiet) std::fprintf(stderr, "== %s\n", step.c_str());
  });
  if (!bench.ok()) return report(bench.error(), arguments.json);
  if (arguments.json) {
    std::printf("%s\n", bench->dump().c_str());
  } else {
    std::fputs(bench_text(*bench, arguments.plain).c_str(), stdout);
  }
  if (!options.output.empty() && !arguments.quiet) {
    std::fprintf(stderr, "report: %s\n", options.output.c_str());
  }
  return bench_answered(*bench) ? 0
                                : report(Error(ErrorCode::kNetwork, "no request was answered",
                                               options.url, "the statuses above say why"),
                                         arguments.json);
}

}  // namespace

const CommandEntry& cmd_bench() {
  static const CommandEntry entry{
      "bench",
      "Load generator and server profiler: open and closed loop, percentiles, joules.",
      "tenbin bench URL [--model M] [--rate R | --concurrency N | --replay CSV] [-o REPORT]",
      "  tenbin bench http://localhost:8080 --model fashion --rate 2000 --duration 30s\n"
      "  tenbin bench http://localhost:8080 --concurrency 1:64 --binary -o report.html\n"
      "  tenbin bench http://localhost:8080 --data rows.csv --rows 8 --concurrency 4\n"
      "  tenbin bench http://localhost:8080 --rate 500:8000 --slo p99=20ms\n"
      "  tenbin bench http://localhost:8080 --replay trace.csv --speed 60",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
