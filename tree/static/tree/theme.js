// Loaded before the first paint, so that nothing flashes: the remembered scheme and the width of the tree.
"use strict";
(() => {
  const root = document.documentElement;
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const theme = remembered("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const width = Number(remembered("tree-width"));
  if (width >= 180 && width <= 560) root.style.setProperty("--tree-width", `${width}px`);
  if (remembered("tree-hidden") === "1") root.dataset.tree = "hidden";
})();
