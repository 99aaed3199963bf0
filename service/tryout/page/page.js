// The page of a trial: strips that share one time axis, with a cross-hair, a zoom, and a flag for each work order.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const chart = document.getElementById("chart");
const NS = "http://www.w3.org/2000/svg";
const STRIP = 84, LANE = 46, TOP = 34, AXIS = 24, SCALE = 58, FAULTS = data.faults.length ? 16 : 0;
let view = [...data.span];

const lang = () => root.dataset.lang;
const read = (text) => text[lang()];
const clock = (ms, options) => new Intl.DateTimeFormat(lang() === "zh" ? "zh-CN" : "en-GB", { timeZone: data.zone, hourCycle: "h23", ...options }).format(ms);
const full = (ms) => clock(ms, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function element(name, attributes, parent, text) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function number(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(1);
  return String(Number(value.toPrecision(size >= 1000 ? 4 : 3)));
}

const strips = [...data.signals.map((signal) => ({ signal, height: STRIP })), ...data.lanes.map((lane) => ({ lane, height: LANE }))];

function draw() {
  const width = chart.clientWidth - SCALE, height = TOP + FAULTS + strips.reduce((sum, s) => sum + s.height, 0) + AXIS;
  const x = (ms) => ((ms - view[0]) / (view[1] - view[0])) * width;
  chart.replaceChildren();
  const whole = width + SCALE;
  const svg = element("svg", { width: whole, height, viewBox: `0 0 ${whole} ${height}`, role: "img" }, chart);
  const clip = element("clipPath", { id: "inside" }, element("defs", {}, svg));
  element("rect", { x: 0, y: 0, width, height }, clip);
  ticks(svg, x, width, height);
  const marks = element("g", { "clip-path": "url(#inside)" }, svg);
  for (const order of data.orders) band(marks, order, x, height);
  if (FAULTS) faults(marks, x);
  let y = TOP + FAULTS;
  for (const strip of strips) {
    strip.y = y;
    const group = element("g", { transform: `translate(0 ${y})` }, svg);
    if (strip.signal) drawSignal(group, strip, x, width);
    else drawLane(group, strip, x, width);
    y += strip.height;
  }
  for (const order of data.orders) flag(svg, order, x, width, height);
  follow(svg, x, width, height);
}

function ticks(svg, x, width, height) {
  const span = view[1] - view[0], target = span / Math.max(2, Math.floor(width / 130));
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000];
  const step = 1000 * (steps.find((s) => 1000 * s >= target) || 31536000);
  const offset = 60000 * zoneMinutes(view[0]);
  for (let at = Math.ceil((view[0] + offset) / step) * step - offset; at <= view[1]; at += step) {
    element("line", { x1: x(at), x2: x(at), y1: TOP, y2: height - AXIS, class: "grid" }, svg);
    const options = step >= 86400000 ? { month: "short", day: "numeric", ...(span > 3e10 ? { year: "2-digit" } : {}) } : step >= 60000 ? { hour: "2-digit", minute: "2-digit" } : { hour: "2-digit", minute: "2-digit", second: "2-digit" };
    const anchor = x(at) < 30 ? "start" : x(at) > width - 30 ? "end" : "middle";
    element("text", { x: x(at), y: height - 6, "text-anchor": anchor }, svg, clock(at, options));
  }
}

function zoneMinutes(ms) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: data.zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" }).formatToParts(ms).map((p) => [p.type, Number(p.value)]));
  return Math.round((Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute) - ms) / 60000);
}

function band(group, order, x, height) {
  const end = order.ended ?? data.span[1];
  element("rect", { x: x(order.started), y: TOP, width: Math.max(1, x(end) - x(order.started)), height: height - TOP - AXIS, class: "order", fill: `var(--level-${order.level})` }, group);
}

function faults(group, x) {
  for (const [from, until] of data.faults) {
    const mark = element("rect", { x: x(from), y: TOP, width: Math.max(2, x(until) - x(from)), height: FAULTS - 6, rx: 3, class: "fault" }, group);
    element("title", {}, mark, `${full(from)} – ${full(until)}`);
  }
}

function drawSignal(group, strip, x, width) {
  const { signal } = strip, plot = [22, strip.height - 10];
  const inside = signal.at.map((n, i) => [data.span[0] + n * signal.step, i]).filter(([at]) => at + signal.step >= view[0] && at <= view[1]);
  const lows = inside.map(([, i]) => signal.low[i]), highs = inside.map(([, i]) => signal.high[i]);
  let low = Math.min(...lows), high = Math.max(...highs);
  if (!inside.length) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const y = (value) => plot[1] - ((value - low) / (high - low)) * (plot[1] - plot[0]);
  strip.value = (ms) => {
    const wanted = Math.floor((ms - data.span[0]) / signal.step);
    const i = nearest(signal.at, wanted);
    return Math.abs(signal.at[i] - wanted) <= Math.max(2, 0.004 * (view[1] - view[0]) / signal.step) ? `${number(signal.mean[i])} ${signal.unit}` : "–";
  };
  const body = element("g", { "clip-path": "url(#inside)" }, group);
  for (const run of runs(inside, signal.at)) {
    const middle = ([at]) => x(at + signal.step / 2);
    const upper = run.map((p) => `${middle(p).toFixed(1)},${y(signal.high[p[1]]).toFixed(1)}`);
    const lower = run.map((p) => `${middle(p).toFixed(1)},${y(signal.low[p[1]]).toFixed(1)}`).reverse();
    element("path", { d: `M${upper.join("L")}L${lower.join("L")}Z`, class: "band" }, body);
    element("path", { d: `M${run.map((p) => `${middle(p).toFixed(1)},${y(signal.mean[p[1]]).toFixed(1)}`).join("L")}`, class: "mean" }, body);
  }
  const named = element("text", { x: 0, y: 14, class: "name" }, group, read(signal.label));
  element("tspan", { style: "font-weight:400;fill:var(--muted)" }, named, `  ${signal.name}${signal.unit ? ` · ${signal.unit}` : ""}`);
  element("text", { x: width + SCALE, y: plot[0] + 4, "text-anchor": "end" }, group, number(high));
  element("text", { x: width + SCALE, y: plot[1] + 4, "text-anchor": "end" }, group, number(low));
}

function drawLane(group, strip, x, width) {
  const { lane } = strip, plot = [18, strip.height - 8], y = (score) => plot[1] - score * (plot[1] - plot[0]);
  const body = element("g", { "clip-path": "url(#inside)" }, group);
  const points = lane.at.map((at, i) => `${x(at).toFixed(1)},${y(lane.score[i]).toFixed(1)}`);
  if (points.length) element("path", { d: `M${points.join("L")}`, class: "score" }, body);
  element("line", { x1: 0, x2: width, y1: y(lane.raise), y2: y(lane.raise), class: "limit" }, body);
  const named = element("text", { x: 0, y: 12, class: "name" }, group, read(lane.label));
  element("tspan", { style: "font-weight:400;fill:var(--muted)" }, named, `  ${lang() === "zh" ? "判定值 0–1" : "score 0–1"}`);
  strip.value = (ms) => (lane.at.length ? number(lane.score[nearest(lane.at, ms)]) : "–");
}

function nearest(sorted, wanted) {
  let low = 0, high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1; else high = middle;
  }
  return low > 0 && Math.abs(sorted[low - 1] - wanted) < Math.abs(sorted[low] - wanted) ? low - 1 : low;
}

function runs(points, at) {
  // A line is broken where nothing was recorded for longer than the signal usually pauses.
  const steps = points.slice(1).map(([, i], n) => at[i] - at[points[n][1]]).sort((a, b) => a - b);
  const usual = steps.length ? steps[steps.length >> 1] : 1;
  const found = [];
  for (const [n, point] of points.entries()) {
    if (n && at[point[1]] - at[points[n - 1][1]] <= 5 * usual) found[found.length - 1].push(point);
    else found.push([point]);
  }
  return found;
}

function flag(svg, order, x, width, height) {
  const at = x(order.raised);
  if (at < 0 || at > width) return;
  const colour = `var(--level-${order.level})`;
  element("line", { x1: at, x2: at, y1: 24, y2: height - AXIS, class: "flag", stroke: colour }, svg);
  const link = element("a", { href: `#order-${order.number}`, class: "flag-dot" }, svg);
  const middle = Math.min(Math.max(at, 12), width - 12);
  element("rect", { x: middle - 12, y: 2, width: 24, height: 24, rx: 8, fill: colour }, link);
  element("text", { x: middle, y: 19, class: "flag-number" }, link, order.number);
  element("title", {}, link, read(order.title));
}

function follow(svg, x, width, height) {
  const cross = element("g", { visibility: "hidden" }, svg);
  const line = element("line", { y1: TOP, y2: height - AXIS, class: "cross" }, cross);
  const moment = element("text", { y: TOP - 8, class: "value" }, cross);
  const values = strips.map(() => element("text", { class: "value" }, cross));
  let from = null, pick = null;
  const at = (event) => Math.min(Math.max(event.clientX - chart.getBoundingClientRect().left, 0), width);
  const time = (px) => view[0] + (px / width) * (view[1] - view[0]);
  svg.addEventListener("pointermove", (event) => {
    const px = at(event), side = px > width - 150;
    cross.setAttribute("visibility", "visible");
    line.setAttribute("x1", px); line.setAttribute("x2", px);
    const anchor = px < 170 || (!side && px < 150) ? "start" : "end";
    for (const [n, text] of [moment, ...values].entries()) {
      text.setAttribute("x", anchor === "start" ? px + 6 : px - 6);
      text.style.textAnchor = anchor;
      if (n === 0) { text.textContent = full(time(px)); continue; }
      text.setAttribute("y", strips[n - 1].y + (strips[n - 1].signal ? 30 : 24));
      text.textContent = strips[n - 1].value(time(px));
    }
    if (from !== null && pick) { pick.setAttribute("x", Math.min(from, px)); pick.setAttribute("width", Math.abs(px - from)); }
  });
  svg.addEventListener("pointerleave", () => cross.setAttribute("visibility", "hidden"));
  svg.addEventListener("pointerdown", (event) => {
    if (event.target.closest("a") || event.pointerType === "touch") return;
    from = at(event);
    pick = element("rect", { x: from, y: TOP, width: 0, height: height - TOP - AXIS, class: "pick" }, svg);
  });
  svg.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const [start, end] = [from, at(event)].sort((a, b) => a - b);
    from = null;
    if (end - start > 6) show(time(start), time(end)); else pick.remove();
  });
  svg.addEventListener("dblclick", () => show(...data.span));
}

function show(start, end) {
  const least = Math.min(...data.signals.map((s) => s.step)) * 20;
  view = end - start < least ? [start - least / 2, start + least / 2] : [start, end];
  document.getElementById("whole").hidden = view[0] === data.span[0] && view[1] === data.span[1];
  draw();
}

function speak(language) {
  root.dataset.lang = language;
  root.lang = language === "zh" ? "zh-CN" : "en";
  for (const image of document.querySelectorAll("img[data-order]")) picture(image);
  draw();
}

function picture(image) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  image.src = data.orders[image.dataset.order].pictures[`${lang()}-${dark ? "dark" : "light"}`];
}

document.getElementById("language").addEventListener("click", () => speak(lang() === "zh" ? "en" : "zh"));
document.getElementById("whole").addEventListener("click", () => show(...data.span));
for (const button of document.querySelectorAll("button[data-show]")) {
  button.addEventListener("click", () => {
    const order = data.orders[button.dataset.show], margin = 0.05 * (data.span[1] - data.span[0]);
    show(Math.max(data.span[0], order.started - margin), Math.min(data.span[1], (order.ended ?? order.raised) + margin));
    chart.scrollIntoView({ behavior: "smooth", block: "center" });
  });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => speak(lang()));
new ResizeObserver(() => draw()).observe(chart);
speak(navigator.language.startsWith("zh") ? "zh" : "en");
