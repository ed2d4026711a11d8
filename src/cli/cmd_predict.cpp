// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"
#include "cli/work_lines.h"

namespace tenbin {
namespace {

std::vector<DescribedOption> predict_options(PredictOptions& o) {
  std::vector<DescribedOption> out = described(o);
  join_options(out, described(o.read));
  return out;
}

std::vector<DescribedOption> options_for_help() {
  static PredictOptions defaults;
  return predict_options(defaults);
}

// The line of progress goes before anything else is printed.
Result<PredictOutcome> predicted(const PredictOptions& options, const Arguments& arguments) {
  FitLines lines(stderr, progress_looks(arguments));
  return here::predict(options, [&lines](const ReadProgress& now) { lines.reading(now); });
}

int run(int argc, char** argv) {
  PredictOptions options;
  std::vector<DescribedOption> flags = predict_options(options);
  Arguments arguments;
  if (const auto done = begin_command("predict", argc, argv, flags, arguments)) return *done;
  if (arguments.words.size() != 2) {
    return report_words(arguments, "a model and a data file",
                        "tenbin predict out/model.onnx new.csv -o answers.csv");
  }
  options.model = arguments.words[0];
  options.data = arguments.words[1];
  if (const Status go = may_write_over(options.output, arguments); !go.ok()) {
    return report(go.error(), arguments.json);
  }
  const auto outcome = predicted(options, arguments);
  if (!outcome.ok()) return report(outcome.error(), arguments.json);
  for (const auto& note : outcome->notes) {
    if (!arguments.quiet) std::fprintf(stderr, "note: %s\n", printable(note).c_str());
  }
  if (!arguments.quiet) {
    std::fprintf(stderr, "engine: %s (%s)\n", outcome->engine.c_str(),
                 printable(outcome->engine_why).c_str());
  }
  if (arguments.json) {
    const Json document = Json::object({{"schema", "tenbin.predict/1"},
                                        {"rows", outcome->rows},
                                        {"output", options.output},
                                        {"engine", outcome->engine},
                                        {"engine_why", outcome->engine_why},
                                        {"notes", Json::array_of(outcome->notes)},
                                        {"csv", outcome->csv}});
    std::printf("%s\n", document.dump().c_str());
  } else if (!outcome->csv.empty()) {
    std::fputs(outcome->csv.c_str(), stdout);
  } else if (!arguments.quiet) {
    std::fprintf(stderr, "%lld rows -> %s\n", static_cast<long long>(outcome->rows),
                 options.output.c_str());
  }
  return 0;
}

}  // namespace

const CommandEntry& cmd_predict() {
  static const CommandEntry entry{
      "predict",
      "Answers of any ONNX model for new rows, as CSV.",
      "tenbin predict MODEL DATA [--engine auto|native|onnxruntime] [-o CSV]    (DATA -: stdin)",
      "  tenbin predict out/model.onnx new.csv -o answers.csv\n"
      "  tenbin predict out/model.onnx - < new.csv\n"
      "  tenbin predict any.onnx new.parquet --engine onnxruntime\n"
      "  tenbin predict out/model.onnx shop.sqlite --query "
      "\"SELECT * FROM orders WHERE day = '2024-05-01'\"",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
