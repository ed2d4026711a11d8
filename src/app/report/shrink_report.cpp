// SPDX-License-Identifier: Apache-2.0
#include "app/report/shrink_report.h"

#include <algorithm>

#include "app/report/html.h"
#include "app/report/page.h"
#include "app/report/svg.h"
#include "base/units.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostEmbedded = 500'000;  // [B] of JSON in the page

std::string size_of(const Json& bytes) {
  return bytes.is_number() ? to_text(Bytes{bytes.as_integer()}) : "unknown";
}

std::string seconds_of(const Json& value) {
  return value.is_number() && value.as_number() > 0 ? to_text(seconds(value.as_number()))
                                                    : "unknown";
}

std::string points_of(const Json& drop) {
  const auto one = [](double share) { return fixed_text(-100 * share, 2); };
  return one(drop["value"].as_number()) + " (" + one(drop["high"].as_number()) + " to " +
         one(drop["low"].as_number()) + ")";
}

std::string times_of(const Json& proven) {
  if (!proven.is_object()) return "unknown";
  return fixed_text(proven["value"].as_number(), 2) +
         "x (95 %: " + fixed_text(proven["low"].as_number(), 2) + " to " +
         fixed_text(proven["high"].as_number(), 2) + ")";
}

// Names would lie on each other: only what nothing else beats in both ways keeps its own.
void name_the_best(std::vector<Dot>& dots) {
  std::vector<bool> beaten;
  for (const Dot& dot : dots) {
    beaten.push_back(std::ranges::any_of(dots, [&dot](const Dot& other) {
      return &other != &dot && other.at.x <= dot.at.x && other.at.y >= dot.at.y;
    }));
  }
  for (std::size_t i = 0; i < dots.size(); ++i) {
    if (beaten[i] && dots[i].faint) dots[i].label.clear();
  }
}

// What was cut and kept, and why it is not shipped, for each way.
std::string reasons(const Json& shrink) {
  std::vector<HtmlRow> rows;
  for (const Json& a : shrink["attempts"].items()) {
    std::string notes;
    for (const Json& note : a["notes"].items()) {
      notes += (notes.empty() ? "" : "; ") + note.as_string();
    }
    rows.push_back({text_of(a["name"]), notes,
                    a["shipped"].as_bool() ? "shipped"
                    : a.contains("failed") ? "failed: " + text_of(a["failed"])
                                           : text_of(a["why_not"])});
  }
  return html_table({"way", "what was done", "why it is not shipped"}, rows);
}

std::string tried(const Json& shrink) {
  std::vector<HtmlRow> rows;
  std::vector<Dot> dots;
  const double score = shrink["original"]["score"].as_number();
  for (const Json& a : shrink["attempts"].items()) {
    const bool shipped = a["shipped"].as_bool();
    const std::string name = text_of(a["name"]) + (shipped ? " (shipped)" : "");
    if (a.contains("failed")) {
      rows.push_back({name, "failed", "", "", "", "", text_of(a["failed"])});
      continue;
    }
    rows.push_back({name, seconds_of(a["seconds"]), size_of(a["model"]["size_bytes"]),
                    to_text(Macs{a["model"]["macs"].as_integer()}),
                    full_count(a["model"]["parameters"].as_integer()),
                    points_of(a["choose"]["drop"]), shipped ? "shipped" : text_of(a["why_not"])});
    const Json& drop = a["choose"]["drop"];
    Dot dot{{100 / std::max(a["times_faster"].as_number(), 1e-9),
             100 * (score - drop["value"].as_number())},
            text_of(a["name"]),
            100 * (score - drop["high"].as_number()),
            100 * (score - drop["low"].as_number()),
            shipped,
            !shipped};
    dots.push_back(std::move(dot));
  }
  name_the_best(dots);
  const std::string what = text_of(shrink["original"]["score_name"]);
  const Axes axes{"Pareto picture: " + what + " against the time of a run of everything tried",
                  "time of a run [% of the original's], side by side",
                  what + " [%], rows to choose by"};
  return html_figure(dot_chart(axes, dots),
                     "Everything that was tried: " + what +
                         " on the rows to choose by against the time of a run, measured beside "
                         "the original. Bars are 95 % intervals of the drop.",
                     {{"way", "time of a run", "file", "MACs", "parameters",
                       "change of " + what + " [pt]", "why not"},
                      rows,
                      1,
                      6}) +
         reasons(shrink);
}

std::string proof_of(const Json& shrink) {
  std::string out;
  for (const Json& a : shrink["attempts"].items()) {
    const Json& p = a["proof"];
    if (!p.is_object()) continue;
    const Json& answers = p["answers"];
    std::vector<HtmlRow> rows = {
        {"times faster", times_of(p["times_faster"])},
        {"times fewer joules", p["times_fewer_joules"].is_object()
                                   ? times_of(p["times_fewer_joules"])
                                   : "unknown: " + text_of(p["joules_reason"])},
        {"times smaller", fixed_text(p["times_smaller"].as_number(), 2) + "x"},
        {"change of " + text_of(shrink["original"]["score_name"]) + " [pt]",
         points_of(answers["drop"])},
        {"rows", text_of(answers["rows"])},
        {"only the original right", text_of(answers["only_original_right"])},
        {"only the smaller right", text_of(answers["only_candidate_right"])},
        {"pairs of blocks", text_of(p["pairs"]) + ", batch " + text_of(p["batch"]) + ", " +
                                text_of(p["threads"]) + " thread(s)"}};
    for (const Json& limit : p["limits"].items()) {
      rows.push_back({"limit " + text_of(limit["name"]),
                      text_of(limit["reached"]) + " of " + text_of(limit["limit"]) +
                          (limit["holds"].as_bool() ? ", holds" : ", NOT MET")});
    }
    out += "<h3>" + escaped(text_of(a["name"])) +
           (p["holds"].as_bool() ? ": proven" : ": not proven") + "</h3>";
    for (const Json& failure : p["failures"].items()) out += html_paragraph(failure.as_string());
    out += html_table({"what", "measured"}, rows, 1);
  }
  return out.empty() ? html_paragraph("Nothing was worth a proof.") : out;
}

std::string steps_of(const Json& where, const char* title) {
  if (!where.is_object()) return {};
  std::vector<HtmlRow> rows;
  for (const Json& step : where["steps"].items()) {
    rows.push_back({text_of(step["results"]), text_of(step["kind"]), text_of(step["kernel"]),
                    seconds_of(step["seconds"]),
                    fixed_text(100 * step["share"].as_number(), 1) + " %"});
  }
  return "<h3>" + escaped(title) + "</h3>" +
         html_paragraph("A run takes " + seconds_of(where["run_seconds"]) + "; conversions " +
                        fixed_text(100 * where["conversion_share"].as_number(), 1) +
                        " %, plain loops " + fixed_text(100 * where["plain_share"].as_number(), 1) +
                        " %, between steps " +
                        fixed_text(100 * where["between_share"].as_number(), 1) + " %.") +
         html_table({"writes", "kind", "kernel", "time", "share"}, rows, 3);
}

std::string nodes(const Json& shrink) {
  const std::string out = steps_of(shrink["time_before"], "The original") +
                          steps_of(shrink["time_after"], "What is shipped");
  return out.empty() ? html_paragraph("Nothing is shipped.") : out;
}

std::string beside(const Json& shrink) {
  const Json& b = shrink["beside"];
  if (!b.contains("equal_labels") && !b.contains("times_faster_than_original_there")) {
    return html_paragraph("Not measured: " + text_of(b["reason"]));
  }
  std::vector<HtmlRow> rows = {{"this engine, times faster than the original there",
                                times_of(b["times_faster_than_original_there"])},
                               {"this engine, times faster than the same file there",
                                times_of(b["times_faster_than_same_file_there"])}};
  if (b["equal_labels"].is_number()) {
    rows.push_back({"equal labels of the shipped file here and there",
                    fixed_text(100 * b["equal_labels"].as_number(), 2) + " %"});
  }
  return html_paragraph(text_of(b["engine"]) + " " + text_of(b["version"])) +
         html_table({"what", "measured"}, rows, 1);
}

std::string how(const Json& shrink) {
  const Json& p = shrink["promise"];
  std::vector<HtmlRow> rows = {
      {"rows", text_of(shrink["data"]["path"]) + ": " + text_of(shrink["data"]["rows"])},
      {"original run by",
       text_of(shrink["original"]["engine"]) + ": " + text_of(shrink["original"]["engine_why"])},
      {"goal", text_of(p["goal"])},
      {"most drop", fixed_text(100 * p["max_drop"].as_number(), 2) + " pt"},
      {"processor", text_of(shrink["how"]["cpu"])},
      {"energy", text_of(shrink["how"]["meter"])},
      {"search ended", text_of(shrink["search_ended"])}};
  std::vector<HtmlRow> stages;
  for (const Json& stage : shrink["stages"].items()) {
    stages.push_back({text_of(stage["name"]), seconds_of(stage["seconds"]),
                      joules_of(stage["energy"]["joules"])});
  }
  std::string out = html_table({"what", "how"}, rows);
  out += html_paragraph(
      "Original and candidate run in turns on this machine, in blocks whose order flips from pair "
      "to pair; the ratio is the median over pairs with its 95 % bootstrap interval. The drop is "
      "that of paired answers to rows that no choice was made by, its interval by Agresti and Min; "
      "the upper end is held against what is allowed.");
  out += html_table({"stage", "time", "energy"}, stages, 1);
  for (const Json& note : shrink["notes"].items()) out += html_paragraph(note.as_string());
  return out;
}

struct Part {
  const char *id, *title;
  std::string (*body)(const Json&);
};
constexpr Part kParts[] = {{"tried", "Everything tried", tried},
                           {"proof", "The proof", proof_of},
                           {"nodes", "Where the time goes, step by step", nodes},
                           {"beside", "The same file in the other engine", beside},
                           {"how", "How was this measured", how}};

}  // namespace

std::string shrink_html(const Json& shrink) {
  const std::string path = text_of(shrink["model"]["path"]);
  const std::string name = path.substr(path.find_last_of('/') + 1);
  std::string out = page_head("Tenbin: " + name + " shrunk") + "<h1>" + escaped(name) +
                    "</h1><p><b>" + escaped(text_of(shrink["verdict"])) +
                    "</b></p><p class='soft'>" +
                    escaped("tenbin shrink, " + text_of(shrink["measured"])) + "</p>";
  for (const Part& part : kParts) out += html_section(part.id, part.title, part.body(shrink));
  std::string json = shrink.dump();
  if (json.size() > kMostEmbedded) {
    json = Json::object({{"schema", shrink["schema"]}, {"left_out", "all: result.json has it"}})
               .dump();
  }
  return out + embedded_json("tenbin-shrink", json) + "</body></html>\n";
}

}  // namespace tenbin
