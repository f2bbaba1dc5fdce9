/* A slider that moves the vertical line of a chart, such as that of the threshold. */

/** Gives the slider the position and width of the chart's axis, so that its thumb is right below the line. */
export function alignSlider(chart) {
  const slider = document.querySelector(`[data-moves="${CSS.escape(chart.canvas.dataset.chart)}"]`);
  if (!slider || !chart.chartArea) return;
  const thumb = 10; // half its width
  const [left, right] = [slider.min, slider.max].map((end) => chart.scales.x.getPixelForValue(Number(end)));
  const shift = chart.canvas.getBoundingClientRect().left - slider.parentElement.getBoundingClientRect().left;
  slider.style.marginLeft = `${shift + left - thumb}px`;
  slider.style.width = `${right - left + 2 * thumb}px`;
}

/** Moves the chart's line and its label while the slider moves. */
export function moveRule(chart, value) {
  if (!chart.spec.rules?.length) return;
  const [rule] = chart.spec.rules;
  rule.at = value;
  rule.label = rule.label.replace(/[\d.]+(?=%)/, value.toFixed(1));
  chart.draw();
}
