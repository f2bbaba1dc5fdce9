/* Colours and font of charts. Colours are CSS variables by name. */
export const FONT = '"Inter Variable", "Inter Stand-in", system-ui, sans-serif';
export const NARROW = 480;

export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
/* Words in a series' colour need more contrast than its line. */
const INK = { "c-leave": "amber-ink", "c-2": "amber-ink", "c-critical": "red-ink", "c-stay": "petrol", "c-1": "petrol" };
export const inkOf = (name) => token(INK[name] ?? name);
