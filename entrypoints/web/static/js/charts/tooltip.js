/* The tooltip of a point: its title, value and interval. */
import { formatted, withUnit } from "./formats.js";
import { xOf, yOf } from "./specification.js";
import { FONT, token } from "./theme.js";

function valueText(spec, series, index) {
  const value = formatted(spec, yOf(series.data[index]));
  if (!series.lo) return value;
  if (spec.signed) return `${value} (${formatted(spec, yOf(series.lo[index]))} to ${formatted(spec, yOf(series.hi[index]))})`;
  const low = withUnit(yOf(series.lo[index]), spec.unit, spec.decimals).replace(/[%×]$/, "");
  return `${value} (${low}–${withUnit(yOf(series.hi[index]), spec.unit, spec.decimals).replace(/^[^\d−]+/, "")})`;
}

function titleText(spec, series, index) {
  if (spec.titles) return spec.titles[index];
  const x = xOf(spec, series, index);
  const shown = typeof x === "number" ? String(Math.round(x * 10) / 10) : x;
  return (spec.tipTitle ?? "{x}").replace("{x}", shown);
}

export function tooltip(spec) {
  return {
    backgroundColor: token("surface"), borderColor: token("line"), borderWidth: 1, cornerRadius: 8, caretSize: 0, padding: 10,
    titleColor: token("ink"), titleFont: { family: FONT, size: 12, weight: 600 }, titleMarginBottom: 6,
    bodyColor: token("ink-2"), bodyFont: { family: FONT, size: 12 }, bodySpacing: 4, usePointStyle: true, boxWidth: 8, boxHeight: 8, boxPadding: 6,
    filter: (item, _, items) => {
      if (item.dataset.helper || item.dataset.series?.silent || item.raw === null) return false;
      const some = items.some((other) => other.dataset.type === "bar" && other.parsed.y !== 0);
      return !(spec.stacked && spec.linear && some && item.parsed.y === 0);
    },
    callbacks: {
      title: (items) => (items.length ? titleText(spec, items[0].dataset.series, items[0].dataIndex) : ""),
      label: (item) => ` ${item.dataset.label}: ${valueText(spec, item.dataset.series, item.dataIndex)}`,
      labelColor: (item) => {
        const { series } = item.dataset;
        const colour = token(series.colors?.[item.dataIndex] ?? series.color);
        return { backgroundColor: colour, borderColor: colour };
      },
      labelPointStyle: (item) => ({ pointStyle: item.dataset.type === "bar" ? "rectRounded" : "circle", rotation: 0 }),
    },
  };
}
