// SPDX-License-Identifier: Apache-2.0
#include "app/report/profile_report.h"

#include <algorithm>

#include "app/report/graph_chart.h"
#include "app/report/html.h"
#include "app/report/page.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostEmbedded = 500'000;  // [B] of JSON in the page

std::string percent(const Json& share) {
  return share.is_number() ? to_text(100 * share.as_number(), 3) + " %" : "unknown";
}

std::string joined(const Json& texts, const char* between) {
  std::string out;
  for (const Json& text : texts.items()) out += (out.empty() ? "" : between) + text.as_string();
  return out;
}

std::string macs_of(const Json& macs) {
  return macs.is_number() ? to_text(Macs{macs.as_integer()}) : "unknown";
}

const Json& first_run(const Json& profile) {
  static const Json none;
  for (const Json& batch : profile["batches"].items()) {
    if (!batch.contains("error")) return batch;
  }
  return none;
}

std::string sums(const Json& profile) {
  std::vector<HtmlRow> rows;
  for (const Json& b : profile["batches"].items()) {
    if (b.contains("error")) {
      rows.push_back({text_of(b["batch"]), "failed: " + text_of(b["error"])});
      continue;
    }
    const Json& energy = b["joules_per_1000_rows"];
    rows.push_back({text_of(b["batch"]), time_of(b["seconds_p50"], {}),
                    time_of(b["seconds_p99"], b["p99_reason"]),
                    short_count(b["rows_per_second"].as_number()),
                    joules_of(energy["value"]) + ", " + text_of(energy["provenance"]),
                    macs_of(b["macs"]), to_text(Bytes{b["bytes_moved"].as_integer()}),
                    percent(b["roofline_share"]), text_of(b["bound"])});
  }
  return html_table({"batch", "latency p50", "p99", "rows/s", "energy, 1,000 rows", "MACs",
                     "bytes moved", "of the roofline", "bound"},
                    rows, 0, 8);
}

std::string tip_of(const Json& node) {
  std::string out = node["name"].as_string() + ": " + joined(node["ops"], " + ") + "; ";
  out += node["seconds"].is_number() ? to_text(seconds(node["seconds"].as_number()))
                                     : std::string("not run");
  out += ", " + percent(node["share"]) + " of the time; " + macs_of(node["macs"]) + ", " +
         full_count(node["parameters"].as_integer()) + " parameters, " +
         to_text(Bytes{node["bytes_moved"].as_integer()}) + " moved; " +
         percent(node["roofline_share"]) + " of the roofline, bound by " +
         node["bound"].as_string() + "; " + joined(node["kernels"], ", ");
  return out;
}

// A conversion stands with the node that it is made for, so the drawing has nodes of the model
// only.
std::string graph(const Json& profile) {
  const Json& batch = first_run(profile);
  std::vector<GraphNode> nodes;
  std::vector<std::size_t> place(batch["nodes"].items().size(), SIZE_MAX);
  double converting = 0;
  for (std::size_t i = 0; i < place.size(); ++i) {
    const Json& node = batch["nodes"].items()[i];
    if (node["ran"].as_string() == "conversion") {
      converting += node["share"].as_number();
      continue;
    }
    place[i] = nodes.size();
    GraphNode& box = nodes.emplace_back();
    box.title = joined(node["ops"], "+");
    box.share = node["share"].as_number();
    box.dashed = !node["seconds"].is_number();
    box.detail = box.dashed ? "no step of its own"
                            : to_text(seconds(node["seconds"].as_number())) + ", " +
                                  to_text(100 * box.share, 2) + " %";
    box.tip = tip_of(node);
  }
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (place[i] == SIZE_MAX) continue;
    for (const Json& from : batch["nodes"].items()[i]["reads"].items()) {
      const auto source = static_cast<std::size_t>(from.as_integer());
      if (source < place.size() && place[source] != SIZE_MAX) {
        nodes[place[i]].from.push_back(place[source]);
      }
    }
  }
  if (nodes.empty()) {
    return html_paragraph("No node is known: " + text_of(batch["nodes_reason"]) + ".");
  }
  const std::string rows = "batch " + std::to_string(batch["batch"].as_integer());
  const std::string drawing = graph_chart(
      "The model as it ran, " + rows + ": the colour of a box is its share of the time", nodes);
  return "<figure><div class='wide'>" + drawing + "</div><figcaption>" +
         escaped(
             "The model as it ran at " + rows +
             "; nodes that ran as one are one box. Conversions of layout between boxes take " +
             to_text(100 * converting, 2) +
             " % of the time. Hover over a box for its numbers; the table below has them too.") +
         "</figcaption></figure>";
}

std::string heaviest(const Json& profile) {
  const Json& batch = first_run(profile);
  std::vector<const Json*> order;
  for (const Json& node : batch["nodes"].items()) order.push_back(&node);
  std::stable_sort(order.begin(), order.end(), [](const Json* a, const Json* b) {
    return (*a)["share"].as_number() > (*b)["share"].as_number();
  });
  std::vector<HtmlRow> rows;
  for (const Json* node : order) {
    const Json& n = *node;
    rows.push_back({n["name"].as_string(), joined(n["ops"], "+"), time_of(n["seconds"], {}),
                    time_of(n["seconds_lo"], {}) + " to " + time_of(n["seconds_hi"], {}),
                    percent(n["share"]), joules_of(n["joules"]), macs_of(n["macs"]),
                    full_count(n["parameters"].as_integer()), text_of(n["macs_per_parameter"], 3),
                    to_text(Bytes{n["bytes_moved"].as_integer()}), percent(n["roofline_share"]),
                    text_of(n["bound"]), joined(n["kernels"], ", ")});
  }
  return html_paragraph("One run of batch " + std::to_string(batch["batch"].as_integer()) +
                        " on one thread; the middle half of the repeats beside each time.") +
         html_table({"node", "operators", "time", "middle half", "share", "energy", "MACs",
                     "parameters", "MACs/parameter", "bytes", "of the roofline", "bound", "kernel"},
                    rows, 2, 11);
}

std::string changes(const Json& profile) {
  std::string out;
  for (const Json& advice : profile["advice"].items()) {
    out += "<li><b>" + escaped(advice["what"].as_string()) +
           "</b>: " + escaped(advice["why"].as_string()) + " (up to " + percent(advice["share"]) +
           " of the time)</li>";
  }
  return out.empty() ? html_paragraph("Nothing is worth one percent of the time.")
                     : "<ol>" + out + "</ol>";
}

std::string how(const Json& profile) {
  const Json& peaks = profile["peaks"];
  std::vector<HtmlRow> rows = {
      {"engine", text_of(profile["engine"]["name"]) + ": " + text_of(profile["engine"]["why"])},
      {"processor", text_of(profile["machine"]["cpu"])},
      {"inputs", text_of(profile["inputs_are"])},
      {"energy", text_of(profile["meter"])},
      {"peaks measured",
       text_of(peaks["measured"]) + ", on one thread, spread up to " + percent(peaks["noise"])},
      {"fp32", short_count(peaks["fp32_ops_per_second"].as_number()) + " operations/s"}};
  for (const char* type : {"bf16", "int8"}) {
    const Json& rate = peaks[std::string(type) + "_ops_per_second"];
    rows.push_back({type, rate.is_number() ? short_count(rate.as_number()) + " operations/s"
                                           : std::string("the processor has no such instruction")});
  }
  for (const Json& level : peaks["levels"].items()) {
    rows.push_back(
        {"reading " + level["name"].as_string(),
         to_text(Bytes{static_cast<std::int64_t>(level["bytes_per_second"].as_number())}) + "/s"});
  }
  std::string out = html_table({"what", "how"}, rows);
  out += html_paragraph(
      "The roofline of a node is the longer of its arithmetic at the measured peak and its bytes "
      "from the nearest cache that holds them. MACs are those of the plain algorithm: a Winograd "
      "convolution may exceed 100 %. Energy of a node is its share of the time of the energy of a "
      "run.");
  for (const Json& note : profile["notes"].items()) out += html_paragraph(note.as_string());
  return out;
}

struct Part {
  const char *id, *title;
  std::string (*body)(const Json&);
};
constexpr Part kParts[] = {{"sums", "Each batch", sums},
                           {"changes", "The first things to change", changes},
                           {"graph", "The graph", graph},
                           {"nodes", "Every node, heaviest first", heaviest},
                           {"how", "How was this measured", how}};

}  // namespace

std::string profile_html(const Json& profile) {
  const std::string path = text_of(profile["model"]["path"]);
  const std::string name = path.substr(path.find_last_of('/') + 1);
  std::string out = page_head("Tenbin: profile of " + name) + "<h1>" + escaped(name) +
                    "</h1><p><b>" + escaped(text_of(profile["verdict"])) +
                    "</b></p><p class='soft'>" +
                    escaped("tenbin profile, " + text_of(profile["measured"]) + ", " +
                            text_of(profile["model"]["nodes"]) + " nodes, " +
                            text_of(profile["model"]["parameters"]) + " parameters, " +
                            macs_of(profile["model"]["macs"]) + " for " +
                            text_of(profile["model"]["counted_rows"]) + " row(s), MACs/parameter " +
                            text_of(profile["model"]["macs_per_parameter"], 3)) +
                    "</p>";
  for (const Part& part : kParts) out += html_section(part.id, part.title, part.body(profile));
  std::string json = profile.dump();
  if (json.size() > kMostEmbedded) {
    json = Json::object({{"schema", profile["schema"]}, {"left_out", "all: --json has it"}}).dump();
  }
  return out + embedded_json("tenbin-profile", json) + "</body></html>\n";
}

}  // namespace tenbin
