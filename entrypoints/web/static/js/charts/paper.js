/* Charts on paper. The browser does not tell a chart the size of its box there, so it is computed from the columns that
   the print rules of layout.css give its panel, on A4 or Letter with the margins of tokens.css. */
const WIDTH = 680;
const HEIGHT = 174; // 46 mm, as in charts.css
const COLUMNS = { 4: 6, 5: 5, 6: 6, 7: 7 };

export function resizeForPaper(chart) {
  if (chart.spec.kind === "pie") return;
  const panel = chart.canvas.closest("[class*=span-]");
  const span = /\bspan-(\d+)/.exec(panel?.className ?? "")?.[1];
  chart.resize(Math.round((WIDTH * (COLUMNS[span] ?? 12)) / 12) - 16, HEIGHT);
  chart.update("none"); // at once: a resize alone draws 60 ms later, and the browser does not wait
}
