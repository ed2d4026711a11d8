// SPDX-License-Identifier: Apache-2.0
#include "app/report/report.h"

#include "app/report/chart_style.h"
#include "app/report/html.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostEmbedded = 500'000;  // [B] of JSON in the page

constexpr const char* kHead =
    "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
    "<meta name='viewport' content='width=device-width, initial-scale=1'><title>";

constexpr const char* kStyle =
    "</title><style>"
    ":root{color-scheme:light dark;--paper:#fff;--panel:#f6f8fa;--good:#00704f;--bad:#b34700";

constexpr const char* kPageStyle =
    "}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--paper:#0d1117;"
    "--panel:#161b22;--line:#3a424c;--c0:#56b4e9;--c1:#ff9a4d;--c2:#3fcf9f;--c3:#e39bc4;"
    "--c4:#e6b800;--good:#3fcf9f;--bad:#ff9a4d}}"
    "*{box-sizing:border-box}"
    "body{font:16px/1.5 system-ui,'Noto Sans','Noto Sans CJK JP',sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:54rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}"
    "h2{font-size:1.25rem;border-bottom:1px solid var(--line);margin-top:2.4rem}"
    "h3{font-size:1.02rem;margin-bottom:.3rem}.soft,figcaption{color:var(--soft)}"
    "figcaption{font-size:.9rem;margin:.3rem 0}"
    "nav a{margin-right:.9rem;white-space:nowrap}a{color:var(--c0)}"
    "table{border-collapse:collapse;font-size:.9rem;margin:.6rem 0}.wide{overflow-x:auto}"
    "td,th{padding:.22rem .7rem .22rem 0;text-align:left;vertical-align:top;"
    "border-bottom:1px solid var(--line)}td{overflow-wrap:break-word;min-width:3.4rem}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".matrix td,.matrix th{padding:.25rem .55rem}.matrix td.own{font-weight:600}"
    ".tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0}"
    ".tile{background:var(--panel);border:1px solid var(--line);border-radius:6px;"
    "padding:.5rem .8rem;min-width:9.4rem;flex:1}.tile span{display:block;font-size:.82rem;"
    "color:var(--soft)}.tile b{font-size:1.1rem;line-height:1.3}.tile "
    "b.long{font-size:.9rem;line-height:1.6}"
    "figure{margin:1rem 0;padding:.8rem;background:var(--panel);border:1px solid var(--line);"
    "border-radius:6px}svg{width:100%;height:auto;display:block}";

constexpr const char* kMoreStyle =
    ".ok{color:var(--good);font-weight:600}.no{color:var(--bad);font-weight:600}"
    ".save{font-size:.9rem;margin:.3rem 0}details{margin:.4rem "
    "0}summary{cursor:pointer;color:var(--soft);font-size:.9rem}"
    "@page{margin:14mm}@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;"
    "--panel:#fff;--line:#bbb;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b5538c;--c4:#9a6b00;"
    "--good:#00704f;--bad:#b34700}body{margin:0;max-width:none;font-size:11pt}"
    "nav,details,.save{display:none}figure,tr,.tiles{break-inside:avoid}h2,h3{break-after:avoid}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"
    "</style></head><body>";

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
  std::string out;
  for (const char c : text) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return "<script type='application/json' id='tenbin-fit'>" + out + "</script>";
}

}  // namespace

std::string report_html(const Json& fit) {
  const std::string path = text_of(fit["data"]["path"]);
  const std::string name =
      path.substr(path.find_last_of('/') + 1) + " \xe2\x86\x92 " + text_of(fit["data"]["target"]);
  std::string out =
      kHead + escaped("Tenbin: " + name) + kStyle + chart_colours() + kPageStyle + chart_rules() +
      kMoreStyle + page_hatch() + "<h1>" + escaped(name) + "</h1><p class='soft'>" +
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
