/* Behaviour of the components. Listeners are on the document, so fragments that htmx swaps in need no set-up. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const toast = (...message) => window.netoneToast(...message); // see messages.js

  /** Calls `run(element, event)` when an event happens inside an element that matches. */
  function on(type, selector, run, capture = false) {
    document.addEventListener(type, (event) => {
      const element = event.target instanceof Element && event.target.closest(selector);
      if (element) run(element, event);
    }, capture);
  }

  /* ── Theme ── */
  on("click", "[data-theme-toggle]", () => window.netoneTheme.toggle());
  on("change", "[data-theme-choice]", (input) => window.netoneTheme.set(input.value));
  function showThemeChoice(root = document) {
    $$("[data-theme-choice]", root).forEach((input) => { input.checked = input.value === window.netoneTheme.choice(); });
  }

  /* ── Drawer (the sidebar on small screens) ── */
  const wide = matchMedia("(min-width: 992px)");
  const outside = () => $$(".topbar, #main, .skip");

  function openDrawer() {
    document.documentElement.classList.add("drawer-open");
    outside().forEach((part) => { part.inert = true; });
    $$("[data-drawer-open]").forEach((button) => button.setAttribute("aria-expanded", "true"));
    $("#side [data-drawer-close]")?.focus();
  }
  function closeDrawer() {
    if (!document.documentElement.classList.contains("drawer-open")) return;
    document.documentElement.classList.remove("drawer-open");
    outside().forEach((part) => { part.inert = false; });
    $$("[data-drawer-open]").forEach((button) => button.setAttribute("aria-expanded", "false"));
    $("[data-drawer-open]")?.focus();
  }
  on("click", "[data-drawer-open]", (_, event) => { event.preventDefault(); openDrawer(); });
  on("click", "[data-drawer-close]", closeDrawer);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeDrawer(); });
  wide.addEventListener("change", closeDrawer);

  /* ── Popovers: hints and menus appear next to the button that opened them ── */
  function placePopover(popover) {
    const opener = $(`[popovertarget="${CSS.escape(popover.id)}"]`);
    if (!opener) return;
    const button = opener.getBoundingClientRect();
    const { width, height } = popover.getBoundingClientRect();
    const fromRight = popover.classList.contains("menu");
    const left = fromRight ? button.right - width : button.left + button.width / 2 - width / 2;
    const below = button.bottom + 6;
    const top = below + height > innerHeight - 8 ? Math.max(8, button.top - height - 6) : below;
    popover.style.left = `${Math.max(12, Math.min(left, innerWidth - width - 12))}px`;
    popover.style.top = `${top}px`;
  }
  const openPopovers = () => $$("[popover]:popover-open");
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("[popover]") && event.newState === "open") placePopover(event.target);
  }, true);
  /* Choosing from a menu closes it and gives the focus back to its button: a dialog, or what is swapped in, returns there. */
  on("click", ".menu[popover] a, .menu[popover] button", (item) => {
    const menu = item.closest("[popover]");
    menu.hidePopover();
    $(`[popovertarget="${CSS.escape(menu.id)}"]`)?.focus();
  });
  addEventListener("scroll", () => openPopovers().forEach((popover) => popover.hidePopover()), { passive: true });
  addEventListener("resize", () => openPopovers().forEach(placePopover));

  /* ── Dialogs ── */
  /* The first field has the focus, in a mere question what cancels it. `opener` is the id of what opened the latest. */
  let opener = "";
  function show(dialog) {
    opener = document.activeElement?.id ?? "";
    dialog.showModal();
    const field = $(".dialog-body :is(input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select)", dialog);
    (field ?? $(".dialog-foot [data-dialog-close]", dialog))?.focus();
  }
  on("click", "[data-dialog-open]", (button, event) => {
    const dialog = byId(button.dataset.dialogOpen);
    if (!dialog) return;
    event.preventDefault();
    show(dialog);
  });
  on("keydown", "a[role=button]", (link, event) => {
    if (event.key !== " ") return; // a button for everybody who has scripts
    event.preventDefault();
    link.click();
  });
  on("click", "[data-dialog-close]", (button) => button.closest("dialog")?.close());
  document.addEventListener("click", (event) => {
    if (event.target instanceof HTMLDialogElement) event.target.close(); // a click on the backdrop
  });

  /* A form that names a dialog is sent only after its [data-confirm] button; runs before htmx sees the submit. */
  let asking = null;
  on("submit", "form[data-confirm-dialog]", (form, event) => {
    if (form.dataset.confirmed) { delete form.dataset.confirmed; return; }
    const dialog = byId(form.dataset.confirmDialog);
    if (!dialog) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    asking = { form, submitter: event.submitter };
    show(dialog);
  }, true);
  on("click", "dialog [data-confirm]", (button) => {
    button.closest("dialog").close();
    if (!asking) return;
    const { form, submitter } = asking;
    asking = null;
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter && submitter.form === form ? submitter : undefined);
  });

  /* ── Fields ── */
  on("click", "[data-show-password]", (button) => {
    const input = byId(button.dataset.showPassword);
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", shown ? "Hide the characters" : "Show the characters");
    input.focus();
  });

  /** Writes or clears the message that the `field` macro reserves for its input. */
  function fieldError(input, message) {
    const note = byId(`${input.id}-error`);
    input.classList.toggle("is-invalid", Boolean(message));
    if (message) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    if (!note) return;
    note.hidden = !message;
    const words = $("[data-words]", note) || note;
    words.textContent = message;
  }

  function emailProblem(value) {
    if (!value.trim()) return "";
    const [name, host, ...more] = value.trim().split("@");
    if (host === undefined || !name || more.length) return "An email has one @, as in name@company.com.";
    if (/\s/.test(value.trim())) return "An email address cannot contain spaces.";
    return host.includes(".") && !host.endsWith(".") ? "" : "The part after @ needs a dot, as in name@company.com.";
  }
  on("focusout", "input[data-check-email]", (input) => fieldError(input, emailProblem(input.value)));
  on("input", "input[data-check-email].is-invalid", (input) => fieldError(input, emailProblem(input.value)));

  function showMatch(confirm) {
    const first = byId(confirm.dataset.match);
    const note = byId(`${confirm.id}-match`);
    if (!first || !note) return;
    const same = confirm.value === first.value;
    const started = confirm.value.length > 0;
    note.hidden = !started || (!same && document.activeElement === confirm && first.value.startsWith(confirm.value));
    $("[data-match-yes]", note).hidden = !same;
    $("[data-match-no]", note).hidden = same;
    if (same) fieldError(confirm, "");
  }
  document.addEventListener("input", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    $$("[data-match]").forEach((confirm) => {
      if (event.target === confirm || event.target.id === confirm.dataset.match) showMatch(confirm);
    });
  });
  on("focusout", "[data-match]", showMatch);

  /* What-if forms mark the fields whose value has changed. */
  on("input", "[data-mark-changes]", (form) => {
    const fields = $$("input, select, textarea", form).filter((field) => field.dataset.was !== undefined);
    const changed = fields.filter((field) => field.value !== field.dataset.was);
    fields.forEach((field) => field.classList.toggle("changed", changed.includes(field)));
    const count = byId(form.dataset.markChanges);
    if (count) count.textContent = changed.length === 1 ? "1 attribute changed" : `${changed.length} attributes changed`;
  });

  /* The slider's figure follows at once, for eyes and for ears; the server's answer comes with htmx. */
  on("input", "input[type=range]", (range) => {
    const words = Number(range.value).toFixed(Number(range.dataset.decimals ?? 1)) + (range.dataset.suffix ?? "%");
    range.setAttribute("aria-valuetext", words);
    $$(`output[for="${CSS.escape(range.id)}"]`).forEach((output) => (output.textContent = words));
  });

  /* ── Copy ── */
  async function copyText(text) {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // plain http in an office network
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  on("click", "[data-copy], [data-copy-from]", async (button) => {
    const text = button.dataset.copy ?? byId(button.dataset.copyFrom)?.textContent.trim() ?? "";
    await copyText(text);
    toast("Copied.");
    button.focus();
  });

  on("click", "[data-print]", () => print());

  /* ── Choosing and sending files ── */
  const sizeOf = (bytes) => {
    const units = ["bytes", "KB", "MB", "GB"];
    const step = bytes < 1 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
    const value = bytes / 1000 ** step;
    return `${value < 10 && step > 1 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
  };

  function showFile(input) {
    const zone = input.closest("[data-drop]");
    if (!zone) return;
    const files = [...input.files], [file] = files, most = Number(zone.dataset.maxBytes || 0);
    const size = files.reduce((sum, own) => sum + own.size, 0);
    const tooLarge = Boolean(most && size > most);
    $$("[data-file-none]", zone).forEach((part) => { part.hidden = Boolean(file); });
    $$("[data-file-chosen]", zone).forEach((part) => { part.hidden = !file; });
    $$("[data-file-name]", zone).forEach((part) => { part.textContent = files.map((own) => own.name).join(", "); });
    $$("[data-file-size]", zone).forEach((part) => { part.textContent = file ? sizeOf(size) : ""; });
    $$("[data-file-too-large]", zone).forEach((part) => { part.hidden = !tooLarge; });
    if (file && !tooLarge && zone.dataset.drop === "submit") input.form.requestSubmit();
  }
  on("change", "[data-drop] input[type=file]", showFile);
  on("dragover", "[data-drop]", (zone, event) => { event.preventDefault(); zone.classList.add("over"); });
  on("dragleave", "[data-drop]", (zone, event) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("over"); });
  on("drop", "[data-drop]", (zone, event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const input = $("input[type=file]", zone);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  /* htmx reports the request's and the answer's bytes alike: only the first full count is the upload. */
  document.addEventListener("htmx:xhr:loadstart", (event) => { delete event.target.dataset?.sent; });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = event.target;
    const box = form.dataset?.progress && byId(form.dataset.progress);
    const { loaded, total, lengthComputable } = event.detail;
    if (!box || !lengthComputable || form.dataset.sent) return;
    box.hidden = false;
    const meter = $("progress", box);
    meter.max = total;
    meter.value = loaded;
    const words = $("[data-progress-words]", box);
    if (words) words.textContent = loaded < total ? `${sizeOf(loaded)} of ${sizeOf(total)} sent` : "Sent. Reading the file…";
    if (loaded >= total) form.dataset.sent = "yes";
  });
  on("click", "[data-cancel-upload]", (button) => { window.htmx?.trigger(byId(button.dataset.cancelUpload), "htmx:abort"); });

  /* ── Ticked rows ── */
  function countTicked(scope) {
    const boxes = $$("[data-select-row]", scope);
    const ticked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr")?.classList.toggle("sel", box.checked));
    $$("[data-select-all]", scope).forEach((all) => {
      all.checked = ticked.length > 0 && ticked.length === boxes.length;
      all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    });
    $$("[data-selbar]", scope).forEach((bar) => { bar.classList.toggle("on", ticked.length > 0); });
    $$("[data-select-count]", scope).forEach((words) => { words.textContent = `${ticked.length} selected`; });
    $$("[data-select-names]", document).forEach((list) => {
      list.replaceChildren(...ticked.map((box) => Object.assign(document.createElement("li"), { textContent: box.dataset.selectRow })));
    });
    $$("[data-select-exactly]", scope).forEach((button) => {
      button.disabled = ticked.length !== Number(button.dataset.selectExactly);
      $$("[data-select-why]", scope).forEach((words) => { words.hidden = !button.disabled; });
    });
  }
  on("change", "[data-select-scope] [data-select-row]", (box) => countTicked(box.closest("[data-select-scope]")));
  on("change", "[data-select-scope] [data-select-all]", (all) => {
    const scope = all.closest("[data-select-scope]");
    $$("[data-select-row]", scope).forEach((box) => { box.checked = all.checked; });
    countTicked(scope);
  });
  on("click", "[data-select-clear]", (button) => {
    const scope = button.closest("[data-select-scope]");
    $$("[data-select-row]", scope).forEach((box) => { box.checked = false; });
    countTicked(scope);
    $("[data-select-row]", scope)?.focus();
  });

  /* ── An export that was created in the background ── */
  on("click", "[data-report-close]", (button) => {
    button.closest(".report-box").remove();
    byId("download-pdf")?.focus();
  });
  function startDownload(link) {
    link.removeAttribute("data-download-now");
    link.click();
  }

  /* ── htmx: pending requests, errors and focus ── */
  const words = {
    0: "The server could not be reached. Nothing was lost; try again.",
    400: "The page has been open too long. Reload it and try again.",
    403: "You do not have permission to do this. Ask an administrator if you need it.",
    404: "This no longer exists. It may have been deleted; reload the page.",
    409: "Someone else changed this in the meantime. Reload the page and try again.",
    413: "The file is too large. The page says how large it may be.",
    503: "The server is busy. Nothing was stored; try again in a few seconds.",
    507: "The disk is full. Nothing was stored. Delete files that you no longer need, or tell your administrator.",
    429: "Too many attempts. Wait a minute and try again.",
  };
  const failed = (status) => words[status] ?? "An unexpected error occurred. Try again; if it happens again, tell your administrator.";
  const polls = (element) => /every|load/.test(element.getAttribute?.("hx-trigger") ?? "");

  let waiting = 0;
  let focused = []; // ids of elements to which the focus goes if the swap takes away what had it, the best first
  function busy(change) {
    waiting = Math.max(0, waiting + change);
    $(".load-bar")?.classList.toggle("on", waiting > 0);
  }
  document.addEventListener("htmx:beforeSend", (event) => {
    const { elt, target } = event.detail;
    if (polls(elt)) return;
    event.detail.xhr.netoneTarget = target; // the answer may choose another one
    busy(+1);
    if (target !== document.body) target.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const target = event.detail.xhr?.netoneTarget;
    if (target) { target.removeAttribute("aria-busy"); busy(-1); }
  });
  /* A field marked data-quiet asks by itself while a person types. Its failures are no message to them, and it asks
     nothing once its form is sent: the answer to the form may begin another session. */
  const quiet = (element) => Boolean(element?.matches?.("[data-quiet]"));
  document.addEventListener("submit", (event) => {
    if ($("[data-quiet]", event.target)) event.target.dataset.leaving = "yes";
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = event.detail;
    if (quiet(elt) && elt.form?.dataset.leaving) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => { delete event.detail.elt.dataset?.leaving; });
  addEventListener("pageshow", () => $$("form[data-leaving]").forEach((form) => { delete form.dataset.leaving; }));

  document.addEventListener("htmx:responseError", (event) => {
    if (!quiet(event.detail.elt)) toast(failed(event.detail.xhr.status), "bad");
  });
  for (const lost of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(lost, ({ detail: { elt } }) => { if (!polls(elt) && !quiet(elt)) toast(words[0], "bad"); });
  }
  /* Back twice in a moment: the answer for the page in between must not come last. */
  let restoring = null;
  document.addEventListener("htmx:historyCacheMiss", (event) => {
    restoring?.abort();
    restoring = event.detail.xhr;
  });
  /* A button that is disabled while its form is sent loses the focus before the answer comes. */
  document.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.netoneFocus = document.activeElement; });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true; // the server chose the target of its error page
      event.detail.isError = false;
    }
    const here = document.activeElement === document.body ? xhr.netoneFocus : document.activeElement;
    focused = here?.closest("dialog") ? [opener, target?.id] : target?.contains(here) ? [target.id] : [];
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (document.activeElement === document.body) { // to what opened the dialog that the answer closed, or to what is new
      const again = focused.map(byId).find(Boolean);
      if (again) { again.tabIndex = again.tabIndex < 0 ? -1 : again.tabIndex; again.focus({ preventScroll: true }); }
    }
    focused = [];
  });

  function ready(root) {
    showThemeChoice(root);
    const around = root.closest?.("[data-select-scope]");
    [...(around ? [around] : []), ...$$("[data-select-scope]", root)].forEach(countTicked);
    $$("a[data-download-now]", root).forEach(startDownload);
    $$("[data-complete-address]", root).forEach((link) => {
      link.textContent = location.origin + link.textContent.trim();
      link.removeAttribute("data-complete-address");
    });
    $$(".tabs [aria-current]", root).forEach((tab) => { // only where it is out of sight
      const tabs = tab.parentElement, end = tab.offsetLeft - tabs.offsetLeft + tab.offsetWidth;
      if (end > tabs.clientWidth) tabs.scrollLeft = end - tabs.clientWidth + 16;
    });
    $$("dialog[data-open-now]", root).forEach((dialog) => { if (!dialog.open) show(dialog); });
    $(".is-invalid", root)?.focus({ preventScroll: false });
  }
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) ready(event.detail.elt); });
  ready(document);
})();
