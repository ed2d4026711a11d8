// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"
#include "cli/fit_text.h"

namespace tenbin {
namespace {

// Every struct's options, the first of a name wins.
std::vector<DescribedOption> fit_options(FitOptions& o) {
  std::vector<DescribedOption> out = described(o);
  for (auto more : {described(o.read), described(o.split), described(o.clean),
                    described(o.features), described(o.prices), described(o.meter)}) {
    join_options(out, std::move(more));
  }
  return out;
}

std::vector<DescribedOption> options_for_help() {
  static FitOptions defaults;
  return fit_options(defaults);
}

// Lines to stderr; on a terminal the last line is redrawn, elsewhere one line every ten seconds.
class TerminalObserver : public FitObserver {
 public:
  TerminalObserver(bool quiet, bool live) : quiet_(quiet), live_(live) {}
  void stage(const std::string& name) override {
    if (!quiet_) line("== " + name);
  }
  void tell(const std::string& text) override {
    if (!quiet_) line("   " + printable(text));
  }
  void progress(const FitProgress& progress) override {
    if (quiet_) return;
    const double now = here::steady_seconds();
    if (live_) {
      std::fprintf(stderr, "\r\033[K   %s", progress_text(progress, 116).c_str());
      if (progress.epoch_finished) std::fputc('\n', stderr);
      open_ = !progress.epoch_finished;
      std::fflush(stderr);
    } else if (now - last_ >= 10 || (progress.epoch_finished && progress.epoch == 1)) {
      last_ = now;
      line("   " + progress_text(progress, 0));
    }
  }

 private:
  void line(const std::string& text) {
    if (open_) std::fputc('\n', stderr);
    open_ = false;
    std::fprintf(stderr, "%s\n", text.c_str());
    std::fflush(stderr);
  }
  bool quiet_, live_, open_ = false;
  double last_ = -1e9;
};

int run(int argc, char** argv) {
  FitOptions options;
  std::vector<DescribedOption> flags = fit_options(options);
  const auto arguments = parse_arguments(argc, argv, flags);
  if (!arguments.ok()) return report(arguments.error(), false);
  if (arguments->help) {
    print_help(*find_command("fit"));
    return 0;
  }
  if (arguments->words.size() != 1) {
    return report(
        Error(ErrorCode::kMissingArgument,
              "found " + std::to_string(arguments->words.size()) + " data paths, expected one", {},
              "tenbin fit data.csv --target label"),
        arguments->json);
  }
  options.data = arguments->words.front();
  options.command = arguments->argv;
  const bool color = here::environment("NO_COLOR").empty() && !arguments->no_color;
  TerminalObserver observer(arguments->quiet,
                            here::is_terminal(2) && color && here::environment("TERM") != "dumb");
  const auto outcome = here::fit(options, observer);
  if (!outcome.ok()) return report(outcome.error(), arguments->json);
  if (arguments->json) {
    std::printf("%s\n", outcome->document.dump().c_str());
  } else {
    std::fputs(verdict_text(outcome->document).c_str(), stdout);
  }
  return outcome->exit_code;
}

}  // namespace

const CommandEntry& cmd_fit() {
  static const CommandEntry entry{
      "fit",
      "Data in, the best model within your limits out, proven and packaged.",
      "tenbin fit DATA --target NAME [--limit time=5min] [--limit p99=1ms] [-o FOLDER]",
      "  tenbin fit breast_cancer.csv --target diagnosis\n"
      "  tenbin fit fashion-mnist/ --target label --limit time=5min --limit p99=1ms -o out\n"
      "  tenbin fit shop.duckdb --query \"SELECT * FROM orders\" --target returned",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
