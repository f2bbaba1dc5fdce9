/* The list of customers: a row opens its customer, beside the list on wide screens. The id stays a link to the page. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const wide = matchMedia("(min-width: 1200px)");
  const panel = () => document.getElementById("customer-panel");
  const rows = () => [...document.querySelectorAll("tr[data-customer]")];
  const CONTROLS = "a, button, input, select, textarea, label, summary, dialog, [popover]";
  const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  let shown = ""; // the row of the customer in the panel
  let inside = false; // whether the answer takes the focus into the panel

  /** Whether the person has not switched keyboard shortcuts off in the profile: see shell.js. */
  function keysAreOn() {
    try { return localStorage.getItem("netone-shortcuts") !== "off"; } catch { return true; }
  }
  const linkOf = (row) => $("a.id", row);
  const rowOf = (number) => $(`tr[data-customer="${CSS.escape(number)}"]`);
  const isOpen = () => Boolean(panel() && !panel().hidden);

  /* The address names the customer beside the list, so that back, forward, reload and a link show them again. */
  const named = () => /^#customer-(\d+)$/.exec(location.hash)?.[1] ?? "";
  function name(number) {
    if (named() === number) return;
    const address = location.pathname + location.search + (number ? `#customer-${number}` : "");
    if (number && !named()) history.pushState({}, "", address);
    else history.replaceState(history.state, "", address); // another customer, or none, is no separate step back
  }

  function mark(row) {
    rows().forEach((own) => own.classList.toggle("sel", own === row));
    if (!row) return;
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function load(number, focus) {
    shown = number;
    inside = focus;
    window.htmx.ajax("GET", `${location.pathname}/customers/${number}`, { target: "#customer-panel", swap: "innerHTML" });
  }

  function open(row, { focus = false } = {}) {
    if (!wide.matches) { linkOf(row).click(); return; }
    mark(row);
    name(row.dataset.customer);
    load(row.dataset.customer, focus);
  }

  function close() {
    name("");
    hide();
  }

  function hide() {
    if (!isOpen()) return;
    const row = rowOf(shown);
    panel().hidden = true;
    panel().replaceChildren();
    shown = "";
    rows().forEach((own) => own.classList.remove("sel"));
    if (row) linkOf(row).focus({ preventScroll: true });
  }

  function move(steps) {
    const all = rows();
    const here = document.activeElement?.closest?.("tr[data-customer]") ?? rowOf(shown);
    const place = all.indexOf(here);
    const next = all[place < 0 ? (steps > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, place + steps))];
    if (!next) return;
    if (isOpen() && next.dataset.customer !== shown) open(next, { focus: panel().contains(document.activeElement) });
    else mark(next);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-panel-close]")) { close(); return; }
    const row = event.target.closest("tr[data-customer]");
    if (!row || event.target.closest(CONTROLS) || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    open(row);
  });

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.closest?.(FIELDS) || $("dialog[open], [popover]:popover-open")) return;
    if (key === "Escape") close();
    else if (key === "j" && keysAreOn()) move(1);
    else if (key === "k" && keysAreOn()) move(-1);
    else if (key === "Enter" && target.matches?.("tr[data-customer]")) {
      if (isOpen() && target.dataset.customer === shown) linkOf(target).click();
      else open(target, { focus: true });
    } else return;
    if (key !== "Escape") event.preventDefault();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "customer-panel") {
      panel().hidden = false;
      panel().scrollTop = 0;
      if (inside) $("#customer-panel-title")?.focus({ preventScroll: true });
    } else if (shown && !rowOf(shown)) hide(); // other customers are listed
    else if (shown) rowOf(shown).classList.add("sel");
  });
  wide.addEventListener("change", close);

  /* Shows whom the address names: after back and forward, a reload, and in a link that somebody sent. */
  function follow() {
    const number = named();
    if (!panel() || number === shown) return;
    if (!number) hide();
    else if (wide.matches) load(number, false);
    else location.replace(`${location.pathname}/customers/${number}`);
  }
  addEventListener("popstate", (event) => { if (!event.state?.htmx) follow(); });
  document.addEventListener("htmx:historyRestore", () => { shown = ""; follow(); });
  document.addEventListener("htmx:pushedIntoHistory", () => { if (shown && rowOf(shown)) name(shown); });
  follow();

  /* The slider replaces the page with the sentence above it: what is below must not move under the pointer. */
  const head = () => $("#result > .head");
  const sliderTop = () => $("#thr")?.getBoundingClientRect().top ?? 0;
  let before = 0;
  let top = 0;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "result") [before, top] = [head()?.offsetHeight ?? 0, sliderTop()];
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "result" || !head()) return;
    head().style.minHeight = `${before}px`;
    scrollBy({ top: sliderTop() - top, behavior: "instant" }); // what stands between the sentence and the slider may have changed, too
  });
  addEventListener("resize", () => { if (head()) head().style.minHeight = ""; });
})();
