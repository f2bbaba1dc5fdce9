/* Draws each <canvas data-chart="ID"> from the JSON in <template id="ID">, also in what htmx swaps in. The page contains
   the kinds "bars" and "table" as HTML; their JSON is for the table and the picture. */
import { configurationOf } from "./kinds.js";
import { activate, handleKey } from "./navigation.js";
import { download } from "./pictures.js";
import { alignSlider, moveRule } from "./slider.js";
import { specOf } from "./specification.js";
import { resizeForPaper } from "./paper.js";
import { reopenTables, showTable } from "./tables.js";
import { NARROW } from "./theme.js";

const charts = new Map(); // canvas → Chart

/* A chart can be made before its box has its place: the box then gets another width, once, and Chart.js may have begun
   to watch it after that. Each box is watched from before the chart is made. */
const boxes = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const canvas = target.querySelector(":scope > canvas[data-chart]"), chart = charts.get(canvas);
  if (!chart || matchMedia("print").matches || !target.clientWidth) return;
  if (chart.narrow !== isNarrow(canvas)) draw(canvas); // its labels are chosen by the width
  else if (Math.abs(chart.width - target.clientWidth) > 1) chart.resize();
}));
const isNarrow = (canvas) => canvas.parentElement.clientWidth < NARROW;

/* Chart.js answers a change of size 60 ms later, also for a chart that was removed meanwhile. */
function remove(chart) {
  chart.destroy();
  chart.update = chart.render = chart.resize = () => {};
}

function draw(canvas) {
  const spec = specOf(canvas.dataset.chart);
  if (!spec || typeof Chart === "undefined") return;
  if (charts.has(canvas)) remove(charts.get(canvas));
  boxes.observe(canvas.parentElement);
  const config = configurationOf(canvas, spec);
  config.plugins = [...(config.plugins ?? []), { id: "slider", afterUpdate: alignSlider }]; // also when a phone is turned
  const chart = new Chart(canvas, config);
  chart.spec = spec;
  chart.narrow = isNarrow(canvas);
  canvas.tabIndex = 0;
  charts.set(canvas, chart);
}

function drawAll(root = document) {
  for (const [canvas, chart] of charts) if (!canvas.isConnected) { remove(chart); charts.delete(canvas); boxes.disconnect(); }
  for (const canvas of charts.keys()) boxes.observe(canvas.parentElement);
  root.querySelectorAll("canvas[data-chart]").forEach(draw);
  reopenTables(root);
}

document.addEventListener("click", (event) => {
  const table = event.target.closest?.("[data-chart-table]");
  const png = event.target.closest?.("[data-chart-png]");
  if (table) showTable(table, table.getAttribute("aria-pressed") !== "true");
  if (png) download(png, charts);
});

document.addEventListener("keydown", (event) => { if (charts.has(event.target)) handleKey(charts.get(event.target), event); });
document.addEventListener("focusout", (event) => { if (typeof charts.get(event.target)?.at === "number") activate(charts.get(event.target), -1); });

document.addEventListener("input", (event) => {
  const id = event.target.dataset?.moves;
  const chart = id && charts.get(document.querySelector(`canvas[data-chart="${CSS.escape(id)}"]`));
  if (chart) moveRule(chart, Number(event.target.value));
});

document.addEventListener("netone:theme", () => drawAll());
document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) drawAll(event.detail.elt); });
document.addEventListener("toggle", (event) => {
  if (event.target.open) for (const [canvas, chart] of charts) if (event.target.contains(canvas)) chart.resize();
}, true); // in a closed fold a chart has no size
addEventListener("beforeprint", () => charts.forEach(resizeForPaper));
addEventListener("afterprint", () => charts.forEach((chart) => chart.resize()));
document.fonts.ready.then(() => drawAll());
