// The editor: drafts, format buttons, links, files, saving. The textarea holds plain Markdown; nothing else is kept.
"use strict";
(() => {
  const form = document.querySelector("#editor");
  if (!form) return;
  const $ = (selector) => document.querySelector(selector);
  const text = $("#text");
  const name = form.elements.name;
  const state = $("#draft-state");
  const LOCAL_MS = 1000, SERVER_MS = 5000, PRESENCE_MS = 15000;
  const key = `draft:${form.dataset.user}:${form.dataset.node}`;
  const cookie = (wanted) => document.cookie.split("; ").find((part) => part.startsWith(`${wanted}=`))?.slice(wanted.length + 1) ?? "";

  const post = async (address, fields, more = {}) => {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": cookie(document.body.dataset.csrfCookie), Accept: "application/json" },
      body: fields instanceof FormData ? fields : new URLSearchParams(fields),
      ...more,
    });
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const error = new Error(answer.redirected ? "You are logged out: log in in another window, then go on here." : "");
      error.status = answer.redirected ? 401 : answer.status;
      throw error;
    }
    return { status: answer.status, ...(await answer.json()) };
  };
  const reasonOf = (error) => (error instanceof TypeError ? "the server does not answer" : error.message || "the server refused it");

  // --- drafts: after a second in this browser, after five on the server ---
  const typed = () => ({ version: form.elements.version.value, name: name.value, content: text.value });
  const isAt = (one) => one.name === name.value && one.content === text.value;
  const shown = typed(); // as the page came
  let onServer = $("#draft-note").hidden && form.dataset.typed === undefined ? null : typed(); // null: as it is saved
  if (form.dataset.typed !== undefined) onServer = { name: "", content: null };
  let leaves = false;
  const isUnsent = () => !isAt(onServer ?? shown);

  const say = (words, isBad = false) => {
    state.textContent = words;
    state.classList.toggle("bad", isBad);
  };
  const keepHere = () => {
    try {
      if (isUnsent()) localStorage.setItem(key, JSON.stringify(typed()));
      else localStorage.removeItem(key);
    } catch { say("Not saved. This browser keeps no draft.", true); }
  };
  const isKeptHere = () => { try { return localStorage.getItem(key) !== null; } catch { return false; } };
  const forgetHere = () => { try { localStorage.removeItem(key); } catch { /* private window */ } };
  const showOthers = (others) => {
    const box = $("#others");
    box.hidden = !others.length;
    box.querySelector("[data-others]").textContent = others.join(", ");
    box.querySelector("[data-verb]").textContent = others.length > 1 ? "are" : "is";
  };
  const keepThere = async () => {
    if (leaves || !isUnsent()) return;
    const now = typed();
    try {
      const answer = await post(form.dataset.draft, now);
      if (answer.error) throw new Error(answer.error);
      onServer = now;
      $("#draft-note").hidden = false;
      showOthers(answer.others ?? []);
      keepHere();
      if (!isUnsent()) say(`Draft saved ${new Date(answer.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
    } catch (error) {
      say(`Draft is kept in this browser only: ${reasonOf(error)}`, true);
      later.server ??= setTimeout(runServer, SERVER_MS);
    }
  };
  const later = { local: null, server: null };
  const runServer = () => { later.server = null; keepThere(); };
  const changed = () => {
    say(isUnsent() ? "Not saved" : "");
    clearTimeout(later.local);
    later.local = setTimeout(keepHere, LOCAL_MS);
    clearTimeout(later.server);
    later.server = setTimeout(runServer, SERVER_MS);
  };
  form.addEventListener("input", (event) => { if (event.target === text || event.target === name) changed(); });

  const bringBack = () => { // what was typed here and never reached the server
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(key) ?? "null"); } catch { /* not ours */ }
    if (!kept || typeof kept.content !== "string" || isAt(kept) || form.dataset.typed !== undefined) return;
    name.value = kept.name;
    text.value = kept.content;
    form.elements.version.value = kept.version;
    $("#draft-note").hidden = false;
    form.dispatchEvent(new Event("preview"));
    changed();
  };

  const presence = setInterval(() => {
    if (document.visibilityState === "visible") post(form.dataset.draft, {}).then((answer) => showOthers(answer.others ?? [])).catch(() => {});
  }, PRESENCE_MS);
  const goodbye = () => post(form.dataset.draft, { leave: "1" }, { keepalive: true }).catch(() => {});

  const go = (address) => {
    leaves = true;
    clearInterval(presence);
    clearTimeout(later.server);
    window.location.assign(address);
  };
  const leave = async () => {
    await form.pasting;
    keepHere();
    await keepThere();
    if (!isUnsent() || isKeptHere()) go(form.dataset.page);
  };
  window.addEventListener("beforeunload", (event) => {
    keepHere();
    if (!leaves && (isUnsent() || form.pasting)) event.preventDefault();
  });
  window.addEventListener("pagehide", goodbye);

  // --- saving ---
  let saves = false;
  const save = async () => {
    if (saves) return;
    saves = true;
    await form.pasting;
    keepHere();
    say("Saving…");
    try {
      const answer = await post(form.action, { ...typed(), message: form.elements.message.value, ...(form.elements.merged ? { merged: "1" } : {}) });
      if (!answer.location) throw new Error(answer.error);
      forgetHere();
      go(answer.location);
    } catch (error) {
      if ([404, 409, 422].includes(error.status)) { // the page that says why, with all that was typed
        leaves = true;
        form.elements.csrfmiddlewaretoken.value = cookie(document.body.dataset.csrfCookie) || form.elements.csrfmiddlewaretoken.value;
        form.submit();
        return;
      }
      say(`Not saved: ${reasonOf(error)}. Your text is kept in this browser.`, true);
    }
    saves = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });

  const commands = {
    leave,
    async discard() {
      if (!window.confirm("Discard what you typed and go back to the saved text?")) return;
      forgetHere();
      try {
        await post(form.dataset.draft, { discard: "1" });
        go(window.location.pathname);
      } catch (error) { say(`The draft is still there: ${reasonOf(error)}`, true); }
    },
  };
  form.addEventListener("click", (event) => {
    const command = event.target.closest("[data-editor]");
    if (!command) return;
    event.preventDefault();
    commands[command.dataset.editor]();
  });

  // --- format buttons; insertText keeps the browser's undo ---
  const put = (words, start = text.selectionStart, end = text.selectionEnd) => {
    text.focus();
    text.setSelectionRange(start, end);
    const isDone = words === "" ? document.execCommand("delete") : document.execCommand("insertText", false, words);
    if (!isDone) {
      text.setRangeText(words, start, end, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const chosen = () => text.value.slice(text.selectionStart, text.selectionEnd);
  const wrap = (before, after, empty) => {
    const start = text.selectionStart;
    const inner = chosen() || empty;
    put(before + inner + after);
    text.setSelectionRange(start + before.length, start + before.length + inner.length);
  };
  const eachLine = (change) => {
    const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
    const newline = text.value.indexOf("\n", text.selectionEnd);
    const end = newline < 0 ? text.value.length : newline;
    put(text.value.slice(start, end).split("\n").map(change).join("\n"), start, end);
  };
  const ownLines = (words) => {
    const before = text.value.slice(0, text.selectionStart);
    put(`${before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n"}${words}`);
  };
  const bare = (line) => line.replace(/^(\s*)(?:[-*+] (?:\[[ xX]\] )?|\d+\. )/, "$1");
  const formats = {
    bold: () => wrap("**", "**", "bold"),
    italic: () => wrap("*", "*", "italic"),
    code: () => (chosen().includes("\n") ? wrap("```\n", "\n```", "") : wrap("`", "`", "code")),
    heading: () => eachLine((line) => (/^###### /.test(line) ? line.slice(7) : /^#+ /.test(line) ? `#${line}` : `## ${line}`)),
    list: () => eachLine((line) => (/^\s*- (?!\[)/.test(line) ? bare(line) : bare(line).replace(/^(\s*)/, "$1- "))),
    numbers: () => eachLine((line, index) => (/^\s*\d+\. /.test(line) ? bare(line) : bare(line).replace(/^(\s*)/, `$1${index + 1}. `))),
    tasks: () => eachLine((line) => (/^\s*- \[[ xX]\] /.test(line) ? bare(line) : bare(line).replace(/^(\s*)/, "$1- [ ] "))),
    table: () => ownLines("| Column | Column |\n| --- | --- |\n|  |  |\n"),
    link: () => (chosen() ? wrap("[", "](https://)", "") : put("[[")),
    image: () => $("#editor-file").click(),
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-format]");
    if (button) formats[button.dataset.format]();
  });
  const goOn = (event) => { // Enter in a list begins the next entry; in an empty entry it ends the list
    if (text.selectionStart !== text.selectionEnd) return;
    const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
    const line = text.value.slice(start, text.selectionStart);
    const entry = /^(\s*)(?:([-*+]) (\[[ xX]\] )?|(\d{1,4})\. )(.*)$/.exec(line);
    if (!entry) return;
    event.preventDefault();
    if (!entry[5]) put("\n", start, text.selectionStart);
    else put(`\n${entry[1]}${entry[4] ? `${Number(entry[4]) + 1}. ` : `${entry[2]} ${entry[3] ? "[ ] " : ""}`}`);
  };

  // --- links: [[ offers notes and records ---
  const list = $("#suggested");
  let links = { start: -1, options: [], at: 0, asked: 0 };
  const closeList = () => {
    list.hidden = true;
    links.start = -1;
    text.removeAttribute("aria-activedescendant");
  };
  const drawList = () => {
    list.replaceChildren(...links.options.map((option, index) => {
      const row = document.createElement("li");
      row.id = `suggested-${index}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(index === links.at));
      row.dataset.index = String(index);
      const title = document.createElement("span");
      title.textContent = option.title;
      const path = document.createElement("span");
      path.className = "hint";
      path.textContent = option.path;
      row.append(title, path);
      return row;
    }));
    if (!links.options.length) {
      const none = document.createElement("li");
      none.className = "hint";
      none.textContent = links.words ? "Nothing found. Try another word of its name." : "Type part of a name.";
      list.append(none);
      text.removeAttribute("aria-activedescendant");
    } else {
      text.setAttribute("aria-activedescendant", `suggested-${links.at}`);
      list.children[links.at].scrollIntoView({ block: "nearest" });
    }
    list.hidden = false;
  };
  const place = () => { // below the line with the caret: a copy of the textarea says where that is
    const copy = document.createElement("div");
    const style = getComputedStyle(text);
    for (const property of ["font", "padding", "border", "lineHeight", "letterSpacing", "tabSize"]) copy.style[property] = style[property];
    copy.className = "editor-copy";
    copy.style.width = `${text.clientWidth}px`;
    copy.textContent = text.value.slice(0, links.start);
    const mark = document.createElement("span");
    mark.textContent = "[[";
    copy.append(mark);
    text.after(copy);
    const top = mark.offsetTop + mark.offsetHeight - text.scrollTop;
    const left = Math.min(mark.offsetLeft, Math.max(0, text.clientWidth - 320));
    copy.remove();
    list.style.top = `${Math.max(0, Math.min(top + 4, text.clientHeight - 40))}px`;
    list.style.left = `${left}px`;
  };
  const suggest = async () => {
    const before = text.value.slice(Math.max(0, text.selectionStart - 80), text.selectionStart);
    const match = /\[\[([^[\]\n]*)$/.exec(before);
    if (!match) return closeList();
    links.start = text.selectionStart - match[0].length;
    links.words = match[1].trim();
    const asked = ++links.asked;
    let found = [];
    if (links.words) {
      try {
        const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(links.words)}`, { headers: { Accept: "application/json" } });
        ({ found } = await answer.json());
      } catch { /* offline: nothing to offer */ }
    }
    if (asked !== links.asked || links.start < 0) return undefined;
    links.options = found;
    links.at = 0;
    place();
    drawList();
    return undefined;
  };
  const choose = (index) => {
    const option = links.options[index];
    if (!option) return;
    const { start } = links;
    closeList();
    put(option.markdown, start, text.selectionStart);
  };
  let suggesting;
  text.addEventListener("input", () => {
    clearTimeout(suggesting);
    if (text.value.slice(Math.max(0, text.selectionStart - 80), text.selectionStart).includes("[[")) suggesting = setTimeout(suggest, 120);
    else closeList();
  });
  text.addEventListener("blur", () => setTimeout(closeList, 200));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the textarea keeps the focus
    const row = event.target.closest("[role=option]");
    if (row) choose(Number(row.dataset.index));
  });

  // --- files: pasted, dropped or chosen ---
  const upload = async (file) => {
    const mark = `![Uploading ${file.name.replace(/[[\]()\n]/g, " ")}…]()`;
    put(`${mark}\n`);
    let words = "";
    try {
      const fields = new FormData();
      fields.append("file", file, file.name || "image.png");
      const answer = await post(form.dataset.files, fields);
      if (!answer.markdown) throw new Error(answer.error || "the server refused it");
      words = answer.markdown;
    } catch (error) { say(`${file.name}: ${reasonOf(error)}`, true); }
    const start = text.value.indexOf(mark);
    if (start >= 0) put(words, start, start + mark.length + (words ? 0 : 1));
  };
  const uploadAll = async (files) => { for (const file of files) await upload(file); };
  text.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (event.defaultPrevented || !files.length || event.clipboardData.getData("text/plain")) return; // a table from a spreadsheet has a picture, too
    event.preventDefault();
    uploadAll(files);
  });
  text.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
  text.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    uploadAll(files);
  });
  $("#editor-file").addEventListener("change", (event) => {
    uploadAll([...event.target.files]).then(() => { event.target.value = ""; });
  });

  // --- tabs of a narrow window, texts of a conflict, keys ---
  const tabs = ["write", "preview"].map((tab) => $(`#tab-${tab}`));
  const show = (tab) => {
    $(".editor-panes").dataset.shown = tab.id.slice(4);
    tabs.forEach((one) => {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    });
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      show(tabs[1 - index]);
      tabs[1 - index].focus();
    });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    document.querySelectorAll("[data-fill]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    put($(`#${button.dataset.fill}`).value, 0, text.value.length);
  });

  text.addEventListener("keydown", (event) => {
    if (!list.hidden && links.options.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        links.at = (links.at + step + links.options.length) % links.options.length;
        drawList();
      } else if (event.key === "Enter" || event.key === "Tab") choose(links.at);
      if (step || event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        return;
      }
    }
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.isComposing) goOn(event);
  });
  form.addEventListener("keydown", (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && (isCommand || event.target.matches("input[type=text]"))) {
      event.preventDefault();
      if (isCommand) save();
    } else if (isCommand && event.target === text && (event.key === "b" || event.key === "i")) {
      event.preventDefault();
      formats[event.key === "b" ? "bold" : "italic"]();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], details.menu[open]") || event.target.closest?.(".jump")) return;
    event.preventDefault();
    if (!list.hidden) closeList();
    else leave();
  });

  bringBack();
  Object.assign(form, { pasting: null, put, post, say, reasonOf }); // for pasting.js
  form.dataset.ready = "";
})();
