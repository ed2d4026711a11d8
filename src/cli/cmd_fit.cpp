// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"
#include "cli/fit_text.h"
#include "cli/plan_text.h"
#include "cli/work_lines.h"

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

std::string limits_for_help() {
  Columns table("ll");
  for (const LimitName& limit : here::limit_names()) table.add({limit.example, limit.doc});
  return "Limits:\n" + table.aligned();
}

// What a run that ended without success says on stderr, beside its verdict.
Error error_of(const FitOutcome& outcome, const FitOptions& options) {
  const ErrorCode code = outcome.exit_code == 5     ? ErrorCode::kLimitNotMet
                         : outcome.exit_code == 130 ? ErrorCode::kInterrupted
                                                    : ErrorCode::kNonFinite;
  std::string hint =
      "the best model that exists is " + outcome.document["files"]["model"].as_string();
  if (outcome.exit_code == 130) {
    hint += "; go on with: the same command and --resume";
  } else if (outcome.exit_code == 5) {
    hint += "; allow more, or ask for less";
  }
  return Error(code, outcome.reason, options.output, hint);
}

int run_dry(const FitOptions& options, FitLines& lines, const Arguments& arguments) {
  const auto plan = here::plan_fit(options, lines);
  if (!plan.ok()) return report(plan.error(), arguments.json);
  const std::string text = arguments.json    ? plan->dump() + "\n"
                           : arguments.plain ? plan_plain(*plan)
                                             : plan_text(*plan, style_of(1, arguments));
  std::fputs(text.c_str(), stdout);
  return 0;
}

int run(int argc, char** argv) {
  FitOptions options;
  std::vector<DescribedOption> flags = fit_options(options);
  Arguments arguments;
  if (const auto done = begin_command("fit", argc, argv, flags, arguments)) return *done;
  if (arguments.words.size() != 1) {
    return report_words(arguments, "one data file or folder", "tenbin fit data.csv --target label");
  }
  options.data = arguments.words.front();
  options.command = arguments.argv;
  FitLines lines(stderr, progress_looks(arguments));
  if (options.dry_run) return run_dry(options, lines, arguments);
  const std::string model = options.output + "/model.onnx";
  if (const Status go = options.resume ? Status() : may_write_over(model, arguments); !go.ok()) {
    return report(go.error(), arguments.json);
  }
  const auto outcome = here::fit(options, lines);
  if (!outcome.ok()) return report(outcome.error(), arguments.json);
  const std::string text = arguments.json ? outcome->document.dump() + "\n"
                           : arguments.plain
                               ? verdict_plain(outcome->document)
                               : verdict_text(outcome->document, style_of(1, arguments));
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (outcome->exit_code != 0) report(error_of(*outcome, options), arguments.json);
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
      "  tenbin fit sales.parquet --target price --limit energy=60kJ --price 30JPY/kWh --seed 7\n"
      "  tenbin fit photos/ --target class --from pretrained.onnx --train-last 2\n"
      "  tenbin fit shop.duckdb --query \"SELECT * FROM orders\" --target returned\n"
      "  tenbin fit - --target price --dry-run < sales.csv.gz",
      run,
      options_for_help,
      limits_for_help};
  return entry;
}

}  // namespace tenbin
