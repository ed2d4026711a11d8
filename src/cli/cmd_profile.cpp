// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"
#include "cli/profile_text.h"

namespace tenbin {
namespace {

std::vector<DescribedOption> profile_options(ProfileOptions& o) {
  std::vector<DescribedOption> out = described(o);
  join_options(out, described(o.meter));
  join_options(out, described(o.read));
  return out;
}

std::vector<DescribedOption> options_for_help() {
  static ProfileOptions defaults;
  return profile_options(defaults);
}

int run(int argc, char** argv) {
  ProfileOptions options;
  std::vector<DescribedOption> flags = profile_options(options);
  Arguments arguments;
  if (const auto done = begin_command("profile", argc, argv, flags, arguments)) return *done;
  if (arguments.words.size() != 1) {
    return report_words(arguments, "one model", "tenbin profile model.onnx --batch 1,32");
  }
  options.model = arguments.words.front();
  if (const Status go = may_write_over(options.output, arguments); !go.ok()) {
    return report(go.error(), arguments.json);
  }
  const auto document = here::profile(options, [&](const std::string& line) {
    if (!arguments.quiet) std::fprintf(stderr, "profile: %s\n", printable(line).c_str());
  });
  if (!document.ok()) return report(document.error(), arguments.json);
  const std::string text = arguments.json ? document->dump() + "\n"
                           : arguments.plain
                               ? profile_plain(*document)
                               : profile_text(*document, options.all, style_of(1, arguments));
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

const CommandEntry& cmd_profile() {
  static const CommandEntry entry{
      "profile",
      "Where a model's time, energy and bytes go, node by node, beside this machine's roofline.",
      "tenbin profile MODEL [--batch 1,8,32] [--input image=1x3x224x224] [-o report.html]",
      "  tenbin profile model.onnx\n"
      "  tenbin profile model.onnx --batch 1,32 --all -o profile.html\n"
      "  tenbin profile any.onnx --input tokens=1x128 --engine onnxruntime\n"
      "  tenbin profile out/model.onnx --data new.csv",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
