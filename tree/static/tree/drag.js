// Drag and drop: rows of the tree and of lists, onto rows of the tree. The server decides; what is plainly
// impossible is said while dragging. Esc cancels: the browser then ends the drag without a drop.
"use strict";
(() => {
  const pane = document.querySelector("#tree-pane .pane-scroll");
  const hint = document.querySelector("#drop-hint");
  const tell = (text) => document.dispatchEvent(new CustomEvent("page:tell", { detail: text }));
  const nameOf = (row) => row.querySelector("bdi").textContent;
  const byId = (id) => pane.querySelector(`[role=treeitem][data-id="${CSS.escape(id)}"]`);
  let dragged = null; // { ids, name }
  let over = null; // the row of the tree below the pointer
  let unfolding = 0;

  const mark = (row, refusal) => {
    if (over && over !== row) over.classList.remove("drop", "no-drop");
    if (over !== row) {
      clearTimeout(unfolding);
      if (row?.getAttribute("aria-expanded") === "false") unfolding = setTimeout(() => { if (over === row && dragged) row.querySelector(".twist").click(); }, 700);
    }
    over = row;
    row?.classList.toggle("drop", !refusal);
    row?.classList.toggle("no-drop", Boolean(refusal));
  };
  const stop = () => {
    clearTimeout(unfolding);
    mark(null);
    dragged = null;
    hint.hidden = true;
    document.documentElement.classList.remove("dragging");
  };
  const refusalOf = (target) => {
    for (const id of dragged.ids) {
      const row = byId(id);
      if (target.dataset.id === id || row?.contains(target)) return `“${row ? nameOf(row) : dragged.name}” cannot be moved into itself or below itself.`;
      if (row && row.parentElement.closest("[role=treeitem]") === target) return `“${nameOf(row)}” is in “${nameOf(target)}” already.`;
    }
    return "";
  };
  const source = (element) => {
    const leaf = element.closest?.("#tree-pane [role=treeitem]");
    if (leaf) return leaf.hasAttribute("data-movable") ? { ids: [leaf.dataset.id], name: nameOf(leaf) } : { refusal: nameOf(leaf) };
    const pick = element.closest?.(".pick");
    if (!pick) return null;
    const chosen = [...document.querySelectorAll("#page .pick > input:checked")].map((box) => box.value);
    const own = pick.querySelector("input").value;
    const ids = chosen.includes(own) ? chosen : [own];
    return { ids, name: ids.length > 1 ? `${ids.length} notes and folders` : nameOf(pick) };
  };

  document.addEventListener("dragstart", (event) => {
    const found = source(event.target.nodeType === 1 ? event.target : event.target.parentElement);
    if (!found) return;
    const writes = document.querySelector("#editor"); // a change here would take the editor's page away
    if (found.refusal || writes) {
      event.preventDefault();
      tell(writes ? "Save or leave what you write first." : `“${found.refusal}” was not made by staff: it stays where it is.`);
      return;
    }
    dragged = found;
    event.dataTransfer.effectAllowed = "copyMove";
    document.documentElement.classList.add("dragging");
  });
  pane.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const row = event.target.closest("[role=treeitem]");
    if (!row) return;
    const refusal = refusalOf(row);
    mark(row, refusal);
    event.preventDefault(); // dropping is possible everywhere, so that a refused drop can say why
    event.dataTransfer.dropEffect = "move";
    hint.textContent = refusal || `Move “${dragged.name}” to “${nameOf(row)}”`;
    hint.classList.toggle("refused", Boolean(refusal));
    hint.style.setProperty("--x", `${Math.min(event.clientX + 14, window.innerWidth - 330)}px`);
    hint.style.setProperty("--y", `${Math.min(event.clientY + 18, window.innerHeight - 60)}px`);
    hint.hidden = false;
  });
  pane.addEventListener("dragleave", (event) => {
    if (!dragged || pane.contains(event.relatedTarget)) return;
    mark(null);
    hint.hidden = true;
  });
  pane.addEventListener("drop", (event) => {
    const row = event.target.closest("[role=treeitem]");
    if (!dragged || !row) return;
    event.preventDefault();
    const { ids } = dragged;
    const refusal = refusalOf(row);
    stop();
    if (refusal) tell(refusal);
    else document.dispatchEvent(new CustomEvent("dialog:open", { detail: { method: "POST", address: document.body.dataset.base + "tree/move/", values: { id: ids, parent: row.dataset.id, dragged: "1", back: document.querySelector("#open-node")?.dataset.id || row.dataset.id } } }));
  });
  document.addEventListener("dragend", stop);
})();
