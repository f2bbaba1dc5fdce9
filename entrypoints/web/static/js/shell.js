/* The frame of every page: the search of the menu, and keyboard shortcuts. Both work by mouse and Tab key too. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* ── Search ── */
  const field = $("#find");
  const hits = $("#find-hits");
  const links = () => $$("a[data-hit]", hits);
  const isOpen = () => Boolean(hits && !hits.hidden);

  function close() {
    if (hits) hits.hidden = true;
  }
  function place() {
    const { left, bottom } = field.form.getBoundingClientRect();
    hits.style.left = `${left}px`;
    hits.style.top = `${bottom + 6}px`;
    hits.style.maxHeight = `${innerHeight - bottom - 24}px`;
  }
  function open() {
    hits.hidden = !field.value.trim();
    if (!hits.hidden) place();
  }
  /* From the field to the first result, between results, and back. */
  function step(by) {
    const all = links();
    const next = all.indexOf(document.activeElement) + by;
    if (next < 0) field.focus();
    else all[Math.min(next, all.length - 1)]?.focus();
  }
  function leave() {
    close();
    field.value = "";
    field.focus();
    field.blur();
  }

  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target === hits) open(); });
  field?.addEventListener("input", () => { if (!field.value.trim()) close(); });
  field?.addEventListener("focus", () => { if (links().length) open(); });
  document.addEventListener("click", (event) => { if (isOpen() && !event.target.closest("#find-hits, [data-find]")) close(); });
  addEventListener("resize", () => { if (isOpen()) place(); });
  document.addEventListener("keydown", (event) => {
    const inside = field && (event.target === field || hits.contains(event.target));
    if (!inside || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && (isOpen() || event.target === field)) leave();
    else if (event.key === "ArrowDown" && isOpen()) step(1);
    else if (event.key === "ArrowUp" && isOpen()) step(-1);
    else if (event.key === "Enter" && event.target === field && isOpen() && links().length) links()[0].click();
    else return;
    event.preventDefault();
  });

  /* ── Shortcuts ── */
  const STORED = "netone-shortcuts";
  const FIELDS = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";
  const PATIENCE = 1500; // milliseconds between g and the next key
  let goes = 0;

  function areOn() {
    try { return localStorage.getItem(STORED) !== "off"; } catch { return true; }
  }
  function switchOn(on) {
    try { if (on) localStorage.removeItem(STORED); else localStorage.setItem(STORED, "off"); } catch { /* not stored */ }
  }

  /* The link of each row, in lists that have no keys of their page. */
  const rowLinks = () => ($("[data-worklist], tr[data-customer]")
    ? [] : $$("main tbody tr").map((row) => $("a[href]", row)).filter((link) => link?.offsetParent));
  function move(by) {
    const all = rowLinks();
    const row = document.activeElement?.closest?.("tr");
    const at = all.findIndex((link) => link === document.activeElement || (row && row.contains(link)));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    next?.focus({ preventScroll: true });
    next?.closest("tr").scrollIntoView({ block: "nearest" });
    return Boolean(next);
  }
  function search() {
    if (!field?.offsetParent) $("[data-drawer-open]")?.click();
    field?.focus();
    field?.select();
    return Boolean(field);
  }
  const follow = (selector) => { const link = $(selector); link?.click(); return Boolean(link); };
  const keys = {
    "/": search,
    "?": () => { $("#keys")?.showModal(); return true; },
    n: () => !$("[data-worklist]") && follow("[data-key=n]"),
    g: () => { goes = Date.now(); return true; },
    j: () => move(1),
    k: () => move(-1),
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (!areOn() || target.closest?.(FIELDS) || $("dialog[open], [popover]:popover-open")) return;
    const asked = Date.now() - goes < PATIENCE;
    goes = 0;
    const done = asked ? /^[a-z]$/.test(key) && follow(`[data-go="${key}"]`) : keys[key]?.();
    if (done) event.preventDefault();
  });

  /* ── The bell: asks once a minute at most, only on a page that somebody uses, and keeps the answer for the next page ── */
  const MINUTE = 60_000;
  const IN_USE = 10 * MINUTE;
  const COUNTED = "netone-notices";
  const bells = $$("[data-bell]");
  let used = Date.now();

  /* "time count", of the latest answer. */
  function remembered() {
    try { return (sessionStorage.getItem(COUNTED) ?? "0 0").split(" ").map(Number); } catch { return [0, 0]; }
  }
  function ring(unseen) {
    for (const bell of bells) {
      const count = $(".bell-count", bell);
      count.hidden = !unseen;
      count.textContent = unseen > 99 ? "99+" : String(unseen);
      const name = unseen ? `Notices, ${unseen} new` : "Notices";
      bell.setAttribute("aria-label", name);
      bell.title = name;
    }
  }
  async function count() {
    if (document.visibilityState !== "visible" || Date.now() - used > IN_USE) return;
    const [at, known] = remembered();
    if (Date.now() - at < MINUTE) { ring(known); return; }
    try {
      const answer = await fetch(bells[0].dataset.bell, { headers: { Accept: "application/json" }, redirect: "error" });
      const { unseen } = await answer.json();
      sessionStorage.setItem(COUNTED, `${Date.now()} ${unseen}`);
      ring(unseen);
    } catch { /* not reached, or logged out: the next page says so */ }
  }
  if (bells.length) {
    for (const type of ["pointerdown", "keydown", "scroll"]) addEventListener(type, () => { used = Date.now(); }, { passive: true });
    if ($("[data-notices]")) try { sessionStorage.removeItem(COUNTED); } catch { /* not stored */ }
    count();
    setInterval(count, MINUTE);
    document.addEventListener("visibilitychange", count);
  }

  /* ── Parts that need JavaScript ── */
  $$("[data-needs-script]").forEach((part) => { part.hidden = false; });
  $$("[data-shortcuts-choice]").forEach((box) => {
    box.checked = areOn();
    box.addEventListener("change", () => switchOn(box.checked));
  });
})();
