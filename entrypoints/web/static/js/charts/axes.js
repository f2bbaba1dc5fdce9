/* The axes of charts with lines and bars. */
import { measure } from "./canvas.js";
import { tick, withUnit } from "./formats.js";
import { FONT, NARROW, token } from "./theme.js";

const axisFont = { family: FONT, size: 12, weight: 400 };

export function xAxis(spec, narrow) {
  const step = spec.xStep;
  return {
    type: spec.linear ? "linear" : "category", stacked: Boolean(spec.stacked), min: spec.xMin, max: spec.xMax,
    offset: !spec.linear && spec.series.some((series) => series.type === "bar"),
    border: { display: false }, grid: { display: false },
    title: { display: Boolean(spec.xName), text: spec.xName, color: token("ink-3"), font: axisFont, padding: { top: 4 } },
    ticks: {
      color: token("ink-3"), font: axisFont, maxRotation: 0, autoSkip: !spec.months && !wraps(spec), autoSkipPadding: 14, padding: 4, includeBounds: true,
      ...(spec.linear ? { stepSize: narrow && (spec.xMax - spec.xMin) / step > 6 ? step * 2 : step } : {}),
      callback(value) {
        if (spec.linear) return tick(value, spec.xUnit ?? "", step ?? 1);
        const label = this.getLabelForValue(value);
        if (spec.months) return monthLabel(spec, label, value, this.chart.width);
        return wraps(spec) ? wrapped(this.chart.ctx, label, (this.chart.width - 60) / spec.labels.length) : label;
      },
    },
  };
}

/** Few categories have all of their names, on as many lines as they need. */
const wraps = (spec) => !spec.linear && !spec.months && spec.labels.length <= 6;

function wrapped(ctx, label, room) {
  const lines = [];
  for (const word of label.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && measure(ctx, longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => shortened(ctx, line, room)).slice(0, 3);
}

function shortened(ctx, line, room) {
  if (measure(ctx, line) <= room) return line;
  let kept = line;
  while (kept.length > 2 && measure(ctx, `${kept}…`) > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/** Months are counted from the last one back, so that the newest always has its label. */
function monthLabel(spec, label, index, width) {
  const every = Math.ceil((spec.labels.length * 62) / Math.max(width - 100, 1));
  if ((spec.labels.length - 1 - index) % every !== 0) return "";
  return width < NARROW ? label.replace(/ \d{4}$/, "") : label;
}

export function yAxis(spec) {
  return {
    stacked: Boolean(spec.stacked), min: spec.yMin, max: spec.yMax, border: { display: false },
    grid: { color: ({ tick: at }) => token(spec.signed && at?.value === 0 ? "ink-3" : "grid"), drawTicks: false, lineWidth: 1 },
    ticks: {
      color: token("ink-3"), font: axisFont, padding: 8, stepSize: spec.yStep, maxTicksLimit: 9,
      callback: (value) => tick(value, spec.yUnit ?? spec.unit ?? "", spec.yStep ?? value),
    },
  };
}
