// The quick switcher: the box at the top and the list below it, a combobox with the focus in the box.
"use strict";
(() => {
  const box = document.querySelector("#jump");
  const list = document.querySelector("#quick");
  const said = document.querySelector("#quick-said");
  const words = () => box.value.trim();
  const options = () => [...list.querySelectorAll("[role=option]:not([hidden])")];
  const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");
  let listedFor = null; // the words that the list is for
  let waitsFor = null; // the words whose first hit is to be opened when it comes

  const select = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const show = (shows) => {
    list.hidden = !shows;
    box.setAttribute("aria-expanded", String(shows));
    if (!shows) box.removeAttribute("aria-activedescendant");
    else if (chosen()) box.setAttribute("aria-activedescendant", chosen().id);
  };
  const leave = () => {
    show(false);
    list.replaceChildren();
    said.textContent = "";
    listedFor = waitsFor = null;
  };
  const step = (by) => {
    const all = options();
    const now = all.indexOf(chosen());
    select(all[(now + by + all.length + (now < 0 && by < 0 ? 1 : 0)) % all.length]);
  };
  const open = (option) => {
    const { presses } = option.dataset;
    box.value = "";
    if (!presses) option.click();
    box.blur();
    if (!presses) return;
    leave();
    document.querySelector(presses)?.click();
  };
  // The link that was followed stays in the page: htmx asks it what to do with the answer.
  const left = document.querySelector("#app").appendChild(document.createElement("div"));
  left.hidden = true;
  const follow = (option) => {
    option.removeAttribute("id");
    option.removeAttribute("role");
    left.replaceChildren(option);
    box.value = "";
    leave();
  };

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt !== box) return;
    const { id, client } = document.querySelector("#open-node")?.dataset ?? {};
    Object.assign(event.detail.parameters, { node: id ?? "", client: client ?? "" });
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail?.target !== list) return;
    list.querySelectorAll("[data-presses]").forEach((option) => { option.hidden = !document.querySelector(option.dataset.presses); });
    list.querySelectorAll("[role=group]").forEach((group) => { group.hidden = !group.querySelector("[role=option]:not([hidden])"); });
    listedFor = event.detail.requestConfig.parameters.q?.trim() ?? "";
    select(options()[0]);
    list.scrollTop = 0;
    if (waitsFor !== null && waitsFor === listedFor && options().length) return open(options()[0]);
    if (document.activeElement !== box) return leave();
    show(options().length > 0);
    said.textContent = `${options().length} to choose from`;
  });

  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt === box && waitsFor !== null) box.form.requestSubmit(); // the page says what is wrong
  });

  const enter = (event) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) return box.form.requestSubmit();
    if (listedFor === words() && chosen()) return open(chosen());
    waitsFor = words(); // typed faster than the answer comes
    htmx.trigger(box, "quick:now");
  };
  const keys = {
    ArrowDown: () => (list.hidden ? show(options().length > 0) : step(1)),
    ArrowUp: () => (list.hidden ? show(options().length > 0) : step(-1)),
    Home: () => select(options()[0]),
    End: () => select(options().at(-1)),
    Escape: () => (list.hidden ? box.blur() : show(false)),
  };
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") enter(event);
    else if (!keys[event.key] || event.shiftKey || (list.hidden && (event.key === "Home" || event.key === "End"))) return;
    else keys[event.key]();
    event.preventDefault();
  });
  box.addEventListener("input", () => { waitsFor = null; });
  box.addEventListener("click", () => show(options().length > 0));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the box
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || !list.contains(option)) return;
    if (option.dataset.presses) open(option);
    else if (!event.ctrlKey && !event.metaKey) setTimeout(() => follow(option));
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".jump")) leave(); });
  box.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== box) leave(); }));

  document.addEventListener("keydown", (event) => {
    const types = event.target.closest("input, textarea, select, [contenteditable]");
    const isJump = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !types && !event.ctrlKey && !event.metaKey && !event.altKey);
    if (!isJump) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
