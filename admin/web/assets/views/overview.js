// What the server does at this moment.

import {h, put, bytes, duration} from "/assets/dom.js";
import {live, on} from "/assets/live.js";
import {page} from "/assets/ui.js";
import uPlot from "/assets/vendor/uplot.js";

const bits = (n) => `${bytes(n / 1).replace("B", "bit")}/s`;
const number = (n) => new Intl.NumberFormat("en", {maximumFractionDigits: n < 10 ? 1 : 0}).format(n);

// charts: title, unit, series of [label, value(point), colour], and how a value reads.
const charts = [
  ["People", [["here", (p) => p.people, "--chart-1"], ["talking", (p) => p.talking, "--chart-2"]], number],
  ["Voice", [["in", (p) => p.inBits, "--chart-1"], ["out", (p) => p.outBits, "--chart-2"]], bits],
  ["Dropped datagrams and frames", [["a second", (p) => p.dropped, "--chart-3"]], number],
  ["Processor", [["of one core", (p) => p.cpu, "--chart-1"]], (n) => `${number(n)} %`],
  ["Memory", [["in use", (p) => p.memory, "--chart-2"]], bytes],
  ["Round trip, median", [["to clients", (p) => p.roundTrip, "--chart-1"]], (n) => `${number(n)} ms`],
];

export function mount(main, {server}) {
  const tiles = new Map();
  const tile = (key, label) => {
    const value = h("dd", {}, "–");
    tiles.set(key, value);
    return h("div", {class: "tile"}, h("dt", {}, label), value);
  };
  const reasons = h("div", {class: "reasons"});
  const frames = charts.map(([title]) => h("figure", {class: "chart"}, h("figcaption", {}, title), h("div", {class: "plot"}, h("p", {class: "empty"}, "Waiting for figures…"))));
  put(main, page("Overview", [],
    h("dl", {class: "tiles"}, tile("people", "People"), tile("talking", "Talking"), tile("in", "Voice in"), tile("out", "Voice out"),
      tile("dropped", "Dropped"), tile("cpu", "Processor"), tile("memory", "Memory"), tile("trip", "Round trip"), tile("uptime", "Uptime")),
    h("div", {class: "charts"}, frames), reasons,
    h("p", {class: "dim small"}, `Version ${server.version} · control ${server.control} · voice ${server.voice}`),
    h("p", {class: "dim small fingerprint"}, "Key ", h("code", {}, server.fingerprint))));

  const set = (key, text) => { tiles.get(key).textContent = text; };
  let plots = [];
  const draw = () => {
    const now = live.stats;
    if (!now) return;
    const last = live.history.at(-1);
    set("people", number(now.people));
    set("talking", number(now.talking));
    set("uptime", duration(now.uptime_seconds));
    set("memory", bytes(now.memory_bytes));
    set("trip", now.round_trip.median_ms ? `${number(now.round_trip.median_ms)} ms` : "–");
    if (last) {
      set("in", bits(last.inBits));
      set("out", bits(last.outBits));
      set("dropped", `${number(last.dropped)}/s`);
      set("cpu", `${number(last.cpu)} %`);
    }
    showReasons(reasons, now.voice.dropped);
    if (live.history.length < 2) return;
    if (plots.length === 0) plots = charts.map((chart, i) => plot(frames[i].querySelector(".plot"), chart));
    const times = live.history.map((p) => p.t);
    plots.forEach((made, i) => made.setData([times, ...charts[i][1].map(([, value]) => live.history.map(value))]));
  };
  const resize = new ResizeObserver(() => plots.forEach((made, i) => made.setSize(size(frames[i].querySelector(".plot")))));
  frames.forEach((frame) => resize.observe(frame));
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => { for (const made of plots) made.destroy(); plots = []; draw(); };
  scheme.addEventListener("change", recolour);
  const watchTheme = new MutationObserver(recolour);
  watchTheme.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
  const off = on("stats", draw);
  draw();
  return () => {
    off();
    resize.disconnect();
    watchTheme.disconnect();
    scheme.removeEventListener("change", recolour);
    for (const made of plots) made.destroy();
  };
}

function showReasons(at, dropped) {
  const rows = Object.entries(dropped).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  put(at, rows.length > 0 && [h("h2", {}, "Dropped since the start, by reason"),
    h("ul", {class: "pairs"}, rows.map(([reason, n]) => h("li", {}, h("span", {}, reason.replaceAll("_", " ")), h("b", {}, number(n)))))]);
}

const size = (element) => ({width: Math.max(200, element.clientWidth), height: 150});

// plot makes a chart in the page's present colours.
function plot(at, [title, series, text]) {
  put(at);
  const style = getComputedStyle(document.documentElement);
  const colour = (property) => style.getPropertyValue(property).trim();
  const axis = {stroke: colour("--dim"), grid: {stroke: colour("--line"), width: 1}, ticks: {show: false}, font: "11px system-ui, sans-serif"};
  return new uPlot({
    ...size(at),
    cursor: {drag: {x: false, y: false}, points: {size: 6}},
    legend: {live: true},
    scales: {y: {range: (_, low, high) => [0, high > 0 ? high * 1.15 : 1]}},
    axes: [{...axis, values: "{HH}:{mm}:{ss}", space: 70, size: 34}, {...axis, size: 64, values: (_, ticks) => ticks.map(text)}],
    series: [{value: "{HH}:{mm}:{ss}"}, ...series.map(([label, , variable], i) => ({
      label, stroke: colour(variable), width: 2, points: {show: false}, spanGaps: true,
      fill: i === 0 ? `${colour(variable)}22` : undefined, value: (_, n) => (n === null || n === undefined ? "–" : text(n)),
    }))],
  }, [[], ...series.map(() => [])], at);
}
