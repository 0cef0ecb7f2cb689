// Swagger UI is dark by a class: as the reader chose on the pages, or else as the system is.
"use strict";
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
    root.classList.toggle("dark-mode", isDark);
    root.style.colorScheme = isDark ? "dark" : "light"; // also for what is not Swagger UI's
  };
  system.addEventListener("change", paint);
  paint();
})();
