// Rows of a list that are chosen, to be copied, moved or deleted together. The bar is shown by the style sheet.
"use strict";
(() => {
  const boxes = () => [...document.querySelectorAll("#page .pick > input")];
  let last = null;

  const count = () => {
    const chosen = boxes().filter((box) => box.checked).map((box) => box.value);
    const bar = document.querySelector("#picked");
    if (!bar) return;
    bar.classList.toggle("shown", chosen.length > 0);
    bar.querySelector(".picked-number").textContent = `${chosen.length} chosen`;
    const copy = bar.querySelector("[data-copy-from]");
    const rows = `${chosen.length} row${chosen.length === 1 ? "" : "s"}`;
    const most = Number(copy.dataset.most);
    copy.dataset.copied = chosen.length > most ? `${most} of ${rows}` : rows;
    copy.href = `${copy.dataset.copyFrom}?ids=${chosen.map(encodeURIComponent).join(",")}`;
  };
  document.addEventListener("change", (event) => { if (event.target.matches(".pick > input")) count(); });
  document.addEventListener("reset", (event) => { if (event.target.id === "picked") setTimeout(count); });
  document.addEventListener("htmx:afterSettle", count);
  document.addEventListener("click", (event) => { // with Shift: all between
    if (!event.target.matches?.(".pick > input")) return;
    const all = boxes();
    if (event.shiftKey && last?.isConnected) {
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((box) => { box.checked = event.target.checked; });
      count();
    }
    last = event.target;
  });
})();
