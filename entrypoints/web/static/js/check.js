/* A chosen customer file is recognised before it is sent: its first part goes to the server, which answers in words. */
(() => {
  "use strict";
  const FIRST_PART = 1024 * 1024;

  async function check(form) {
    const file = form.querySelector("input[type=file]")?.files[0];
    const target = document.getElementById(form.dataset.checkTarget);
    const error = document.getElementById("upload_error");
    if (!target) return;
    if (error) error.replaceChildren();
    if (!file) { target.replaceChildren(); return; }
    const body = new FormData();
    body.append("file", file.slice(0, FIRST_PART), file.name);
    body.append("file_name", file.name);
    body.append("file_size", String(file.size));
    form.querySelectorAll("[data-recheck]").forEach((choice) => body.append(choice.name, choice.value));
    target.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.checkUrl, {
        method: "POST", body, credentials: "same-origin",
        headers: { "X-CSRFToken": form.querySelector("[name=csrf_token]").value, "HX-Request": "true" },
      });
      if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
      if (form.querySelector("input[type=file]")?.files[0] !== file) return; // another file was chosen meanwhile
      target.innerHTML = await answer.text();
      window.htmx?.process(target);
    } catch {
      window.netoneToast?.("The server could not be reached. Nothing is lost; try again.", "bad");
    } finally {
      target.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-check-url]");
    if (form && event.target.matches("input[type=file], [data-recheck]")) check(form);
  });
})();
