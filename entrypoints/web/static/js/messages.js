/* Short messages over the page, one at a time, and bars that go after some seconds. */
(() => {
  "use strict";
  const region = () => document.getElementById("toasts");
  const SECONDS = 6;

  function icon(name) {
    const sprite = document.querySelector('meta[name="icons"]')?.content ?? "";
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "ico");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  function button(className, run, label = "") {
    const element = document.createElement("button");
    element.type = "button";
    element.className = className;
    if (label) element.setAttribute("aria-label", label);
    element.addEventListener("click", run);
    return element;
  }

  /** Removes the element after some seconds, but not while a person points at it or has the focus in it. */
  function removeLater(element, seconds) {
    const clock = element.querySelector("[data-seconds-left]");
    let left = seconds;
    const timer = setInterval(() => {
      if (!element.isConnected) { clearInterval(timer); return; }
      if (element.matches(":hover, :focus-within")) return;
      left -= 1;
      if (clock) clock.textContent = `${left} s`;
      if (left <= 0) { clearInterval(timer); element.remove(); }
    }, 1000);
  }

  /** Shows a short message in the live region instead of the one before; `kind` "bad" stays until it is closed, and
      until it is closed no other message takes its place. `undo` is { url, batch, seconds }. */
  function toast(text, kind = "ok", undo = null) {
    if (!region()) return;
    const box = document.createElement("div");
    const words = document.createElement("span");
    const close = button("btn btn-quiet btn-icon", () => box.remove(), "Close the message");
    box.className = `toast toast-${kind}`;
    words.textContent = text;
    close.append(icon("x"));
    box.append(icon(kind === "bad" ? "alert-circle" : "circle-check"), words);
    if (undo) {
      const back = button("btn", () => {
        window.htmx.ajax("POST", undo.url, { values: { batch: undo.batch }, swap: "none" });
        box.remove();
      });
      back.textContent = "Undo";
      box.append(back);
    }
    box.append(close);
    region().querySelectorAll(kind === "bad" ? ".toast" : ".toast:not(.toast-bad)").forEach((old) => old.remove());
    region().append(box);
    if (kind !== "bad") removeLater(box, undo?.seconds ?? SECONDS);
  }
  window.netoneToast = toast;
  document.addEventListener("toast", ({ detail }) => toast(detail.text ?? detail.value ?? "", detail.kind, detail.undo));

  function ready(root) {
    for (const bar of [root, ...root.querySelectorAll(".undo[data-seconds]")]) {
      if (bar.matches?.(".undo[data-seconds]")) removeLater(bar, Number(bar.dataset.seconds));
    }
  }
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) ready(event.detail.elt); });
  ready(document);
})();
