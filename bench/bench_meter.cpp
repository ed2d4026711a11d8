// SPDX-License-Identifier: Apache-2.0
// What `tenbin meter` itself costs: its CPU time beside a command that sleeps and beside five that
// compute, at 10 and at 100 samples a second. The answer that is checked: the joules of a model
// that gives a watt to each busy thread are the CPU seconds that the kernel accounts for the
// command. Goal: 0.1 % of a CPU at 10 Hz.
#include <cmath>
#include <cstdio>

#include "app/meter_command.h"
#include "bench/harness/program.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/process.h"

namespace {

using namespace tenbin;

struct Case {
  const char* what;
  std::string script;
  Duration interval;
  bool busy;
};

Result<bool> measure(const Case& one) {
  MeterCommandOptions options;
  options.command = {"sh", "-c", one.script};
  options.meter.interval = one.interval;
  options.meter.source = "cpu_model";  // a watt for each busy thread: joules are CPU seconds
  options.meter.cpu_tdp = watts(100);
  options.meter.cpu_threads = 104;
  TENBIN_TRY(const MeterOutcome out,
             run_metered(options, real_processes(), real_file_system(), real_clock(),
                         read_machine_facts(real_file_system()), {}));
  const double share = in_seconds(out.meter_cpu) / in_seconds(out.time);
  std::printf(
      "bench_meter  %-28s %4.0f Hz  %7.4f %% of a CPU  %6.1f us a sample  goal at 10 Hz 0.1 %%\n",
      one.what, 1 / in_seconds(one.interval), share * 100,
      in_seconds(out.meter_cpu) * 1e6 / static_cast<double>(out.samples));
  const double told = out.energy.value ? in_joules(*out.energy.value) : 0;
  const double used = in_seconds(out.cpu);
  const bool agree = std::abs(told - used) <= 0.02 * used + 0.02;  // memory has its share
  const bool right = out.exit_code == 0 && agree && (!one.busy || used > 0.1);
  if (!right) std::printf("bench_meter  wrong: %.3f s were used, %.3f told\n", used, told);
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(
      argc, argv, "bench_meter", [](const bench::Options& options) -> Result<int> {
        const std::string seconds = options.check ? "1" : "10";
        const std::string burn = "for i in 1 2 3 4 5; do timeout " + seconds +
                                 " sh -c 'while :; do :; done' & done; wait; true";
        bool right = true;
        for (const Duration interval : {Duration(100ms), Duration(10ms)}) {
          for (const Case& one : {Case{"one that sleeps", "sleep " + seconds, interval, false},
                                  Case{"five that compute", burn, interval, true}}) {
            TENBIN_TRY(const bool good, measure(one));
            right = right && good;
          }
        }
        return right ? 0 : 1;
      });
}
