/* A chart as a table. */
import { cell, element, pictureOf } from "./dom.js";
import { digits, formatted, tick, withUnit } from "./formats.js";
import { sliceText, specOf, yOf } from "./specification.js";

const openTables = new Set(); // ids of charts shown as tables; kept when htmx swaps content

const TABLES = {
  xy: xyTable,
  pie: pieTable,
  bars: (spec) => ({ columns: [spec.name, spec.value], rows: spec.items.map(([name, , shown]) => [name, shown]) }),
  table: ({ columns, rows }) => ({ columns, rows }),
};

export const tableOf = (spec) => TABLES[spec.kind](spec);

function pieTable(spec) {
  const all = spec.data.reduce((sum, value) => sum + value, 0);
  const { inner } = spec;
  const rows = spec.labels.map((label, i) => [
    label, withUnit(spec.data[i]), `${digits(all ? (100 * spec.data[i]) / all : 0, 1)}%`,
    ...(inner ? [sliceText(inner, i)] : []),
  ]);
  return { columns: ["Group", "Customers", "Share", ...(inner ? [inner.name] : [])], rows, links: spec.links };
}

function xyTable(spec) {
  const shown = spec.series.filter((series) => !series.silent);
  const head = spec.xName ?? spec.name ?? (spec.months ? "Month" : spec.titles ? "Range" : "Name");
  const columns = [head, ...shown.flatMap((series) => (series.lo ? [series.name, "95% interval"] : [series.name]))];
  const places = spec.linear ? [...new Set(shown.flatMap((series) => series.data.map((point) => point[0])))].sort((a, b) => a - b) : spec.labels;
  const rows = places.map((place, i) => [placeText(spec, place, i), ...shown.flatMap((series) => cells(spec, series, place, i))]);
  return { columns, rows, links: spec.linear ? null : spec.links };
}

function placeText(spec, place, i) {
  if (spec.titles) return spec.titles[i];
  return spec.linear ? tick(Math.round(place * 100) / 100, spec.xUnit ?? "", place) : place;
}

function cells(spec, series, place, i) {
  const index = spec.linear ? series.data.findIndex((point) => point[0] === place) : i;
  const value = index < 0 ? null : yOf(series.data[index]);
  const own = formatted(spec, value);
  if (!series.lo) return [own];
  const ends = [series.lo, series.hi].map((side) => (index < 0 ? null : yOf(side[index])));
  return [own, ends[0] === null ? "–" : ends.map((end) => formatted(spec, end)).join(spec.signed ? " to " : "–")];
}

function buildTable(id, spec, name) {
  const { columns, rows, links } = tableOf(spec);
  const box = element("div", { id: `${id}-table`, className: "chart-table", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", name);
  const table = element("table", { className: "tbl tbl-tight" });
  const head = table.createTHead().insertRow();
  columns.forEach((column, i) => head.append(cell("th", column, "col", i > 0)));
  const body = table.createTBody();
  rows.forEach((row, r) => {
    const line = body.insertRow();
    row.forEach((value, i) => line.append(i ? cell("td", value, null, true) : cell("th", value, "row", false, links?.[r])));
  });
  box.append(table);
  return box;
}

/** Shows the tables again that were open before htmx replaced their panels. */
export function reopenTables(root) {
  root.querySelectorAll("[data-chart-table]").forEach((button) => { if (openTables.has(button.dataset.chartTable)) showTable(button, true); });
}

export function showTable(button, shown) {
  const id = button.dataset.chartTable;
  const picture = pictureOf(id);
  const spec = specOf(id);
  if (!picture || !spec) return;
  document.getElementById(`${id}-table`)?.remove();
  if (shown) {
    const box = buildTable(id, spec, button.dataset.name ?? "Table");
    box.style.height = `${Math.max(picture.offsetHeight, 160)}px`; // the panel keeps its height
    picture.after(box);
  }
  picture.hidden = shown;
  button.setAttribute("aria-pressed", String(shown));
  if (shown) openTables.add(id); else openTables.delete(id);
}
