// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/program.h"

#include <cstdio>

#include "platform/process.h"

namespace tenbin::bench {

int run_program(int argc, const char* const* argv, const std::string& bench,
                const std::function<Result<int>(const Options&)>& run) {
  watch_interrupts();  // so that peers end and files go when the user has had enough
  const auto options = parse_options(argc, argv);
  const auto code = options.ok() ? run(*options) : Result<int>(options.error());
  if (code.ok()) return *code;
  const Error& error = code.error();
  std::fprintf(stderr, "%s: %s%s%s; %s\n", bench.c_str(), error.where().c_str(),
               error.where().empty() ? "" : ": ", error.message().c_str(), error.hint().c_str());
  return exit_code(error.cause());
}

}  // namespace tenbin::bench
