// The frame: theme, drawer, menu, width of the tree, copy buttons, what htmx needs.
"use strict";
(() => {
  const root = document.documentElement;
  const $ = (selector) => document.querySelector(selector);
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };
  const isSmall = () => matchMedia("(max-width: 700px)").matches;

  let toastTimer;
  const toast = (text) => {
    const box = $("#toast");
    box.textContent = text;
    box.classList.add("shown");
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => box.classList.remove("shown"), Math.max(2200, 70 * text.length)); // long enough to be read
  };

  // --- theme, drawer, tree pane ---
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const actions = {
    theme() {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember("theme", root.dataset.theme);
    },
    drawer() {
      const opens = !document.body.classList.contains("drawer");
      document.body.classList.toggle("drawer", opens);
      $("[data-action=drawer]").setAttribute("aria-expanded", String(opens));
      if (opens) document.dispatchEvent(new Event("tree:focus"));
    },
    tick(button) { // all boxes of its group, or none
      const boxes = button.closest("fieldset").querySelectorAll("input[type=checkbox]");
      boxes.forEach((box) => { box.checked = button.value === "all"; });
    },
  };
  const closeDrawer = () => { if (document.body.classList.contains("drawer")) actions.drawer(); };

  const setWidth = (width) => {
    const kept = Math.min(560, Math.max(180, Math.round(width)));
    root.style.setProperty("--tree-width", `${kept}px`);
    $(".resizer").setAttribute("aria-valuenow", String(kept));
    remember("tree-width", String(kept));
  };
  const toggleTree = () => {
    const hidden = root.dataset.tree !== "hidden";
    root.dataset.tree = hidden ? "hidden" : "shown";
    remember("tree-hidden", hidden ? "1" : "0");
  };
  const resizer = $(".resizer");
  resizer.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    resizer.setPointerCapture(event.pointerId);
    resizer.onpointermove = (move) => setWidth(move.clientX);
  });
  resizer.addEventListener("pointerup", () => { resizer.onpointermove = null; });
  resizer.addEventListener("dblclick", toggleTree);
  resizer.addEventListener("keydown", (event) => {
    const now = Number(resizer.getAttribute("aria-valuenow"));
    if (event.key === "ArrowLeft") setWidth(now - 20);
    else if (event.key === "ArrowRight") setWidth(now + 20);
    else if (event.key === "Enter") toggleTree();
    else return;
    event.preventDefault();
  });

  const textOf = async ({ dataset, href }) => { // the text that a button copies: its own, that of a field, or of an address
    if (dataset.copy !== undefined) return dataset.copy;
    if (dataset.copyOf) return $(dataset.copyOf).value;
    const response = await fetch(href).catch(() => null);
    return response?.ok ? response.text() : null;
  };
  document.addEventListener("input", (event) => { // a slider tells its number while it is moved
    if (event.target.matches("[data-shows-number]")) {
      event.target.closest("label").querySelector("output").value = Number(event.target.value).toLocaleString("en");
    }
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-action], [data-copy], [data-copy-of], [data-copy-from]");
    if (button?.dataset.action) actions[button.dataset.action]?.(button);
    if (button && !button.dataset.action) {
      if (button.dataset.copyFrom !== undefined) event.preventDefault();
      const text = await textOf(button);
      if (text === null) return toast("It could not be read. Try again.");
      try {
        await navigator.clipboard.writeText(text);
      } catch { // plain http on another host has no clipboard
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), 1200);
      toast(`Copied ${button.dataset.copied || (text.length > 40 ? text.trim().slice(0, 40).split("\n")[0] + "…" : text)}`);
    }
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target) || event.target.closest("a, [data-action]")) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeDrawer(); });

  // --- htmx ---
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, boosted, target } = event.detail;
    if (target?.id === "quick") return;
    if (xhr.status === 409 || xhr.status === 422) { // a refused change: the form again, with the reason and what was typed
      const isText = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
      event.detail.shouldSwap = !isText;
      event.detail.isError = false;
      if (isText) toast(xhr.responseText);
      return;
    }
    if (xhr.status >= 400 && (boosted || target?.id === "page")) {
      window.location.assign(event.detail.pathInfo.requestPath);
    } else if (xhr.status === 503) {
      event.detail.shouldSwap = true;
    }
  });
  let focusedAtRequest = null; // who has moved the focus since then (to the search box, say) keeps it
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail?.target?.id === "page") focusedAtRequest = document.activeElement;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail?.target?.id !== "page") return;
    if (isSmall()) closeDrawer();
    const now = document.activeElement;
    const hasMoved = now && now !== document.body && now !== focusedAtRequest;
    if (!hasMoved && !now?.closest("#tree-pane, #page form")) $("#page").focus({ preventScroll: true });
  });
  document.addEventListener("page:tell", (event) => toast(event.detail));
  document.addEventListener("htmx:sendError", () => toast("The server does not answer."));
})();
