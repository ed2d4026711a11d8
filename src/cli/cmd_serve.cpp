// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>

#include "app/here.h"
#include "cli/command.h"
#include "http/front.h"

namespace tenbin {
namespace {

std::vector<DescribedOption> serve_options(ServeOptions& o) {
  std::vector<DescribedOption> out = described(o);
  join_options(out, described(o.prices));
  join_options(out, described(o.meter));
  return out;
}

std::vector<DescribedOption> options_for_help() {
  static ServeOptions defaults;
  return serve_options(defaults);
}

std::string rate_text(const ServedVariant& variant) {
  const std::int64_t rows = efficient_rows(variant.times);
  const double rate = static_cast<double>(rows) / in_seconds(time_of(variant.times, rows));
  return to_text(variant.times.front().time) + " a row, " + short_count(rate) + " rows/s a thread";
}

void print_model(const ServedVersion& version) {
  const std::string name =
      version.model + (version.version.empty() ? "" : " version " + version.version);
  for (const ServedVariant& variant : version.variants) {
    const std::string label = version.variants.size() > 1 ? name + " (" + variant.name + ")" : name;
    std::fprintf(stderr, "  %-24s %s, %s, %s\n", printable(label).c_str(),
                 to_text(Bytes{variant.bytes}).c_str(), variant.engine.c_str(),
                 rate_text(variant).c_str());
  }
}

void print_start(Serving& serving, const ServeFront& front, double took) {
  const auto versions = serving.models().versions();
  std::set<std::string> models;
  for (const auto& version : versions) models.insert(version->model);
  std::fprintf(stderr, "serving %zu model%s at %s, ready in %s, %d thread%s\n", models.size(),
               models.size() == 1 ? "" : "s", front.url().c_str(), to_text(seconds(took)).c_str(),
               serving.threads(), serving.threads() == 1 ? "" : "s");
  for (const auto& version : versions) print_model(*version);
  if (const auto port = front.grpc_port()) std::fprintf(stderr, "  gRPC at port %d too\n", *port);
  if (const auto port = front.metrics_port()) {
    std::fprintf(stderr, "  health and metrics at port %d too, with a thread of their own\n",
                 *port);
  }
  std::fprintf(stderr, "  energy: %s\n", serving.meter_line().c_str());
  if (front.new_token()) {
    std::fprintf(stderr, "  token of the role admin, shown this once: %s\n",
                 front.new_token()->c_str());
  }
  std::fprintf(stderr, "try:\n");
  for (const std::string& example : front.examples()) {
    std::fprintf(stderr, "  %s\n", example.c_str());
  }
  std::fprintf(stderr, "Ctrl-C stops it; requests under way are answered first\n");
}

// One line that programs read: which port was taken.
void print_listen(const ServeFront& front) {
  Json line =
      Json::object({{"schema", "tenbin.listen/1"}, {"http", front.port()}, {"url", front.url()}});
  if (const auto port = front.grpc_port()) line.set("grpc", *port);
  if (const auto port = front.metrics_port()) line.set("metrics", *port);
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

// Until somebody asks to stop; decisions are told as they are made.
void stay(Serving& serving, bool explain) {
  // The last that was told; the clock of the wall, which may jump, does not order them.
  std::optional<ServeDecision> told;
  const auto is_told = [&told](const ServeDecision& decision) {
    return told && decision.wall_ns == told->wall_ns && decision.controller == told->controller &&
           decision.model == told->model && decision.action == told->action &&
           decision.reason == told->reason;
  };
  while (!here::interrupted()) {
    here::rest(50ms);
    if (!explain) continue;
    const auto all = serving.models().decisions();
    const auto last = std::find_if(all.rbegin(), all.rend(), is_told);
    for (auto next = last.base(); next != all.end(); ++next) {
      const ServeDecision& decision = *next;
      told = decision;
      const std::string model = decision.model.empty() ? "" : decision.model + " ";
      std::fprintf(stderr, "%s: %s%s: %s\n", decision.controller.c_str(), printable(model).c_str(),
                   printable(decision.action).c_str(), printable(decision.reason).c_str());
    }
  }
}

void print_end(Serving& serving, std::int64_t cut) {
  std::int64_t requests = 0, failed = 0;
  for (const auto& version : serving.models().versions()) {
    requests += version->stats().success.count.load();
    failed += version->stats().fail.count.load();
  }
  const ServingEnergy energy = serving.energy();
  std::fprintf(stderr, "stopped: %s requests answered, %s refused or failed, %s %s%s\n",
               full_count(requests).c_str(), full_count(failed).c_str(),
               to_text(energy.total).c_str(),
               std::string(provenance_name(energy.provenance)).c_str(),
               cut > 0 ? (", " + full_count(cut) + " connections cut off").c_str() : "");
}

// Loads and measures, and prints what a cluster needs to serve the same.
int emit(const ServeOptions& options, const Arguments& arguments) {
  auto serving = here::open_serving(options);
  if (!serving.ok()) return report(serving.error(), arguments.json);
  if (const Status loaded = (*serving)->load_all(); !loaded.ok()) {
    return report(loaded.error(), arguments.json);
  }
  const auto text = here::manifest(**serving);
  if (!text.ok()) return report(text.error(), arguments.json);
  std::fputs(text->c_str(), stdout);
  return 0;
}

int serve(const ServeOptions& options, const Arguments& arguments) {
  const double began = here::steady_seconds();
  auto serving = here::open_serving(options);
  if (!serving.ok()) return report(serving.error(), arguments.json);
  auto front = ServeFront::open(**serving);
  if (!front.ok()) return report(front.error(), arguments.json);
  if (const Status loaded = (*serving)->load_all(); !loaded.ok()) {
    serving->reset();
    return report(loaded.error(), arguments.json);
  }
  (*front)->start();
  if (options.port == 0 || arguments.json) print_listen(**front);
  if (!arguments.quiet) {
    for (const std::string& note : (*serving)->notes()) {
      std::fprintf(stderr, "note: %s\n", printable(note).c_str());
    }
    print_start(**serving, **front, here::steady_seconds() - began);
  }
  stay(**serving, options.explain);
  const std::int64_t cut = (*front)->stop(options.drain);
  const Status finished = (*serving)->finish();
  if (!arguments.quiet) print_end(**serving, cut);
  if (!finished.ok()) return report(finished.error(), arguments.json);
  // Computing ends before the loops that it reports to.
  serving->reset();
  return 0;
}

int run(int argc, char** argv) {
  ServeOptions options;
  std::vector<DescribedOption> flags = serve_options(options);
  Arguments arguments;
  if (const auto done = begin_command("serve", argc, argv, flags, arguments)) return *done;
  if (arguments.words.empty()) {
    return report_words(arguments, "a model file or a folder of models",
                        "tenbin serve out/model.onnx");
  }
  options.models = arguments.words;
  return options.emit.empty() ? serve(options, arguments) : emit(options, arguments);
}

}  // namespace

const CommandEntry& cmd_serve() {
  static const CommandEntry entry{
      "serve",
      "Inference server: Open Inference Protocol v2, batching, admission, variants, joules.",
      "tenbin serve MODEL... [--port N] [--slo p99=20ms] [--throttle 100/s/client]",
      "  tenbin serve demo/model.onnx\n"
      "  tenbin serve models/ --slo p99=20ms --throttle 100/s/client\n"
      "  tenbin serve models/ --scale-to-zero 5min --allow-repository\n"
      "  tenbin serve models/fashion --canary fashion/2=10%\n"
      "  tenbin serve models/fashion --emit knative --slo p99=20ms --image registry/tenbin:1.0.0",
      run,
      options_for_help};
  return entry;
}

}  // namespace tenbin
