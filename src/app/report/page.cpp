// SPDX-License-Identifier: Apache-2.0
#include "app/report/page.h"

#include "app/report/chart_style.h"
#include "app/report/svg.h"

namespace tenbin {
namespace {

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

}  // namespace

std::string page_head(const std::string& title) {
  return kHead + escaped(title) + kStyle + chart_colours() + kPageStyle + chart_rules() +
         kMoreStyle + page_hatch();
}

std::string embedded_json(const char* id, const std::string& json) {
  std::string out;
  for (const char c : json) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return "<script type='application/json' id='" + std::string(id) + "'>" + out + "</script>";
}

}  // namespace tenbin
