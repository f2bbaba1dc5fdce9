/* Checks a chosen customer file before the upload: sends what is needed to the server and shows the answer. */
(() => {
  "use strict";
  const FIRST_PART = 1024 * 1024;
  const WHOLE_NAMES = /\.(xlsx|xlsm|xlsb|xls|ods|parquet|pq|feather|arrow|json|jsonl|ndjson|zip)(\.\w+)?$/i;
  const WHOLE_STARTS = /^(PK|PAR1|ARROW1|\xd0\xcf\x11\xe0|(\xef\xbb\xbf)?\s*[{[])/;

  /* What the server needs for its check: the first part of a text, but all of a workbook, an archive or records. */
  async function neededOf(file) {
    if (file.size <= FIRST_PART) return file;
    const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
    return WHOLE_NAMES.test(file.name) || WHOLE_STARTS.test(start) ? file : file.slice(0, FIRST_PART);
  }

  /* A choice about the format makes positions of columns mean others: matches go along only when they were changed. */
  function choices(form, changed) {
    if (changed.type === "file") return [];
    const kinds = changed.dataset.recheck === "format" ? "[data-recheck=format]" : "[data-recheck]";
    return form.querySelectorAll(kinds);
  }

  async function check(form, changed) {
    const file = form.querySelector("input[type=file]")?.files[0];
    const target = document.getElementById(form.dataset.checkTarget);
    const error = document.getElementById("upload_error");
    if (!target) return;
    if (error) error.replaceChildren();
    if (!file) { target.replaceChildren(); return; }
    const asked = (form.netoneAsked = {}); // an answer to an earlier request must not replace a later one
    target.setAttribute("aria-busy", "true");
    try {
      const body = new FormData();
      body.append("file", await neededOf(file), file.name);
      body.append("file_name", file.name);
      body.append("file_size", String(file.size));
      choices(form, changed).forEach((choice) => body.append(choice.name, choice.value));
      const answer = await fetch(form.dataset.checkUrl, {
        method: "POST", body, credentials: "same-origin",
        headers: { "X-CSRFToken": form.querySelector("[name=csrf_token]").value, "HX-Request": "true" },
      });
      if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
      const html = await answer.text();
      if (form.netoneAsked !== asked || form.querySelector("input[type=file]")?.files[0] !== file) return;
      show(target, html, changed);
    } catch {
      window.netoneToast?.("The server could not be reached. Nothing was lost; try again.", "bad");
    } finally {
      target.removeAttribute("aria-busy");
    }
  }

  /* Replaces the previous answer, keeps the focus, and announces the result to screen readers. */
  function show(target, html, changed) {
    target.innerHTML = html;
    window.htmx?.process(target);
    const waits = target.querySelector("[data-decide]"); // until it is answered, the answer is the primary button
    target.closest("form")?.querySelector("button[type=submit]")?.classList.toggle("btn-primary", !waits);
    const said = target.querySelector("template[data-answer]"), answer = document.querySelector("#prediction .answer");
    if (said && answer) answer.replaceChildren(said.content.cloneNode(true));
    const words = document.getElementById(`${target.id}_words`);
    if (words) words.textContent = target.querySelector("[data-check-words]")?.dataset.checkWords ?? "";
    if (changed.type === "file") return;
    const details = target.querySelector("details:has([data-recheck=format])");
    if (details && changed.dataset.recheck === "format") details.open = true;
    const again = changed.name ? target.querySelector(`[name="${CSS.escape(changed.name)}"]`) : target.querySelector("select[name^='match:']");
    again?.focus();
  }

  /* Without a file there is nothing to start: the button stays within reach of the keyboard and says why. */
  function offer(form) {
    const reason = form.querySelector("#no_file"), button = form.querySelector("button[aria-describedby=no_file]");
    if (!reason || !button) return;
    const file = form.querySelector("input[type=file]")?.files.length;
    reason.hidden = Boolean(file);
    if (file) button.removeAttribute("aria-disabled");
    else button.setAttribute("aria-disabled", "true");
  }
  const offerAll = (root) => root.querySelectorAll("form[data-check-url]").forEach(offer);
  document.addEventListener("htmx:load", (event) => offerAll(event.detail.elt.parentElement ?? document));
  addEventListener("pageshow", () => offerAll(document)); // a browser keeps the file when it goes back
  offerAll(document);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("form[data-check-url] button[type=submit][aria-disabled=true]");
    if (!button) return;
    event.preventDefault();
    button.form.querySelector("input[type=file]").focus();
  });

  function decideAll(form, answer) {
    const suggested = [...form.querySelectorAll("[data-suggested]")].filter((choice) => !choice.value);
    suggested.forEach((choice) => { choice.value = choice.dataset[answer] ?? answer; });
    if (suggested.length) check(form, suggested[0]);
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-check-url]");
    if (form && event.target.matches("input[type=file]")) offer(form);
    if (form && event.target.matches("input[type=file], [data-recheck]")) check(form, event.target);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-decide]");
    const form = button?.closest("form[data-check-url]");
    if (form) decideAll(form, button.dataset.decide);
  });
})();
