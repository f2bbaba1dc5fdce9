/* What is drawn over the series: rules, labels at the ends of lines, intervals of bars, the line under the pointer. */
import { measure, text, vertical } from "./canvas.js";
import { alignSlider } from "./slider.js";
import { lastPoint, yOf } from "./specification.js";
import { NARROW, inkOf, token } from "./theme.js";

function drawRules(chart, spec) {
  for (const rule of spec.rules ?? []) {
    const { ctx, chartArea: area, scales } = chart;
    const x = scales.x.getPixelForValue(rule.at);
    vertical(ctx, area, x, token("ink"), 1.25);
    const width = measure(ctx, rule.label);
    const left = rule.side === "left" ? x - width - 8 > area.left : x + width + 8 > chart.width;
    text(ctx, rule.label, left ? x - 7 : x + 7, area.top + 7, token("ink"), left ? "right" : "left");
  }
}

const wordsFor = (series, narrow) => (narrow && series.labelShort) || series.label;

function endLabels(chart, spec) {
  const narrow = chart.width < NARROW;
  const placed = chart.data.datasets.flatMap((dataset, i) => {
    const { series } = dataset;
    if (!series?.label) return [];
    const index = series.labelAt ?? lastPoint(series);
    const point = chart.getDatasetMeta(i).data[index];
    return point ? [{ series, x: point.x + (series.labelAt === undefined ? 8 : 10), y: point.y + (series.labelDy ?? 0) }] : [];
  });
  const atEnd = placed.filter(({ series }) => series.labelAt === undefined).sort((a, b) => a.y - b.y);
  atEnd.forEach((label, i) => { if (i) label.y = Math.max(label.y, atEnd[i - 1].y + 15); });
  for (const { series, x, y } of placed) text(chart.ctx, wordsFor(series, narrow), x, y, inkOf(series.color));
}

function crosshair(chart, spec) {
  const active = spec.cross && chart.tooltip?.getActiveElements()[0];
  if (active) vertical(chart.ctx, chart.chartArea, active.element.x, token("ink-3"), 1, [2, 3]);
}

/** Intervals of bars: a line from end to end with short caps, on a halo, so that it is seen over the bar too. */
function whiskers(chart) {
  const { ctx, scales } = chart;
  chart.data.datasets.forEach((dataset, place) => {
    const { series } = dataset;
    if (dataset.type !== "bar" || !series?.lo || !chart.isDatasetVisible(place)) return;
    chart.getDatasetMeta(place).data.forEach((bar, i) => {
      const ends = [series.lo[i], series.hi[i]].map(yOf);
      if (ends.some((end) => end === null || end === undefined)) return;
      const [low, high] = ends.map((end) => Math.round(scales.y.getPixelForValue(end)) + 0.5);
      const x = Math.round(bar.x) + 0.5;
      const cap = Math.max(2, Math.min(6, bar.width / 4));
      for (const [colour, width] of [["surface", 4], ["ink", 1.5]]) {
        ctx.save();
        ctx.strokeStyle = token(colour);
        ctx.lineWidth = width;
        ctx.beginPath();
        ctx.moveTo(x, low);
        ctx.lineTo(x, high);
        for (const y of [low, high]) { ctx.moveTo(x - cap, y); ctx.lineTo(x + cap, y); }
        ctx.stroke();
        ctx.restore();
      }
    });
  });
}

export const overlay = (spec) => ({
  id: "overlay",
  beforeDatasetsDraw: (chart) => crosshair(chart, spec),
  afterDatasetsDraw: (chart) => { whiskers(chart); drawRules(chart, spec); endLabels(chart, spec); },
  resize: (chart) => requestAnimationFrame(() => { if (chart.ctx) alignSlider(chart); }),
});

export function roomAtRight(canvas, spec) {
  const narrow = canvas.parentElement.clientWidth < NARROW;
  const labels = spec.series.filter((series) => series.label && series.labelAt === undefined);
  const width = Math.max(0, ...labels.map((series) => measure(canvas.getContext("2d"), wordsFor(series, narrow))));
  return width ? Math.ceil(width) + 14 : 8;
}
