// Reading: task lists that can be ticked, times in the reader's zone, and the key that edits.
"use strict";
(() => {
  const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const tell = (text) => document.dispatchEvent(new CustomEvent("page:tell", { detail: text }));
  const boxes = (prose) => [...prose.querySelectorAll("input[type=checkbox]")];

  const enable = () => {
    document.querySelectorAll(".prose input[type=checkbox]").forEach((box) => {
      box.setAttribute("aria-label", box.parentElement.textContent.trim().split("\n")[0].slice(0, 200) || "Done");
    });
    document.querySelectorAll(".prose[data-tick]").forEach((prose) => boxes(prose).forEach((box) => { box.disabled = false; }));
  };

  const send = async (prose, box) => {
    const answer = await fetch(prose.dataset.tick, {
      method: "POST",
      headers: { "X-CSRFToken": cookie(document.body.dataset.csrfCookie), Accept: "application/json" },
      body: new URLSearchParams({ number: boxes(prose).indexOf(box), done: box.checked ? "1" : "0", version: prose.dataset.version }),
    });
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("You are logged out. Reload the page.");
    const { version, error } = await answer.json();
    if (error) throw new Error(error);
    prose.dataset.version = String(version);
  };

  let queue = Promise.resolve(); // each tick carries the version that the one before it made
  document.addEventListener("change", (event) => {
    const prose = event.target.closest(".prose[data-tick]");
    if (!prose || event.target.type !== "checkbox") return;
    const box = event.target;
    queue = queue.then(() => send(prose, box)).catch((error) => {
      box.checked = !box.checked;
      tell(error instanceof TypeError ? "The server does not answer. Nothing was changed." : error.message);
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "e" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], [role=treeitem], dialog")) return;
    const edit = document.querySelector("#page [data-key=e]");
    if (!edit) return;
    event.preventDefault();
    edit.click();
  });

  const clock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const localise = () => document.querySelectorAll("time[data-local]").forEach((time) => {
    time.textContent = clock.format(new Date(time.dateTime));
    time.title = new Date(time.dateTime).toString();
    time.removeAttribute("data-local");
  });
  // A keyboard scrolls only what can have the focus.
  const reachable = () => document.querySelectorAll(".prose pre, .prose table, .scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });
  // On paper nobody can follow a link: its address is printed, unless the text says it.
  window.addEventListener("beforeprint", () => document.querySelectorAll('.prose a[href^="http"], .prose a[href^="mailto:"]').forEach((link) => {
    const address = link.getAttribute("href").replace(/^mailto:/, "");
    if (!link.textContent.includes(address.replace(/^https?:\/\//, "").replace(/\/$/, ""))) link.dataset.address = address;
  }));

  const ready = () => { enable(); localise(); reachable(); };
  document.addEventListener("htmx:afterSettle", ready);
  document.addEventListener("htmx:historyRestore", ready);
  ready();
})();
