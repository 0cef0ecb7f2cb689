// The tree pane: one tab stop, arrow keys, Home, End, Enter, *, type-ahead; children fetched when unfolded.
"use strict";
(() => {
  const pane = document.querySelector("#tree-pane .pane-scroll");
  if (!pane) return;
  const openId = () => document.querySelector("#open-node")?.dataset.id || "";
  const rows = () => [...pane.querySelectorAll("[role=treeitem]")].filter((row) => !row.parentElement.closest("[aria-expanded=false]"));
  const byId = (id) => pane.querySelector(`[role=treeitem][data-id="${CSS.escape(id)}"]`);
  const parentOf = (row) => row.parentElement.closest("[role=treeitem]");
  const name = (row) => row.querySelector("bdi").textContent;

  // Scrolls the pane only; scrollIntoView would scroll the page as well.
  const reveal = (leaf, middle = false) => {
    const box = leaf.getBoundingClientRect();
    const view = pane.getBoundingClientRect();
    if (box.top >= view.top + 4 && box.bottom <= view.bottom - 4) return;
    const above = box.top < view.top + 4;
    const to = middle ? view.top + view.height / 3 : above ? view.top + 8 : view.bottom - box.height - 8;
    pane.scrollTop += box.top - to;
  };
  const focusRow = (row, focuses = true) => {
    if (!row) return;
    pane.querySelectorAll("[role=treeitem][tabindex='0']").forEach((other) => { other.tabIndex = -1; });
    row.tabIndex = 0;
    if (focuses) row.focus({ preventScroll: true });
    reveal(row.querySelector(".leaf"));
  };

  const fetchInto = async (target, url) => {
    const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
    const login = response.headers.get("HX-Redirect");
    if (login) location.assign(login);
    if (!response.ok && response.status !== 503) throw new Error(String(response.status));
    htmx.swap(target, await response.text(), { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  };

  const tellUnread = () => document.dispatchEvent(new CustomEvent("page:tell", { detail: "The tree cannot be read at the moment." }));

  const fold = (row) => {
    if (row.getAttribute("aria-expanded") === "true") row.setAttribute("aria-expanded", "false");
  };
  const coming = new WeakMap(); // row -> promise of its children
  const unfold = (row) => {
    if (row.getAttribute("aria-expanded") !== "false") return coming.get(row);
    row.setAttribute("aria-expanded", "true");
    if (!row.querySelector(":scope > [role=group]")) coming.set(row, fetchChildren(row));
    return coming.get(row);
  };
  const fetchChildren = async (row) => {
    const group = document.createElement("ul");
    group.setAttribute("role", "group");
    row.append(group);
    row.setAttribute("aria-busy", "true");
    const level = Number(row.getAttribute("aria-level")) + 1;
    try {
      await fetchInto(group, `${document.body.dataset.base}node/${encodeURIComponent(row.dataset.id)}/children/?level=${level}`);
    } catch {
      group.remove();
      row.setAttribute("aria-expanded", "false");
      tellUnread();
    } finally {
      row.removeAttribute("aria-busy");
    }
  };
  const toggle = (row) => (row.getAttribute("aria-expanded") === "true" ? fold(row) : unfold(row));

  const select = () => {
    const id = openId();
    pane.querySelectorAll("[role=treeitem][aria-selected=true]").forEach((row) => row.setAttribute("aria-selected", "false"));
    const row = id && byId(id);
    if (!row) return Boolean(!id);
    for (let above = parentOf(row); above; above = parentOf(above)) above.setAttribute("aria-expanded", "true");
    row.setAttribute("aria-selected", "true");
    unfold(row);
    reveal(row.querySelector(".leaf"), true);
    focusRow(row, Boolean(document.activeElement?.closest("#tree-pane")));
    return true;
  };
  // Drawn again, down to the open node, with what was unfolded and the place in the pane as they were.
  const draw = async () => {
    const unfolded = [...pane.querySelectorAll("[role=treeitem][aria-expanded=true]")].slice(0, 40).map((row) => row.dataset.id);
    const focused = document.activeElement?.closest?.("#tree-pane [role=treeitem]")?.dataset.id;
    const top = pane.scrollTop;
    await fetchInto(pane, `${pane.dataset.tree}?open=${encodeURIComponent(openId())}`);
    select();
    for (const id of unfolded) {
      const row = byId(id);
      if (row) await unfold(row);
    }
    pane.scrollTop = top;
    if (focused && byId(focused)) focusRow(byId(focused));
    else if (openId() && byId(openId())) reveal(byId(openId()).querySelector(".leaf"), true);
    if (!pane.querySelector("[role=treeitem][tabindex='0']")) focusRow(pane.querySelector("[role=treeitem]"), false);
  };
  // Drawings take turns, and one that waits is enough: htmx tells of each new element, and a look at a half drawn tree
  // would find next to nothing unfolded.
  let isWaiting = false;
  let lastTurn = Promise.resolve();
  const drawInTurn = () => {
    if (isWaiting) return;
    isWaiting = true;
    lastTurn = lastTurn.then(() => { isWaiting = false; return draw(); }).catch(tellUnread);
  };

  const typed = { text: "", at: 0 };
  const typeAhead = (key, current) => {
    const now = Date.now();
    typed.text = (now - typed.at < 700 ? typed.text : "") + key.toLowerCase();
    typed.at = now;
    const all = rows();
    const from = all.indexOf(current) + (typed.text.length === 1 ? 1 : 0);
    const turned = [...all.slice(from), ...all.slice(0, from)];
    focusRow(turned.find((row) => name(row).toLowerCase().startsWith(typed.text)));
  };

  pane.addEventListener("keydown", (event) => {
    const row = event.target.closest("[role=treeitem]");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = rows();
    const here = all.indexOf(row);
    const isOpen = row.getAttribute("aria-expanded") === "true";
    if (event.key === "ArrowDown") focusRow(all[here + 1]);
    else if (event.key === "ArrowUp") focusRow(all[here - 1]);
    else if (event.key === "Home") focusRow(all[0]);
    else if (event.key === "End") focusRow(all[all.length - 1]);
    else if (event.key === "ArrowRight") {
      if (isOpen) focusRow(row.querySelector("[role=treeitem]"));
      else unfold(row);
    } else if (event.key === "ArrowLeft") {
      if (isOpen) fold(row);
      else focusRow(parentOf(row));
    } else if (event.key === "Enter" || event.key === " ") row.querySelector("a").click();
    else if (event.key === "*") [...row.parentElement.children].filter((sibling) => sibling.matches("[aria-expanded=false]")).slice(0, 20).forEach(unfold);
    else if (event.key === "Escape") document.querySelector("#page").focus({ preventScroll: true });
    else if (event.key.length === 1 && /\S/.test(event.key) && event.key !== "/" && event.key !== "?") typeAhead(event.key, row);
    else return;
    event.preventDefault();
  });
  pane.addEventListener("click", (event) => {
    const row = event.target.closest("[role=treeitem]");
    if (!row) return;
    if (event.target.closest(".twist") || event.target.closest(".count")) {
      event.preventDefault();
      toggle(row);
    }
    focusRow(row, row.contains(document.activeElement));
  });
  let isPressed = false; // moving the focus while the button goes down would keep a drag from starting
  pane.addEventListener("pointerdown", () => { isPressed = true; setTimeout(() => { isPressed = false; }); });
  pane.addEventListener("focusin", (event) => {
    const row = event.target.closest("[role=treeitem]");
    if (row && !isPressed && event.target !== row && event.target.matches("a")) focusRow(row);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail?.target?.id !== "page") return;
    if (document.querySelector("#page .message.tree-changed") || !select()) drawInTurn();
  });
  document.addEventListener("htmx:historyRestore", () => { if (!select()) drawInTurn(); });
  document.addEventListener("tree:focus", () => focusRow(pane.querySelector("[role=treeitem][tabindex='0']")));
  drawInTurn();
})();
