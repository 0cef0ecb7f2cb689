// Forms that change the tree open in one dialog; without this script the same links lead to pages.
"use strict";
(() => {
  const dialog = document.querySelector("#dialog");
  const body = document.querySelector("#dialog-body");
  let before = null; // what had the focus

  const open = (method, address, values) => htmx.ajax(method, address, { source: dialog, target: body, swap: "innerHTML", values });
  const close = () => { if (dialog.open) dialog.close(); };
  const focusFirst = () => (body.querySelector(".field-error ~ label input, [autofocus]") || body.querySelector("input:not([type=hidden]), button"))?.focus();

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (event.target.closest("[data-action=close]")) close();
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open("GET", link.getAttribute("href"));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-dialog]");
    if (!form) return;
    event.preventDefault();
    const values = new FormData(form);
    open("POST", event.submitter.getAttribute("formaction"), { id: values.getAll("id"), from: values.get("from") });
  });
  document.addEventListener("dialog:open", (event) => open(event.detail.method, event.detail.address, event.detail.values));

  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail?.target;
    if (target === body) {
      if (!dialog.open) {
        before = document.activeElement;
        dialog.showModal();
      }
      focusFirst();
      const name = body.querySelector("input[name=name]");
      if (name?.value && !body.querySelector(".field-error")) name.setSelectionRange(0, name.value.replace(/\.md$/, "").length);
    } else if (target?.id === "page") close();
  });
  dialog.addEventListener("close", () => {
    body.replaceChildren();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); }); // on the shade around it

  // --- the place chooser: Enter and ArrowDown go from the search box to the list, Enter there sends the form ---
  document.addEventListener("keydown", (event) => {
    const search = event.target.closest?.(".chooser input[type=search]");
    if (!search || (event.key !== "Enter" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const radio = search.closest(".chooser").querySelector(".places input:checked:not([disabled]), .places input:not([disabled])");
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    land(radio.closest(".chooser"));
  });
  const land = (chooser) => { // says where it will be, so that nobody has to guess it from the list
    const place = chooser?.querySelector(".places input:checked");
    const line = chooser?.querySelector(".landing");
    if (!line) return;
    const { from, name, verb } = line.dataset;
    if (!place) line.textContent = "Choose a place in the list.";
    else line.textContent = from && place.value === from ? `${name} is there already.` : `${name} ${verb} to ${place.dataset.way}.`;
  };
  document.addEventListener("change", (event) => land(event.target.closest?.(".chooser")));
  document.addEventListener("htmx:afterSettle", () => land(document.querySelector(".chooser")));
  land(document.querySelector(".chooser"));

  document.addEventListener("htmx:afterSettle", (event) => {
    const stepped = event.detail?.requestConfig?.elt?.matches?.(".step");
    if (stepped) document.querySelector(".places input:checked")?.focus();
  });
})();
