/* Forms: what was typed survives a session that ended, and dropped files go where they are meant to. */
(() => {
  "use strict";
  const KEPT = "netone-kept", LONGEST = 60 * 60 * 1000;
  const account = document.body.dataset.account;

  const typed = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrf_token"
    && !["password", "file", "hidden", "submit", "button"].includes(field.type));
  const isTick = (field) => ["checkbox", "radio"].includes(field.type);
  const GAP = "\u0001"; // between the parts of a field

  function keep(form) {
    const fields = typed(form);
    if (!account || form.method !== "post" || !fields.length) return;
    const kept = new URLSearchParams({ account, path: location.pathname, action: form.action, at: Date.now() });
    fields.forEach((field) => kept.append("field", [field.name, field.value, isTick(field) ? Number(field.checked) : ""].join(GAP)));
    try { sessionStorage.setItem(KEPT, kept); } catch { /* without storage nothing is kept */ }
  }

  function forget() {
    try { sessionStorage.removeItem(KEPT); } catch { /* nothing was kept */ }
  }

  /* On a page for strangers the session has ended: the values stay for the page after the log-in, and only for it. */
  function restore() {
    let kept = null;
    try { kept = sessionStorage.getItem(KEPT); } catch { /* nothing was kept */ }
    if (!kept) return;
    kept = new URLSearchParams(kept);
    if (!account) {
      kept.set("ended", "1");
      sessionStorage.setItem(KEPT, kept);
      return;
    }
    forget();
    const isOfThisPage = kept.get("account") === account && kept.get("path") === location.pathname;
    if (!kept.has("ended") || !isOfThisPage || Date.now() - Number(kept.get("at")) > LONGEST) return;
    const form = [...document.forms].find((own) => own.action === kept.get("action"));
    if (!form) return;
    const left = typed(form);
    kept.getAll("field").map((own) => own.split(GAP)).forEach(([name, value, ticked]) => {
      const field = left.find((one) => one.name === name && isTick(one) === (ticked !== "") && (!isTick(one) || one.value === value));
      if (!field) return;
      left.splice(left.indexOf(field), 1); // several fields of one name are in their order
      if (isTick(field)) field.checked = ticked === "1";
      else field.value = value;
    });
    form.closest("details")?.setAttribute("open", "");
    form.scrollIntoView({ block: "center" });
    window.netoneToast?.("What you had typed is here again. Check it, and send it.");
  }

  document.addEventListener("submit", (event) => keep(event.target), true);

  /* A double click sends a form once: a browser sends it again while it waits for the answer. */
  const TWICE = 2000;
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (event.timeStamp - (sent.get(form) ?? -TWICE) < TWICE) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && !event.detail.xhr.getResponseHeader("HX-Redirect")) forget();
  });
  window.addEventListener("pageshow", (event) => { if (!event.persisted) restore(); });

  /* A button that acts on what a form showed waits while the form says something else. */
  const differs = (field) => field instanceof HTMLSelectElement
    ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected))
    : isTick(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  const unlessChanged = () => document.querySelectorAll("[data-unless-changed]").forEach((button) => {
    const form = document.getElementById(button.dataset.unlessChanged);
    if (!form) return;
    button.disabled = typed(form).some(differs);
    const words = document.getElementById(`${form.id}-changed`);
    if (words) words.hidden = !button.disabled;
  });
  document.addEventListener("input", unlessChanged);
  window.addEventListener("pageshow", unlessChanged);

  /* A file that misses its box would replace the page, and one of two files would be taken silently. */
  const holdsFiles = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
  document.addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    const zone = event.target.closest?.("[data-drop]"), input = zone?.querySelector("input[type=file]");
    const several = input && !input.multiple && event.dataTransfer.files.length > 1;
    if (zone && !several) return;
    event.preventDefault();
    event.stopPropagation();
    zone?.classList.remove("over");
    if (several) window.netoneToast?.("Drop one file. Several tables can go into one zip archive.", "bad");
    else if (document.querySelector("[data-drop]")) window.netoneToast?.("Drop the file into the box for it.", "bad");
  }, true);

  /* Set-up proposes the time zone of the browser. */
  const zone = document.querySelector("select[data-own-zone]");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && [...zone.options].some((option) => option.value === own)) zone.value = own;
})();
