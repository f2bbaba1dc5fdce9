/* A chart's specification: the JSON in <template id="ID">, and the points of its series.
   (Not in a <script>: htmx takes script elements out of what it swaps in, whatever their type, when
   allowScriptTags is off.) */
import { digits, withUnit } from "./formats.js";

export function specOf(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse((block.content ?? block).textContent) : null;
}

export const xOf = (spec, series, index) => (spec.linear ? series.data[index][0] : spec.labels[index]);
export const yOf = (point) => (Array.isArray(point) ? point[1] : point);
export const points = (spec, values, series) =>
  spec.linear ? values.map((value, i) => ({ x: series.data[i][0], y: yOf(value) })) : values.map(yOf);

export function lastPoint(series) {
  for (let i = series.data.length - 1; i >= 0; i -= 1) if (yOf(series.data[i]) !== null) return i;
  return -1;
}

export function sliceText(ring, i) {
  const value = withUnit(ring.data[i], ring.unit, ring.decimals);
  const all = ring.data.reduce((sum, one) => sum + one, 0);
  return ring.unit === "%" ? value : `${value} (${digits(all ? (100 * ring.data[i]) / all : 0, 1)}%)`;
}
