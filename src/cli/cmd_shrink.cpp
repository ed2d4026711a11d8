// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"
#include "cli/fit_text.h"
#include "cli/shrink_text.h"
#include "cli/work_lines.h"

namespace tenbin {
namespace {

std::vector<DescribedOption> shrink_options(ShrinkOptions& o) {
  std::vector<DescribedOption> out = described(o);
  for (auto more : {described(o.read), described(o.prices), described(o.meter)}) {
    join_options(out, std::move(more));
  }
  return out;
}

std::vector<DescribedOption> options_for_help() {
  static ShrinkOptions defaults;
  return shrink_options(defaults);
}

Error error_of(const ShrinkOutcome& outcome, const ShrinkOptions& options) {
  if (outcome.exit_code == 6) {
    return Error(ErrorCode::kRegressed, outcome.reason, options.verify,
                 "shrink again on this machine, or go back to original.onnx");
  }
  if (outcome.exit_code == 130) {
    return Error(ErrorCode::kInterrupted, "stopped on request", options.output,
                 "go on with: the same command and --resume");
  }
  return Error(ErrorCode::kLimitNotMet, outcome.reason, options.output,
               "the original stays; allow more with --max-drop or --limit, or give more rows");
}

int run(int argc, char** argv) {
  ShrinkOptions options;
  std::vector<DescribedOption> flags = shrink_options(options);
  Arguments arguments;
  if (const auto done = begin_command("shrink", argc, argv, flags, arguments)) return *done;
  const bool verify = !options.verify.empty();
  if (arguments.words.size() != (verify ? 0U : 1U)) {
    return report_words(arguments, verify ? "no model beside --verify" : "one model",
                        "tenbin shrink model.onnx --data rows.csv --target label");
  }
  options.command = arguments.argv;
  FitLines lines(stderr, progress_looks(arguments));
  if (!verify) {
    options.model = arguments.words.front();
    const std::string model = options.output + "/model.onnx";
    if (const Status go = may_write_over(model, arguments); !go.ok()) {
      return report(go.error(), arguments.json);
    }
  }
  const auto outcome = verify ? here::verify_shrunk(options, lines) : here::shrink(options, lines);
  if (!outcome.ok()) return report(outcome.error(), arguments.json);
  const std::string text = arguments.json ? outcome->document.dump() + "\n"
                           : arguments.plain
                               ? shrink_plain(outcome->document)
                               : shrink_text(outcome->document, style_of(1, arguments));
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (outcome->exit_code != 0) report(error_of(*outcome, options), arguments.json);
  return outcome->exit_code;
}

}  // namespace

const CommandEntry& cmd_shrink() {
  static const CommandEntry entry{
      "shrink",
      "Makes a model cheaper, and ships only what is proven to be so on this machine.",
      "tenbin shrink MODEL --data ROWS [--target NAME] [--max-drop 0.5%] [--budget 10min] "
      "[-o FOLDER]",
      "  tenbin shrink model.onnx --data rows.parquet --target label --max-drop 0.5%\n"
      "  tenbin shrink out/model.onnx --data fashion-mnist/ --target label -o small\n"
      "  tenbin shrink model.onnx --data rows.csv --goal size --limit p99=1ms,size=300KB\n"
      "  tenbin shrink --verify small",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
