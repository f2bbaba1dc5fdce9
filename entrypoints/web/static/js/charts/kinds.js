/* The two kinds of charts that Chart.js draws. */
import { xAxis, yAxis } from "./axes.js";
import { following } from "./navigation.js";
import { overlay, roomAtRight } from "./overlay.js";
import { datasets } from "./series.js";
import { sliceText } from "./specification.js";
import { NARROW, token } from "./theme.js";
import { tooltip } from "./tooltip.js";

const shared = { ...following, animation: false, responsive: true, maintainAspectRatio: false, resizeDelay: 60, normalized: true };

function xyChart(canvas, spec) {
  const narrow = canvas.parentElement.clientWidth < NARROW;
  const top = spec.series.some((series) => series.dots) ? 6 : 4;
  return {
    type: "line",
    data: { labels: spec.linear ? undefined : spec.labels, datasets: datasets(spec) },
    options: {
      ...shared, interaction: { mode: "index", intersect: false, axis: "x" },
      layout: { padding: { right: roomAtRight(canvas, spec), top } },
      scales: { x: xAxis(spec, narrow), y: yAxis(spec) },
      plugins: { legend: { display: false }, tooltip: tooltip(spec) },
    },
    plugins: [overlay(spec)],
  };
}

function pieChart(canvas, spec) {
  const colours = spec.colors.map(token);
  const rings = [spec, ...(spec.inner ? [spec.inner] : [])];
  const tip = tooltip({ ...spec, series: [] });
  return {
    type: "doughnut",
    data: {
      labels: spec.labels,
      datasets: rings.map((ring, i) => ({
        data: ring.data, weight: i ? 1 : 2, backgroundColor: colours, hoverBackgroundColor: colours, borderColor: token("surface"), hoverBorderColor: token("surface"), borderWidth: 3,
      })),
    },
    options: {
      ...shared, cutout: spec.inner ? "62%" : "68%",
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tip, filter: undefined, displayColors: false,
          callbacks: {
            title: ([item]) => (item ? (rings[item.datasetIndex].labels ?? spec.labels)[item.dataIndex] : ""),
            label: (item) => sliceText(rings[item.datasetIndex], item.dataIndex),
          },
        },
      },
    },
  };
}

const CONFIGURATIONS = { xy: xyChart, pie: pieChart };

/** What Chart.js needs to draw the chart. */
export const configurationOf = (canvas, spec) => CONFIGURATIONS[spec.kind](canvas, spec);
