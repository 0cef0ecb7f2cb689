// Keys of the page. What a key does is a link of the page with data-key; in the tree it is about the row with the focus.
"use strict";
(() => {
  const sheet = document.querySelector("#keys");
  const tell = (text) => document.dispatchEvent(new CustomEvent("page:tell", { detail: text }));
  const IN_TREE = { F2: "rename", Delete: "trash" };

  const inTree = (row, key) => {
    if (document.querySelector("#editor")) tell("Save or leave what you write first.");
    else if (!row.hasAttribute("data-movable")) tell(`“${row.querySelector("bdi").textContent}” was not made by staff: it can be neither renamed nor deleted here.`);
    else document.dispatchEvent(new CustomEvent("dialog:open", { detail: { method: "GET", address: `${document.body.dataset.base}node/${encodeURIComponent(row.dataset.id)}/${IN_TREE[key]}/` } }));
  };
  const onPage = (key) => {
    const link = [...document.querySelectorAll("#page [data-key]")].find((one) => one.dataset.key.split(" ").includes(key));
    const reason = document.querySelector("#open-node")?.dataset.reason;
    if (link) link.click();
    else if (reason && ["F2", "r", "m", "Delete"].includes(key) && document.querySelector("#page [data-key]")) tell(reason);
    else return false;
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const types = event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (types) return;
    const row = event.target.closest?.("#tree-pane [role=treeitem]");
    const picked = document.querySelector("#picked.shown");
    if (event.key === "?") sheet.showModal();
    else if (row && IN_TREE[event.key] && document.querySelector("#dialog")) inTree(row, event.key);
    else if (event.key === "x" && event.target.closest?.(".pick")) event.target.closest(".pick").querySelector("input").click();
    else if (picked && event.key === "m") picked.querySelector("button[formaction*=move]")?.click();
    else if (picked && event.key === "Delete") picked.querySelector("button[formaction*=trash]")?.click();
    else if (!onPage(event.key)) return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-action=keys]")) sheet.showModal();
    if (event.target === sheet) sheet.close();
  });
})();
