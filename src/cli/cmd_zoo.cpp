// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/here.h"
#include "cli/command.h"

namespace tenbin {
namespace {

std::vector<DescribedOption> options_for_help() {
  static ZooOptions defaults;
  return described(defaults);
}

Json json_of(const ZooModel& model) {
  Json takes = Json::array();
  for (const std::string& option : model.takes) takes.push(option);
  return Json::object({{"name", model.name},
                       {"title", model.title},
                       {"doc", model.doc},
                       {"axes", model.axes},
                       {"input", model.input},
                       {"takes", std::move(takes)}});
}

int print_list(const Arguments& arguments) {
  Json list = Json::array();
  Columns table("llll");
  if (!arguments.plain) table.add({"model", "input", "takes", "what"});
  for (const ZooModel& model : here::zoo_models()) {
    list.push(json_of(model));
    std::string takes;
    for (const std::string& option : model.takes) takes += (takes.empty() ? "" : ",") + option;
    table.add({model.name, model.input, takes.empty() ? "-" : takes, model.doc});
  }
  const Json document = Json::object({{"schema", "tenbin.zoo_list/1"}, {"models", list}});
  const std::string text = arguments.json    ? document.dump() + "\n"
                           : arguments.plain ? table.tabbed()
                                             : table.aligned(0);
  std::fputs(text.c_str(), stdout);
  return 0;
}

int print_built(const ZooOutcome& built, const Arguments& arguments) {
  if (arguments.json) {
    const Json document = Json::object({{"schema", "tenbin.zoo_build/1"},
                                        {"model", built.model},
                                        {"input", built.input},
                                        {"classes", built.classes},
                                        {"parameters", built.parameters},
                                        {"macs", built.macs.count},
                                        {"output", built.output},
                                        {"file_bytes", built.file_bytes}});
    std::printf("%s\n", document.dump().c_str());
  } else if (!arguments.quiet) {
    std::fprintf(stderr, "%s, input %s, %lld classes: %lld parameters, %lld MACs a row -> %s\n",
                 built.model.c_str(), built.input.c_str(), static_cast<long long>(built.classes),
                 static_cast<long long>(built.parameters), static_cast<long long>(built.macs.count),
                 printable(built.output).c_str());
  }
  return 0;
}

int run(int argc, char** argv) {
  ZooOptions options;
  std::vector<DescribedOption> flags = described(options);
  Arguments arguments;
  if (const auto done = begin_command("zoo", argc, argv, flags, arguments)) return *done;
  const auto& words = arguments.words;
  if (words.size() == 1 && words[0] == "list") return print_list(arguments);
  if (words.size() != 2 || words[0] != "build") {
    return report_words(arguments, "list, or build and a model",
                        "tenbin zoo build resnet18 -o resnet18.onnx");
  }
  options.model = words[1];
  const auto built = here::build_zoo_model(options);
  return built.ok() ? print_built(*built, arguments) : report(built.error(), arguments.json);
}

}  // namespace

const CommandEntry& cmd_zoo() {
  static const CommandEntry entry{
      "zoo",
      "Networks with fresh weights, as ONNX files.",
      "tenbin zoo list | tenbin zoo build MODEL -o FILE [--input 3x32x32] [--classes N]",
      "  tenbin zoo list\n"
      "  tenbin zoo build resnet18 --input 3x32x32 --classes 10 -o resnet18.onnx\n"
      "  tenbin zoo build lstm --input 24x7 --classes 1 --width 0.5 -o forecast.onnx",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
