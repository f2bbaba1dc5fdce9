/* Draws each <canvas data-chart="ID"> from the JSON in <template id="ID">, also in what htmx swaps in. The page contains
   the kinds "bars" and "table" as HTML; their JSON is for the table and the picture. */
import { configurationOf } from "./kinds.js";
import { activate, handleKey } from "./navigation.js";
import { download } from "./pictures.js";
import { alignSlider, moveRule } from "./slider.js";
import { specOf } from "./specification.js";
import { resizeForPaper } from "./paper.js";
import { reopenTables, showTable } from "./tables.js";

const charts = new Map(); // canvas → Chart

/* Chart.js answers a change of size 60 ms later, also for a chart that was removed meanwhile. */
function remove(chart) {
  chart.destroy();
  chart.update = chart.render = chart.resize = () => {};
}

function draw(canvas) {
  const spec = specOf(canvas.dataset.chart);
  if (!spec || typeof Chart === "undefined") return;
  if (charts.has(canvas)) remove(charts.get(canvas));
  const config = configurationOf(canvas, spec);
  config.plugins = [...(config.plugins ?? []), { id: "slider", afterUpdate: alignSlider }]; // also when a phone is turned
  const chart = new Chart(canvas, config);
  chart.spec = spec;
  canvas.tabIndex = 0;
  charts.set(canvas, chart);
}

function drawAll(root = document) {
  for (const [canvas, chart] of charts) if (!canvas.isConnected) { remove(chart); charts.delete(canvas); }
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
