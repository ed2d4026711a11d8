// SPDX-License-Identifier: Apache-2.0
#include "app/report/report.h"

#include "app/report/html.h"
#include "app/report/page.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostEmbedded = 500'000;  // [B] of JSON in the page

struct Part {
  const char *id, *title;
  std::string (*body)(const Json&);
};
constexpr Part kParts[] = {
    {"verdict", "Verdict", report_verdict},
    {"tried", "What was tried", report_candidates},
    {"learning", "Learning", report_learning},
    {"answers", "Answers on the test split", report_answers},
    {"latency", "Latency", report_latency},
    {"costs", "Where energy and time went", report_costs},
    {"data", "Data", report_data},
    {"done", "What was done to the data, and why", report_done},
    {"how", "How was this measured", report_how},
};

// JSON that cannot end its script element early. A long document leaves out its longest lists,
// which stand in result.json.
std::string embedded(Json fit) {
  std::string text = fit.dump();
  if (text.size() > kMostEmbedded) {
    Json data = fit["data"], profile = fit["data"]["profile"], training = fit["training"];
    profile.set("columns", Json::array());
    data.set("profile", std::move(profile));
    data.set("features", Json::array());
    training.set("curve", Json::array());
    fit.set("data", std::move(data));
    fit.set("training", std::move(training));
    fit.set("model", Json::object({{"name", fit["model"]["name"]}}));
    fit.set("left_out", "data.profile.columns, data.features, training.curve, model: result.json");
    text = fit.dump();
  }
  if (text.size() > kMostEmbedded) {
    text = Json::object({{"schema", fit["schema"]}, {"left_out", "all: result.json"}}).dump();
  }
  return embedded_json("tenbin-fit", text);
}

}  // namespace

std::string report_html(const Json& fit) {
  const std::string path = text_of(fit["data"]["path"]);
  const std::string name =
      path.substr(path.find_last_of('/') + 1) + " \xe2\x86\x92 " + text_of(fit["data"]["target"]);
  std::string out =
      page_head("Tenbin: " + name) + "<h1>" + escaped(name) + "</h1><p class='soft'>" +
      escaped("tenbin fit, " + text_of(fit["data"]["task"]) + ", " + text_of(fit["data"]["rows"]) +
              " rows, " + text_of(fit["run"]["started_utc"])) +
      "</p><nav>";
  for (const Part& part : kParts) {
    out += "<a href='#" + std::string(part.id) + "'>" + part.title + "</a> ";
  }
  out += "</nav>";
  for (const Part& part : kParts) out += html_section(part.id, part.title, part.body(fit));
  return out + embedded(fit) + "</body></html>\n";
}

}  // namespace tenbin
