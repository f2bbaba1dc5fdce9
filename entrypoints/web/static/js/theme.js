/* Sets the theme before the first paint: the stored choice, otherwise the system's. */
(() => {
  "use strict";
  const key = "netone-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try { return localStorage.getItem(key); } catch { return null; }
  }

  function show(theme) {
    if (document.documentElement.getAttribute("data-bs-theme") === theme) return;
    document.documentElement.setAttribute("data-bs-theme", theme);
    document.dispatchEvent(new CustomEvent("netone:theme", { detail: { theme } }));
  }

  function apply() {
    const choice = remembered();
    show(choice === "light" || choice === "dark" ? choice : system.matches ? "dark" : "light");
  }

  window.netoneTheme = {
    choice: () => remembered() || "system",
    set(choice) {
      try {
        if (choice === "system") localStorage.removeItem(key);
        else localStorage.setItem(key, choice);
      } catch { /* private windows may have no storage: the choice then applies to this page only */ }
      apply();
    },
    toggle() {
      this.set(document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark");
    },
  };

  system.addEventListener("change", apply);
  addEventListener("beforeprint", () => show("light")); // paper is white
  addEventListener("afterprint", apply);
  apply();
})();
