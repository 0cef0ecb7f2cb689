// The Django admin is as light or dark as the rest: both remember the choice, each under its own name.
"use strict";
(() => {
  const of = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };
  const chosen = of("theme");
  keep("adminTheme", JSON.stringify(chosen === "light" || chosen === "dark" ? chosen : "auto"));
  window.addEventListener("pagehide", () => {
    const theme = of("adminTheme")?.replaceAll('"', "");
    if (theme === "light" || theme === "dark") keep("theme", theme);
    else try { localStorage.removeItem("theme"); } catch { /* private window */ }
  });
})();
