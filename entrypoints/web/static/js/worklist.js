/* Keyboard shortcuts of a campaign's list. Everything they do can also be done with the mouse. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const rows = () => [...document.querySelectorAll("tr[data-member]")];
  const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  let current = ""; // the id of the marked row, which a change replaces

  const marked = () => document.activeElement?.closest?.("tr[data-member]") ?? document.getElementById(current);
  const occupied = (event) => event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
    || event.target.closest?.(FIELDS) || $("dialog[open], [popover]:popover-open");

  function mark(row) {
    if (!row) return;
    current = row.id;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function move(steps) {
    const all = rows();
    const place = all.indexOf(marked());
    mark(all[place < 0 ? (steps > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, place + steps))]);
  }

  function set(row, number) {
    const status = $("[data-worklist]")?.dataset.worklist.split(" ")[number - 1];
    const select = row && $("select[name=status]", row);
    const option = select && [...select.options].find((one) => one.value === status && !one.disabled);
    if (row && status && !option) window.netoneToast("This status cannot be set for this customer.", "bad");
    if (!option || select.value === status) return;
    select.value = status;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    n: (row) => $("[data-note]", row)?.click(),
    u: (row) => $("[data-undo]", row)?.click(),
    "?": () => document.getElementById("shortcuts")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (occupied(event)) return;
    const row = marked();
    if (event.key === "Enter" && row && event.target === row) $("a[data-open]", row)?.click();
    else if (/^[1-6]$/.test(event.key) && row) set(row, Number(event.key));
    else if (keys[event.key] && (row || !"nu".includes(event.key))) keys[event.key](row);
    else return;
    event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("tr[data-member]");
    if (row) current = row.id;
  });

  /* A change replaces its row: the focus goes to the question in it, or back to the row. A dialog about it closes. */
  document.addEventListener("member-changed", () => $("#note")?.close());
  document.addEventListener("htmx:afterSettle", (event) => {
    const row = document.getElementById(current);
    if (!row || event.detail.target?.id === "dialogs") return;
    const question = $("[data-focus]", row);
    if (question) {
      window.htmx.process(row); // another change may settle first; Enter must not send the form as a page
      question.focus();
    } else if ([document.body, null].includes(document.activeElement) && !$("dialog[open]")) row.focus({ preventScroll: true });
  });
  document.addEventListener("close", (event) => {
    if (event.target.id === "note") document.getElementById(current)?.focus({ preventScroll: true });
  }, true);
})();
