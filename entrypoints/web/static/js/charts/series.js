/* The datasets that Chart.js draws: bars, lines and the bands of their intervals. */
import { points } from "./specification.js";
import { token } from "./theme.js";

function band(spec, series) {
  const common = { type: "line", pointRadius: 0, pointHoverRadius: 0, borderWidth: 0, helper: true, order: 9 };
  return [
    { ...common, data: points(spec, series.lo, series), fill: false },
    { ...common, data: points(spec, series.hi, series), fill: "-1", backgroundColor: token("c-band") },
  ];
}

function bars(spec, series) {
  const colours = series.colors ? series.colors.map(token) : token(series.color);
  return {
    type: "bar", label: series.name, data: points(spec, series.data, series), series, order: 5,
    backgroundColor: colours, hoverBackgroundColor: colours, categoryPercentage: 1, barPercentage: spec.barWidth ?? 0.86,
    borderRadius: series.flat ? 0 : 3, borderSkipped: "start",
  };
}

function line(spec, series) {
  const colour = token(series.color);
  const round = series.dots || series.dotsOnly ? 4 : 0;
  return {
    type: "line", label: series.name, data: points(spec, series.data, series), series, order: series.silent ? 7 : 3,
    showLine: !series.dotsOnly, borderColor: colour, borderWidth: series.thin ? 1.25 : 2, borderDash: series.dash ? [4, 4] : [],
    fill: series.fill ? "origin" : false, backgroundColor: series.fill ? token("c-band") : colour,
    pointRadius: round, pointHoverRadius: series.silent ? 0 : Math.max(round, 4), pointBorderWidth: 2,
    pointBackgroundColor: token("surface"), pointBorderColor: colour, pointHoverBackgroundColor: token("surface"), pointHoverBorderColor: colour,
    pointHoverBorderWidth: 2, clip: round ? 8 : undefined,
  };
}

export const datasets = (spec) => spec.series.flatMap((series) =>
  series.type === "bar" ? [bars(spec, series)] : [...(series.lo ? band(spec, series) : []), line(spec, series)]);
