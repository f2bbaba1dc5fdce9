/* Charts: each <canvas data-chart="ID"> is drawn from the JSON in <template id="ID">. (Not in a <script>:
   htmx takes script elements out of what it swaps in, whatever their type, when allowScriptTags is off.)
   Kinds "pie" and "xy" are drawn by Chart.js; "bars" and "table" stand in the page as HTML and are
   described in JSON for reading as a table and for the picture. Colours are CSS variables by name. */
(() => {
  "use strict";
  const FONT = '"Inter Variable", "Inter Stand-in", system-ui, sans-serif';
  const NARROW = 480;
  const charts = new Map(); // canvas → Chart
  const openTables = new Set(); // ids read as a table, kept over swaps

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  /* Words in a series' colour need more contrast than its line. */
  const INK = { "c-leave": "amber-ink", "c-2": "amber-ink", "c-critical": "red-ink", "c-stay": "petrol", "c-1": "petrol" };
  const inkOf = (name) => token(INK[name] ?? name);

  function specOf(id) {
    const block = document.getElementById(id);
    return block ? JSON.parse((block.content ?? block).textContent) : null;
  }

  /* ── Numbers ── */
  const digits = (value, places) =>
    Number(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });

  /** A value with its unit: "%" and "×" after it, any other unit is a currency sign before it. */
  function withUnit(value, unit, places) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    const sign = value < 0 && Number(size.toFixed(places ?? 3)) ? "−" : ""; // never a negative zero
    if (unit === "%" || unit === "×") return sign + digits(size, places ?? (unit === "%" ? 1 : 2)) + unit;
    if (unit && !/^[A-Za-z ]/.test(unit)) return `${sign}${unit}${digits(size, places ?? 0)}`;
    const suffix = unit ? ` ${unit.trim()}` : "";
    return sign + digits(size, places ?? (Number.isInteger(size) ? 0 : 3)) + suffix;
  }

  const placesOf = (step) => (Number.isInteger(step) ? 0 : String(step).split(".")[1]?.length ?? 0);

  function tick(value, unit, step) {
    const [, sign, scale] = /^([^A-Za-z%×]+)([kM])$/.exec(unit ?? "") ?? [];
    if (scale) return sign + digits(value / (scale === "k" ? 1e3 : 1e6), 0) + scale;
    return withUnit(value, unit, unit === "×" ? Math.max(1, placesOf(step)) : placesOf(step));
  }

  /** As it is told: with its sign where values stand around zero. */
  const told = (spec, value) => (spec.signed && value > 0 ? "+" : "") + withUnit(value, spec.unit, spec.decimals);

  /* ── Points ── */
  const xOf = (spec, series, index) => (spec.linear ? series.data[index][0] : spec.labels[index]);
  const yOf = (point) => (Array.isArray(point) ? point[1] : point);
  const points = (spec, values, series) =>
    spec.linear ? values.map((value, i) => ({ x: series.data[i][0], y: yOf(value) })) : values.map(yOf);

  function lastPoint(series) {
    for (let i = series.data.length - 1; i >= 0; i -= 1) if (yOf(series.data[i]) !== null) return i;
    return -1;
  }

  /* ── Chart.js: data ── */
  function band(spec, series) {
    const common = { type: "line", pointRadius: 0, pointHoverRadius: 0, borderWidth: 0, tension: spec.tension ?? 0, helper: true, order: 9 };
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
      tension: spec.tension ?? 0, fill: series.fill ? "origin" : false, backgroundColor: series.fill ? token("c-band") : colour,
      pointRadius: round, pointHoverRadius: series.silent ? 0 : Math.max(round, 4), pointBorderWidth: 2,
      pointBackgroundColor: token("surface"), pointBorderColor: colour, pointHoverBackgroundColor: token("surface"), pointHoverBorderColor: colour,
      pointHoverBorderWidth: 2, clip: round ? 8 : undefined,
    };
  }

  const datasets = (spec) => spec.series.flatMap((series) =>
    series.type === "bar" ? [bars(spec, series)] : [...(series.lo ? band(spec, series) : []), line(spec, series)]);

  /* ── Chart.js: axes, tooltip ── */
  const axisFont = { family: FONT, size: 12, weight: 400 };

  function xAxis(spec, narrow) {
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

  function yAxis(spec) {
    return {
      stacked: Boolean(spec.stacked), min: spec.yMin, max: spec.yMax, border: { display: false },
      grid: { color: ({ tick: at }) => token(spec.signed && at?.value === 0 ? "ink-3" : "grid"), drawTicks: false, lineWidth: 1 },
      ticks: {
        color: token("ink-3"), font: axisFont, padding: 8, stepSize: spec.yStep, maxTicksLimit: 9,
        callback: (value) => tick(value, spec.yUnit ?? spec.unit ?? "", spec.yStep ?? value),
      },
    };
  }

  function valueText(spec, series, index) {
    const value = told(spec, yOf(series.data[index]));
    if (!series.lo) return value;
    if (spec.signed) return `${value} (${told(spec, yOf(series.lo[index]))} to ${told(spec, yOf(series.hi[index]))})`;
    const low = withUnit(yOf(series.lo[index]), spec.unit, spec.decimals).replace(/[%×]$/, "");
    return `${value} (${low}–${withUnit(yOf(series.hi[index]), spec.unit, spec.decimals).replace(/^[^\d−]+/, "")})`;
  }

  function titleText(spec, series, index) {
    if (spec.titles) return spec.titles[index];
    const x = xOf(spec, series, index);
    const shown = typeof x === "number" ? String(Math.round(x * 10) / 10) : x;
    return (spec.tipTitle ?? "{x}").replace("{x}", shown);
  }

  function tooltip(spec) {
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

  /* ── Chart.js: what is drawn over the series ── */
  function text(ctx, words, x, y, colour, align = "left") {
    ctx.save();
    ctx.font = `600 12px ${FONT}`;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    ctx.lineWidth = 4;
    ctx.strokeStyle = token("surface"); // a halo, so that a line behind doesn't cross the words
    ctx.strokeText(words, x, y);
    ctx.fillStyle = colour;
    ctx.fillText(words, x, y);
    ctx.restore();
  }

  function vertical(ctx, area, x, colour, width, dash = []) {
    ctx.save();
    ctx.beginPath();
    ctx.setLineDash(dash);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.moveTo(Math.round(x) + 0.5, area.top);
    ctx.lineTo(Math.round(x) + 0.5, area.bottom);
    ctx.stroke();
    ctx.restore();
  }

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

  function measure(ctx, words) {
    ctx.save();
    ctx.font = `600 12px ${FONT}`;
    const { width } = ctx.measureText(words);
    ctx.restore();
    return width;
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

  const overlay = (spec) => ({
    id: "overlay",
    beforeDatasetsDraw: (chart) => crosshair(chart, spec),
    afterDatasetsDraw: (chart) => { whiskers(chart); drawRules(chart, spec); endLabels(chart, spec); },
    resize: (chart) => requestAnimationFrame(() => { if (chart.ctx) alignSlider(chart); }),
  });

  function roomAtRight(canvas, spec) {
    const narrow = canvas.parentElement.clientWidth < NARROW;
    const labels = spec.series.filter((series) => series.label && series.labelAt === undefined);
    const width = Math.max(0, ...labels.map((series) => measure(canvas.getContext("2d"), wordsFor(series, narrow))));
    return width ? Math.ceil(width) + 14 : 8;
  }

  /* ── Chart.js: a click leads to the customers of a bar, a point or a slice ── */
  function linkAt(chart, event) {
    const { spec } = chart;
    const [hit] = chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, false);
    if (spec.kind === "pie") return hit && hit.datasetIndex === 0 ? spec.links?.[hit.index] : null;
    const own = hit && chart.data.datasets[hit.datasetIndex].series?.links?.[hit.index];
    const [near] = hit ? [hit] : chart.getElementsAtEventForMode(event, "index", { intersect: false, axis: "x" }, false);
    return own ?? (near ? spec.links?.[near.index] : null) ?? null;
  }

  const follow = (link) => { if (link) location.assign(link); };

  const inside = (chart, { x, y }) => {
    const { left, right, top, bottom } = chart.chartArea;
    return x >= left && x <= right && y >= top && y <= bottom;
  };

  const following = {
    onClick(event, _, chart) {
      if (inside(chart, event)) follow(linkAt(chart, event));
    },
    onHover(event, _, chart) {
      chart.canvas.style.cursor = chart.spec?.links && inside(chart, event) && linkAt(chart, event) ? "pointer" : "";
    },
  };

  /* ── By keyboard: arrows go from point to point and say what stands there, Enter leads to its customers ── */
  function stops(chart) {
    const drawn = chart.data.datasets.flatMap((dataset, datasetIndex) =>
      dataset.helper || dataset.series?.silent ? [] : dataset.data.map((value, index) => ({ datasetIndex, index, empty: (value?.y ?? value) === null })));
    const told = drawn.filter((point) => !point.empty);
    if (chart.spec.kind === "pie") return told.map((point) => [point]);
    const places = [...new Set(told.map(({ index }) => index))].sort((a, b) => a - b);
    return places.map((index) => told.filter((point) => point.index === index));
  }

  function stand(chart, at) {
    const points = stops(chart)[at] ?? [];
    chart.at = points.length ? at : null;
    const active = points.map(({ datasetIndex, index }) => ({ datasetIndex, index }));
    chart.setActiveElements(chart.spec.kind === "pie" ? active : []);
    chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
    chart.update("none");
    const { title = [], body = [] } = chart.tooltip;
    announcer().textContent = points.length ? [...title, ...body.flatMap(({ lines }) => lines)].map((line) => line.trim()).join(", ") : "";
  }

  function announcer() {
    const found = document.getElementById("chart-says");
    if (found) return found;
    const made = element("p", { id: "chart-says", className: "visually-hidden" });
    made.setAttribute("role", "status");
    document.body.append(made);
    return made;
  }

  function pressed(chart, event) {
    const last = stops(chart).length - 1;
    const to = { ArrowRight: (chart.at ?? -1) + 1, ArrowLeft: (chart.at ?? last + 1) - 1, Home: 0, End: last, Escape: null }[event.key];
    if (to !== undefined) {
      stand(chart, to === null ? -1 : Math.max(0, Math.min(to, last)));
      event.preventDefault();
    } else if (event.key === "Enter" && typeof chart.at === "number") {
      const [{ datasetIndex, index }] = stops(chart)[chart.at];
      if (chart.spec.kind !== "pie" || datasetIndex === 0) follow(chart.spec.links?.[index]);
    }
  }

  /* ── Chart.js: the two kinds ── */
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

  const shared = { ...following, animation: false, responsive: true, maintainAspectRatio: false, resizeDelay: 60, normalized: true };

  function sliceText(ring, i) {
    const value = withUnit(ring.data[i], ring.unit, ring.decimals);
    const all = ring.data.reduce((sum, one) => sum + one, 0);
    return ring.unit === "%" ? value : `${value} (${digits(all ? (100 * ring.data[i]) / all : 0, 1)}%)`;
  }

  function draw(canvas) {
    const spec = specOf(canvas.dataset.chart);
    if (!spec || typeof Chart === "undefined") return;
    charts.get(canvas)?.destroy();
    const config = spec.kind === "pie" ? pieChart(canvas, spec) : xyChart(canvas, spec);
    config.plugins = [...(config.plugins ?? []), { id: "slider", afterUpdate: alignSlider }]; // also when a phone is turned
    const chart = new Chart(canvas, config);
    chart.spec = spec;
    canvas.tabIndex = 0;
    charts.set(canvas, chart);
  }

  /** A slider that moves a chart's rule stands under the same axis: its thumb is right below the rule. */
  function alignSlider(chart) {
    const slider = document.querySelector(`[data-moves="${CSS.escape(chart.canvas.dataset.chart)}"]`);
    if (!slider || !chart.chartArea) return;
    const thumb = 10; // half its width
    const [left, right] = [slider.min, slider.max].map((end) => chart.scales.x.getPixelForValue(Number(end)));
    const shift = chart.canvas.getBoundingClientRect().left - slider.parentElement.getBoundingClientRect().left;
    slider.style.marginLeft = `${shift + left - thumb}px`;
    slider.style.width = `${right - left + 2 * thumb}px`;
  }

  function drawAll(root = document) {
    for (const [canvas, chart] of charts) if (!canvas.isConnected) { chart.destroy(); charts.delete(canvas); }
    root.querySelectorAll("canvas[data-chart]").forEach(draw);
    root.querySelectorAll("[data-chart-table]").forEach((button) => { if (openTables.has(button.dataset.chartTable)) showTable(button, true); });
  }

  /* ── Read as a table ── */
  function tableOf(spec) {
    if (spec.kind === "table") return { columns: spec.columns, rows: spec.rows, links: spec.links };
    if (spec.kind === "bars") {
      return { columns: [spec.name ?? "Name", spec.value ?? "Value"], rows: spec.items.map(([name, value, shown]) => [name, shown ?? withUnit(value, spec.unit, spec.decimals)]) };
    }
    return spec.kind === "pie" ? pieTable(spec) : xyTable(spec);
  }

  function pieTable(spec) {
    const all = spec.data.reduce((sum, value) => sum + value, 0);
    const { inner } = spec;
    const rows = spec.labels.map((label, i) => [
      label, withUnit(spec.data[i], spec.unit, spec.decimals), `${digits(all ? (100 * spec.data[i]) / all : 0, 1)}%`,
      ...(inner ? [sliceText(inner, i)] : []),
    ]);
    return { columns: [spec.name ?? "Group", spec.value ?? "Customers", "Share", ...(inner ? [inner.name] : [])], rows, links: spec.links };
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
    const own = told(spec, value);
    if (!series.lo) return [own];
    const ends = [series.lo, series.hi].map((side) => (index < 0 ? null : yOf(side[index])));
    return [own, ends[0] === null ? "–" : ends.map((end) => told(spec, end)).join(spec.signed ? " to " : "–")];
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

  const element = (tag, fields) => Object.assign(document.createElement(tag), fields);

  function cell(tag, words, scope, numeric, link) {
    const made = element(tag, { textContent: link ? "" : words, className: numeric ? "num" : "" });
    if (link) made.append(element("a", { textContent: words, href: link, className: "row-link" }));
    if (scope) made.scope = scope;
    return made;
  }

  /** What the table stands in for: [data-chart-body="ID"], else the canvas's own box. */
  const pictureOf = (id) =>
    document.querySelector(`[data-chart-body="${CSS.escape(id)}"]`) ??
    document.querySelector(`canvas[data-chart="${CSS.escape(id)}"]`)?.closest(".chart");

  function showTable(button, shown) {
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

  /* ── Download PNG ── */
  const SCALE = 2;
  const MARGIN = 24;

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

  function sheet(width, height, { title, help }) {
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

  function write(ctx, words, x, y, colour, weight = 400, size = 13, align = "left") {
    ctx.font = `${weight} ${size}px ${FONT}`;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.fillStyle = token(colour);
    ctx.fillText(words, x, y);
  }

  function keys(spec) {
    if (spec.keys) return spec.keys;
    if (spec.kind === "pie") {
      const all = spec.data.reduce((sum, value) => sum + value, 0);
      const outer = spec.labels.map((label, i) => [`${label}: ${withUnit(spec.data[i], spec.unit, spec.decimals)} (${digits((100 * spec.data[i]) / (all || 1), 1)}%)`, spec.colors[i]]);
      return spec.inner ? [...outer, [`Inside, what happened: ${spec.inner.labels[0].toLowerCase()} ${sliceText(spec.inner, 0)}`, spec.colors[0]]] : outer;
    }
    const shown = spec.series.filter((series) => !series.silent && !series.colors);
    const named = shown.map((series) => [series.name, series.color]);
    const interval = shown.find((series) => series.lo);
    return interval ? [...named, ["95% interval", interval.type === "bar" ? "ink" : "c-band"]] : named;
  }

  function chartPicture(chart, words) {
    const { spec, width, height } = chart;
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
      write(ctx, shown ?? withUnit(value, spec.unit, spec.decimals), MARGIN + width, y + 9, "ink-2", 400, 13, "right");
      ctx.fillStyle = token("sunken");
      ctx.fillRect(MARGIN, y + 20, width, 6);
      ctx.fillStyle = token(colour ?? spec.color ?? "c-1");
      ctx.fillRect(MARGIN, y + 20, (width * Math.abs(value)) / most, 6);
    });
    return canvas;
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
    const ends = widths.map((_, i) => widths.slice(0, i + 1).reduce((sum, width) => sum + width, 0));
    const all = ends.at(-1);
    const { canvas, ctx, top } = sheet(all, (rows.length + 1) * 30, words);
    const place = (i) => MARGIN + (i ? ends[i] : 0);
    columns.forEach((column, i) => write(ctx, column, place(i), top + 14, "ink-2", 500, 12, i ? "right" : "left"));
    rows.forEach((row, r) => {
      const y = top + 30 * (r + 1);
      ctx.fillStyle = token("line");
      ctx.fillRect(MARGIN, y, all, 1);
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

  function download(button) {
    const id = button.dataset.chartPng;
    const spec = specOf(id);
    const words = titleOf(button);
    const table = document.querySelector(`[data-chart-table="${CSS.escape(id)}"][aria-pressed="true"]`);
    if (table) showTable(table, false); // a hidden canvas has no size
    const canvas = document.querySelector(`canvas[data-chart="${CSS.escape(id)}"]`);
    const picture = charts.has(canvas) ? chartPicture(charts.get(canvas), words) : spec.kind === "bars" ? barsPicture(spec, words) : tablePicture(spec, words);
    picture.toBlob((blob) => {
      const address = URL.createObjectURL(blob);
      const name = (words.title || "chart").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
      element("a", { href: address, download: `${name}.png` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
    });
  }

  /* ── When ── */
  document.addEventListener("click", (event) => {
    const table = event.target.closest?.("[data-chart-table]");
    const png = event.target.closest?.("[data-chart-png]");
    if (table) showTable(table, table.getAttribute("aria-pressed") !== "true");
    if (png) download(png);
  });

  document.addEventListener("keydown", (event) => { if (charts.has(event.target)) pressed(charts.get(event.target), event); });
  document.addEventListener("focusout", (event) => { if (typeof charts.get(event.target)?.at === "number") stand(charts.get(event.target), -1); });

  /* While the threshold's slider moves, the rule in its chart moves with it. */
  document.addEventListener("input", (event) => {
    const id = event.target.dataset?.moves;
    const chart = id && charts.get(document.querySelector(`canvas[data-chart="${CSS.escape(id)}"]`));
    if (!chart?.spec.rules?.length) return;
    const [rule] = chart.spec.rules;
    rule.at = Number(event.target.value);
    rule.label = rule.label.replace(/[\d.]+(?=%)/, rule.at.toFixed(1));
    chart.draw();
  });

  document.addEventListener("netone:theme", () => drawAll());
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) drawAll(event.detail.elt); });
  addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));
  document.fonts.ready.then(() => drawAll());
})();
