/* Numbers as text, with their unit and sign. */
export const digits = (value, places) =>
  Number(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });

/** A value with its unit: "%" and "×" after it, a currency's sign before it, other words after it. A sign of letters ends in a no-break space. */
export function withUnit(value, unit, places) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  const sign = value < 0 && Number(size.toFixed(places ?? 3)) ? "−" : ""; // avoids a negative zero
  if (unit === "%" || unit === "×") return sign + digits(size, places ?? (unit === "%" ? 1 : 2)) + unit;
  if (unit && !/[A-Za-z ]$/.test(unit)) return `${sign}${unit}${digits(size, places ?? 0)}`;
  const suffix = unit ? ` ${unit.trim()}` : "";
  return sign + digits(size, places ?? (Number.isInteger(size) ? 0 : 3)) + suffix;
}

const placesOf = (step) => (Number.isInteger(step) ? 0 : String(step).split(".")[1]?.length ?? 0);

export function tick(value, unit, step) {
  const [, sign, scale] = /^([^A-Za-z%×]+)([kM])$/.exec(unit ?? "") ?? [];
  if (scale) return sign + digits(value / (scale === "k" ? 1e3 : 1e6), 0) + scale;
  return withUnit(value, unit, unit === "×" ? Math.max(1, placesOf(step)) : placesOf(step));
}

/** The formatted value, with its sign if the chart is signed. */
export const formatted = (spec, value) => (spec.signed && value > 0 ? "+" : "") + withUnit(value, spec.unit, spec.decimals);
