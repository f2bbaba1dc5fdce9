/* A chart as a PNG file, with the title and explanation of its panel and a legend. */
import { write } from "./canvas.js";
import { element } from "./dom.js";
import { digits, withUnit } from "./formats.js";
import { sliceText, specOf } from "./specification.js";
import { showTable, tableOf } from "./tables.js";
import { FONT, token } from "./theme.js";

const SCALE = 2;
const MARGIN = 24;
const SPANS = 320; // width of the axis of a waterfall

function titleOf(button) {
  const panel = button.closest(".panel");
  const plain = (node) => {
    if (!node) return "";
    const copy = node.cloneNode(true);
    copy.querySelectorAll(".hint, .hint-pop, .visually-hidden").forEach((part) => part.remove());
    copy.querySelectorAll("select").forEach((select, i) => select.replaceWith(node.querySelectorAll("select")[i].selectedOptions[0]?.textContent ?? ""));
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  return { title: plain(panel?.querySelector("h2")), help: plain(panel?.querySelector(".panel-head p")) };
}

function sheet(least, height, { title, help }) {
  const width = Math.max(least, textWidth(title, 600, 15), textWidth(help, 400, 13)); // neither is cut off
  const top = MARGIN + 22 + (help ? 20 : 0) + 12;
  const canvas = element("canvas", { width: (width + 2 * MARGIN) * SCALE, height: (height + top + MARGIN) * SCALE });
  const ctx = canvas.getContext("2d");
  ctx.scale(SCALE, SCALE);
  ctx.fillStyle = token("surface");
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  write(ctx, title, MARGIN, MARGIN + 10, "ink", 600, 15);
  if (help) write(ctx, help, MARGIN, MARGIN + 32, "ink-2", 400, 13);
  return { canvas, ctx, top };
}

function keys(spec) {
  if (spec.keys) return spec.keys;
  if (spec.kind === "pie") {
    const all = spec.data.reduce((sum, value) => sum + value, 0);
    const outer = spec.labels.map((label, i) => [`${label}: ${withUnit(spec.data[i])} (${digits((100 * spec.data[i]) / (all || 1), 1)}%)`, spec.colors[i]]);
    return spec.inner ? [...outer, [`Inside, what happened: ${spec.inner.labels[0].toLowerCase()} ${sliceText(spec.inner, 0)}`, spec.colors[0]]] : outer;
  }
  const shown = spec.series.filter((series) => !series.silent && !series.colors);
  const named = shown.map((series) => [series.name, series.color]);
  const interval = shown.find((series) => series.lo);
  return interval ? [...named, ["95% interval", interval.type === "bar" ? "ink" : "c-band"]] : named;
}

function chartPicture(spec, words, chart) {
  const { width, height } = chart;
  const legend = keys(spec);
  const room = Math.max(width, 360);
  const { canvas, ctx, top } = sheet(room, height + 28 + (spec.kind === "pie" ? 22 * (legend.length - 1) : 0), words);
  sharpen(chart, SCALE);
  ctx.drawImage(chart.canvas, MARGIN, top, width, height);
  sharpen(chart, devicePixelRatio);
  let x = MARGIN;
  let y = top + height + 20;
  for (const [name, colour] of legend) {
    ctx.fillStyle = token(colour);
    ctx.fillRect(x, y - 5, 10, 10);
    write(ctx, name, x + 16, y, "ink-2", 400, 12);
    if (spec.kind === "pie") y += 22; else x += 16 + ctx.measureText(name).width + 20;
  }
  return canvas;
}

/** Redraws at the picture's resolution, whatever the screen's. */
function sharpen(chart, ratio) {
  chart.options.devicePixelRatio = ratio;
  chart.resize();
  chart.draw();
}

function barsPicture(spec, words) {
  const width = 640;
  const { canvas, ctx, top } = sheet(width, spec.items.length * 36, words);
  const most = spec.max ?? Math.max(...spec.items.map(([, value]) => Math.abs(value)), 1e-9);
  spec.items.forEach(([name, value, shown, colour], i) => {
    const y = top + i * 36;
    write(ctx, name, MARGIN, y + 9, "ink");
    write(ctx, shown, MARGIN + width, y + 9, "ink-2", 400, 13, "right");
    ctx.fillStyle = token("sunken");
    ctx.fillRect(MARGIN, y + 20, width, 6);
    ctx.fillStyle = token(colour ?? "c-1");
    ctx.fillRect(MARGIN, y + 20, (width * Math.abs(value)) / most, 6);
  });
  return canvas;
}

function textWidth(words, weight, size) {
  const ctx = element("canvas", {}).getContext("2d");
  ctx.font = `${weight} ${size}px ${FONT}`;
  return Math.ceil(ctx.measureText(words).width);
}

/** Room for the widest of some words, and some between columns. */
function columnWidth(all, least) {
  const ctx = element("canvas", {}).getContext("2d");
  ctx.font = `500 13px ${FONT}`;
  return Math.max(least, ...all.map((one) => Math.ceil(ctx.measureText(one).width) + 28));
}

function tablePicture(spec, words) {
  const { columns, rows } = tableOf(spec);
  const widths = columns.map((column, i) => columnWidth([column, ...rows.map((row) => row[i])], i ? 64 : 140));
  if (spec.spans) widths[1] += SPANS;
  const ends = widths.map((_, i) => widths.slice(0, i + 1).reduce((sum, width) => sum + width, 0));
  const all = ends.at(-1);
  const { canvas, ctx, top } = sheet(all, (rows.length + 1) * 30, words);
  const place = (i) => MARGIN + (i ? ends[i] : 0);
  columns.forEach((column, i) => write(ctx, column, place(i), top + 14, "ink-2", 500, 12, i ? "right" : "left"));
  rows.forEach((row, r) => {
    const y = top + 30 * (r + 1);
    ctx.fillStyle = token("line");
    ctx.fillRect(MARGIN, y, all, 1);
    if (spec.spans) drawSpan(ctx, spec.spans[r], MARGIN + widths[0], y + 8);
    row.forEach((value, i) => {
      const tone = i ? spec.tones?.[r][i - 1] : null;
      if (tone) {
        ctx.fillStyle = token(tone);
        ctx.fillRect(place(i) - widths[i] + 8, y + 1, widths[i], 29);
      }
      write(ctx, value, place(i), y + 15, tone ? "heat-ink" : "ink", 400, 13, i ? "right" : "left");
    });
  });
  return canvas;
}

/** A bar of a waterfall, at least two pixels wide. */
function drawSpan(ctx, [start, end, colour], x, y) {
  ctx.fillStyle = token(colour);
  ctx.fillRect(x + (SPANS * Math.min(start, end)) / 100, y, Math.max(2, (SPANS * Math.abs(end - start)) / 100), 14);
}

const PICTURES = { xy: chartPicture, pie: chartPicture, bars: barsPicture, table: tablePicture };

export function download(button, charts) {
  const id = button.dataset.chartPng;
  const spec = specOf(id);
  const words = titleOf(button);
  const table = document.querySelector(`[data-chart-table="${CSS.escape(id)}"][aria-pressed="true"]`);
  if (table) showTable(table, false); // a hidden canvas has no size
  const canvas = document.querySelector(`canvas[data-chart="${CSS.escape(id)}"]`);
  const picture = PICTURES[spec.kind](spec, words, charts.get(canvas));
  picture.toBlob((blob) => {
    const address = URL.createObjectURL(blob);
    const name = (words.title || "chart").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
    element("a", { href: address, download: `${name}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  });
}
