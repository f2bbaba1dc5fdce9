/* Text and lines on a canvas. */
import { FONT, token } from "./theme.js";

export function text(ctx, words, x, y, colour, align = "left") {
  ctx.save();
  ctx.font = `600 12px ${FONT}`;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = token("surface"); // a halo, so that lines behind do not cross the text
  ctx.strokeText(words, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(words, x, y);
  ctx.restore();
}

export function vertical(ctx, area, x, colour, width, dash = []) {
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

export function measure(ctx, words) {
  ctx.save();
  ctx.font = `600 12px ${FONT}`;
  const { width } = ctx.measureText(words);
  ctx.restore();
  return width;
}

export function write(ctx, words, x, y, colour, weight = 400, size = 13, align = "left") {
  ctx.font = `${weight} ${size}px ${FONT}`;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.fillStyle = token(colour);
  ctx.fillText(words, x, y);
}
