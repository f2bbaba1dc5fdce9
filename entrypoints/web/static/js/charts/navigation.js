/* From a chart to its customers: a click on a bar, point or slice, and the keyboard. Arrows move between points and
   announce them, Enter opens the customers of a point. */
import { element } from "./dom.js";

function linkAt(chart, event) {
  const { spec } = chart;
  const [hit] = chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, false);
  if (spec.kind === "pie") return hit && hit.datasetIndex === 0 ? spec.links?.[hit.index] : null;
  const own = hit && chart.data.datasets[hit.datasetIndex].series?.links?.[hit.index];
  const [near] = hit ? [hit] : chart.getElementsAtEventForMode(event, "index", { intersect: false, axis: "x" }, false);
  return own ?? (near ? spec.links?.[near.index] : null) ?? null;
}

const follow = (link) => { if (link) location.assign(link); };

const inside = (chart, { x, y }) => {
  const { left, right, top, bottom } = chart.chartArea;
  return x >= left && x <= right && y >= top && y <= bottom;
};

export const following = {
  onClick(event, _, chart) {
    if (inside(chart, event)) follow(linkAt(chart, event));
  },
  onHover(event, _, chart) {
    chart.canvas.style.cursor = chart.spec?.links && inside(chart, event) && linkAt(chart, event) ? "pointer" : "";
  },
};

function stops(chart) {
  const drawn = chart.data.datasets.flatMap((dataset, datasetIndex) =>
    dataset.helper || dataset.series?.silent ? [] : dataset.data.map((value, index) => ({ datasetIndex, index, empty: (value?.y ?? value) === null })));
  const readable = drawn.filter((point) => !point.empty);
  if (chart.spec.kind === "pie") return readable.map((point) => [point]);
  const places = [...new Set(readable.map(({ index }) => index))].sort((a, b) => a - b);
  return places.map((index) => readable.filter((point) => point.index === index));
}

export function activate(chart, at) {
  const points = stops(chart)[at] ?? [];
  chart.at = points.length ? at : null;
  const active = points.map(({ datasetIndex, index }) => ({ datasetIndex, index }));
  chart.setActiveElements(chart.spec.kind === "pie" ? active : []);
  chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
  chart.update("none");
  const { title = [], body = [] } = chart.tooltip;
  announcer().textContent = points.length ? [...title, ...body.flatMap(({ lines }) => lines)].map((line) => line.trim()).join(", ") : "";
}

function announcer() {
  const existing = document.getElementById("chart-says");
  if (existing) return existing;
  const made = element("p", { id: "chart-says", className: "visually-hidden" });
  made.setAttribute("role", "status");
  document.body.append(made);
  return made;
}

export function handleKey(chart, event) {
  const last = stops(chart).length - 1;
  const to = { ArrowRight: (chart.at ?? -1) + 1, ArrowLeft: (chart.at ?? last + 1) - 1, Home: 0, End: last, Escape: null }[event.key];
  if (to !== undefined) {
    activate(chart, to === null ? -1 : Math.max(0, Math.min(to, last)));
    event.preventDefault();
  } else if (event.key === "Enter" && typeof chart.at === "number") {
    const [{ datasetIndex, index }] = stops(chart)[chart.at];
    if (chart.spec.kind !== "pie" || datasetIndex === 0) follow(chart.spec.links?.[index]);
  }
}
