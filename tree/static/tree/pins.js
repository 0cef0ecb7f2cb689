// Lists of pins are put in order by dragging. Buttons on the start page do the same, with the keyboard and without this.
"use strict";
(() => {
  let dragged = null;
  let over = null; // { row, isAfter }

  const rowAt = (element) => element.closest?.("[data-pins] > [data-id]");
  const mark = (row, isAfter) => {
    over?.row.classList.remove("drop-before", "drop-after");
    over = row && { row, isAfter };
    row?.classList.add(isAfter ? "drop-after" : "drop-before");
  };
  const stop = () => {
    mark(null);
    dragged = null;
  };

  document.addEventListener("dragstart", (event) => {
    dragged = rowAt(event.target.nodeType === 1 ? event.target : event.target.parentElement);
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    const row = dragged && rowAt(event.target);
    if (!row || row === dragged || row.parentElement !== dragged.parentElement) return mark(null);
    const box = row.getBoundingClientRect();
    mark(row, event.clientY > box.top + box.height / 2);
    event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!over) return;
    event.preventDefault();
    const values = { id: dragged.dataset.id, beside: over.row.dataset.id, after: over.isAfter ? "1" : "0" };
    htmx.ajax("POST", dragged.parentElement.dataset.pins, { source: document.querySelector("#app"), swap: "none", values });
    stop();
  });
  document.addEventListener("dragend", stop);

  document.addEventListener("htmx:afterSettle", (event) => { // names and places have changed
    if (event.detail?.target?.id === "page" && document.querySelector("#page .message.tree-changed")) htmx.trigger(document.body, "pins:changed");
  });
  let place = 0; // of the pin on the start page whose button was pressed last
  document.addEventListener("submit", (event) => {
    const row = event.target.closest?.("#pins [data-id]");
    if (row) place = [...row.parentElement.children].indexOf(row);
  }, true);
  document.addEventListener("htmx:afterSettle", (event) => { // the button may be gone with its pin: on to the next one
    if (event.detail?.target?.id !== "pins" || document.activeElement !== document.body) return;
    const pins = document.querySelector("#pins");
    const rows = pins.querySelectorAll("[data-id]");
    const button = rows[Math.min(place, rows.length - 1)]?.querySelector(".pin-buttons form:last-child button");
    (button ?? pins).focus({ preventScroll: true });
  });
})();
