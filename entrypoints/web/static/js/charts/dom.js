/* Elements of the page. */
export const element = (tag, fields) => Object.assign(document.createElement(tag), fields);

export function cell(tag, words, scope, numeric, link) {
  const made = element(tag, { textContent: link ? "" : words, className: numeric ? "num" : "" });
  if (link) made.append(element("a", { textContent: words, href: link, className: "row-link" }));
  if (scope) made.scope = scope;
  return made;
}

/** The element that the table replaces: [data-chart-body="ID"], otherwise the canvas's box. */
export const pictureOf = (id) =>
  document.querySelector(`[data-chart-body="${CSS.escape(id)}"]`) ??
  document.querySelector(`canvas[data-chart="${CSS.escape(id)}"]`)?.closest(".chart");
