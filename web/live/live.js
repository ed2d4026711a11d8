// SPDX-License-Identifier: Apache-2.0
// The live page: asks /api/v1/status once a second and draws what changed since.
"use strict";

const kEvery = 1000;
const kKept = 120;
let before = null;
const history = new Map();

const byId = (id) => document.getElementById(id);
const make = (name, attributes = {}, ...children) => {
  const svg = ["svg", "rect", "line", "text", "polyline", "title"].includes(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name)
                   : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

function quantity(value, unit, digits = 3) {
  if (value === null || !Number.isFinite(value)) return "unknown";
  if (value === 0) return `0 ${unit}`;
  const steps = [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]];
  const [size, prefix] = steps.find(([least]) => Math.abs(value) >= least) ?? steps.at(-1);
  return `${Number((value / size).toPrecision(digits))} ${prefix}${unit}`;
}

// The value below which a share of the counts lies; bounds are upper ends, linear inside.
function quantile(counts, bounds, share) {
  const all = counts.reduce((a, b) => a + b, 0);
  if (all === 0) return null;
  let below = 0;
  for (let i = 0; i < counts.length; ++i) {
    if (below + counts[i] >= share * all && counts[i] > 0) {
      const low = i === 0 ? 0 : bounds[i - 1];
      const high = bounds[i] ?? bounds.at(-1);
      return low + (high - low) * (share * all - below) / counts[i];
    }
    below += counts[i];
  }
  return bounds.at(-1);
}

const minus = (a, b) => a.map((value, i) => value - (b ? b[i] : 0));

function figures(pairs) {
  return pairs.map(([label, value]) =>
    make("div", {}, make("b", {}, value), make("span", {}, label)));
}

// Lines over the last two minutes, each scaled by the largest of all.
function lines(series, unit) {
  const [width, height, left] = [400, 100, 4];
  const all = series.flatMap(([, values]) => values).filter(Number.isFinite);
  const top = Math.max(...all, 1e-12);
  const svg = make("svg", {viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img"});
  svg.append(make("title", {}, series.map(([name]) => name).join(", ")));
  svg.append(make("line", {x1: 0, x2: width, y1: height - 1, y2: height - 1}));
  series.forEach(([, values, colour]) => {
    const points = values.map((value, i) => Number.isFinite(value)
      ? `${left + i * (width - left) / (kKept - 1)},${height - 2 - value / top * (height - 16)}` : "");
    svg.append(make("polyline", {points: points.join(" "), fill: "none", stroke: `var(--${colour})`,
                                 "stroke-width": 1.5, "vector-effect": "non-scaling-stroke"}));
  });
  svg.append(make("text", {x: left, y: 10}, quantity(top, unit)));
  return svg;
}

function bars(counts, bounds) {
  const [width, height] = [400, 100];
  const top = Math.max(...counts, 1);
  const svg = make("svg", {viewBox: `0 0 ${width} ${height}`, role: "img"});
  svg.append(make("title", {}, "rows of a batch"));
  const step = width / counts.length;
  counts.forEach((count, i) => {
    const tall = count / top * (height - 26);
    svg.append(make("rect", {x: i * step + 2, width: step - 4, y: height - 14 - tall, height: tall,
                             fill: "var(--a)"}, make("title", {}, `${count} batches`)));
    svg.append(make("text", {x: i * step + step / 2, y: height - 2, "text-anchor": "middle"},
                    i < bounds.length ? String(bounds[i]) : "more"));
  });
  return svg;
}

function remember(key, values) {
  const kept = history.get(key) ?? [];
  kept.push(values);
  while (kept.length > kKept) kept.shift();
  history.set(key, kept);
  return kept;
}

// What the version answers of its model's requests, where there is a choice.
function part(model, rollouts) {
  const rollout = rollouts.find((r) => r.model === model.name);
  if (!rollout || rollout.versions.length < 2) return "";
  const percent = (share) => `${(100 * share).toFixed(0)} %`;
  const {canary, shadow} = rollout;
  if (canary?.version === model.version) return `, canary of ${percent(canary.share)}`;
  if (shadow?.version === model.version) {
    const same = shadow.labelled_rows ? `, ${percent(shadow.same_label / shadow.labelled_rows)} of labels equal` : "";
    return `, shadow of ${percent(shadow.share)}${same}`;
  }
  return rollout.stable === model.version ? `, answers ${percent(1 - (canary?.share ?? 0))}` : ", by name alone";
}

function drawModel(model, old, status, seconds) {
  const key = `${model.name}/${model.version}`;
  const recent = minus(model.request_seconds, old?.request_seconds);
  const rate = old ? (model.requests - old.requests) / seconds : null;
  const spent = old ? model.request_joules - old.request_joules : null;
  const per1000 = rate > 0 ? spent / (rate * seconds) * 1000 : null;
  const p50 = quantile(recent, status.second_bounds, 0.5);
  const p99 = quantile(recent, status.second_bounds, 0.99);
  const kept = remember(key, {rate: rate ?? NaN, p50: p50 ?? NaN, p99: p99 ?? NaN});
  const section = make("section", {class: model.asleep ? "asleep" : ""});
  section.append(make("h2", {}, model.name + (model.version ? ` ${model.version}` : "") +
                                part(model, status.rollouts) + (model.asleep ? " (asleep)" : "")));
  section.append(make("div", {class: "figures"}, ...figures([
    ["requests a second", rate === null ? "…" : quantity(rate, "")],
    ["p50", p50 === null ? "no requests" : quantity(p50, "s")],
    ["p99", p99 === null ? "no requests" : quantity(p99, "s")],
    ["waiting", String(model.waiting)],
    ["answered", model.requests.toLocaleString("en")],
    ["failed or refused", model.failed.toLocaleString("en")],
    ...model.variants.filter((v) => v.workers !== undefined && v.in_use).map((v) =>
      ["workers (restarts)", `${v.workers} (${v.worker_restarts})`]),
    ["joules per 1,000 requests", per1000 === null ? "no requests" : quantity(per1000, "J")]])));
  section.append(make("div", {class: "pair"},
    make("figure", {}, make("figcaption", {}, "requests a second"),
         lines([["requests a second", kept.map((k) => k.rate), "a"]], "/s")),
    make("figure", {}, make("figcaption", {}, "latency: p50 (blue), p99 (orange)"),
         lines([["p50", kept.map((k) => k.p50), "a"], ["p99", kept.map((k) => k.p99), "b"]], "s")),
    make("figure", {}, make("figcaption", {}, "batches by rows, up to"),
         bars(model.batch_rows, status.row_bounds))));
  if (model.variants.length > 1) {
    const rows = model.variants.map((v) => make("tr", {class: v.in_use ? "used" : ""},
      make("td", {}, v.name), make("td", {}, quantity(v.seconds_per_row, "s")),
      make("td", {}, quantity(v.bytes, "B")), make("td", {}, String(v.requests ?? ""))));
    section.append(make("table", {},
      make("thead", {}, make("tr", {}, ...["variant", "a row", "size", "requests"].map((t) => make("th", {}, t)))),
      make("tbody", {}, ...rows)));
  }
  return section;
}

function drawEnergy(energy) {
  byId("energy").replaceChildren(...figures([
    ["total", quantity(energy.total_joules, "J")], ["requests", quantity(energy.request_joules, "J")],
    ["padding", quantity(energy.padding_joules, "J")], ["overhead", quantity(energy.overhead_joules, "J")],
    ["idle", quantity(energy.idle_joules, "J")], ["cost", `${energy.cost.toPrecision(3)} ${energy.currency}`]]));
  byId("provenance").textContent = `${energy.provenance} (${energy.source})`;
  const parts = [["request_joules", "a"], ["padding_joules", "b"], ["overhead_joules", "c"], ["idle_joules", "d"]];
  const all = parts.reduce((sum, [name]) => sum + energy[name], 0) || 1;
  let at = 0;
  const svg = byId("shares");
  svg.setAttribute("viewBox", "0 0 100 4");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.replaceChildren(...parts.map(([name, colour]) => {
    const width = energy[name] / all * 100;
    const rect = make("rect", {x: at, width, y: 0, height: 4, fill: `var(--${colour})`},
                      make("title", {}, `${name.replace("_joules", "")}: ${width.toFixed(1)} %`));
    at += width;
    return rect;
  }));
}

function drawDecisions(decisions) {
  if (decisions.length === 0) return;
  byId("decisions").replaceChildren(...decisions.slice(-20).reverse().map((d) => make("tr", {},
    make("td", {}, new Date(d.wall_ns / 1e6).toLocaleTimeString()), make("td", {}, d.controller),
    make("td", {}, d.model), make("td", {}, d.action), make("td", {}, d.reason))));
}

async function tick() {
  try {
    const answer = await fetch("/api/v1/status", {cache: "no-store"});
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const status = await answer.json();
    const seconds = before ? status.steady_seconds - before.steady_seconds : 1;
    byId("version").textContent = status.version;
    byId("state").textContent = `${status.models.length} ${status.models.length === 1 ? "model" : "models"}, ` +
      `${status.threads} ${status.threads === 1 ? "thread" : "threads"}, ` +
      `seen ${new Date().toLocaleTimeString()}`;
    byId("models").replaceChildren(...status.models.map((model) => drawModel(model,
      before?.models.find((m) => m.name === model.name && m.version === model.version), status, seconds)));
    drawEnergy(status.energy);
    drawDecisions(status.decisions);
    before = status;
  } catch (error) {
    byId("state").textContent = `no answer: ${error.message}`;
  }
  setTimeout(tick, kEvery);
}
tick();
