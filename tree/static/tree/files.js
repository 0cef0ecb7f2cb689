// Files of a node: send what was chosen or dropped, one after the other, with progress; say what went wrong.
"use strict";
(() => {
  const section = () => document.getElementById("files");
  const list = () => document.getElementById("files-uploads");
  let inWork = 0;

  const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MB`;

  const newRow = (name) => {
    const row = document.createElement("li");
    row.className = "upload";
    const label = document.createElement("bdi");
    label.textContent = name;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `Sending ${name}`);
    row.append(label, bar);
    list()?.append(row);
    return {
      progress: (part) => { bar.value = part; },
      done: () => row.remove(),
      fail: (why) => {
        row.className = "upload message error";
        row.setAttribute("role", "alert");
        const text = document.createElement("span");
        text.textContent = why;
        const close = document.createElement("button");
        close.type = "button";
        close.className = "plain";
        close.textContent = "Dismiss";
        close.addEventListener("click", () => row.remove());
        row.replaceChildren(text, close);
      },
    };
  };

  const answerOf = (xhr) => {
    try {
      return JSON.parse(xhr.responseText);
    } catch { // a proxy, or a page, answered
      return {};
    }
  };

  const refusal = (xhr, name) => {
    const { error } = answerOf(xhr);
    if (error && xhr.status !== 401) return error;
    if (xhr.status === 413) return `“${name}” is too large.`;
    if (xhr.status === 401 || xhr.status < 400) return `“${name}” was not stored: you are logged out. Log in in another window, then try again.`;
    return `“${name}” was not stored (error ${xhr.status}). Try again.`;
  };

  const send = (address, token, file, row) => new Promise((resolve) => {
    const body = new FormData();
    body.append("file", file, file.name);
    const xhr = new XMLHttpRequest();
    xhr.open("POST", address);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.setRequestHeader("X-CSRFToken", token);
    xhr.upload.addEventListener("progress", (event) => { if (event.lengthComputable) row.progress(event.loaded / event.total); });
    xhr.addEventListener("load", () => {
      if (xhr.status === 200 && answerOf(xhr).id) row.done();
      else row.fail(refusal(xhr, file.name));
      resolve();
    });
    xhr.addEventListener("error", () => {
      row.fail(`“${file.name}” was not sent: the connection broke off. Is it on your disk still? Try again.`);
      resolve();
    });
    xhr.send(body);
  });

  const refresh = (address) => {
    const form = section()?.querySelector("form[enctype]");
    if (form?.getAttribute("action") !== address) return; // another page is shown by now
    window.htmx.ajax("GET", address.replace(/files\/$/, ""), { target: "#files-list", select: "#files-list", selectOOB: "unset", swap: "outerHTML" });
  };

  const sendAll = async (files) => {
    const form = section().querySelector("form[enctype]");
    const address = form.getAttribute("action");
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const limit = Number(section().dataset.limit);
    const waiting = [...files].map((file) => [file, newRow(file.name)]);
    inWork += 1;
    for (const [file, row] of waiting) {
      if (file.size > limit) row.fail(`“${file.name}” has ${megabytes(file.size)}: too large. A file may have up to ${megabytes(limit)}.`);
      else await send(address, token, file, row);
    }
    inWork -= 1;
    refresh(address);
  };

  document.addEventListener("change", (event) => {
    if (event.target.id !== "files-input" || !event.target.files.length) return;
    const files = [...event.target.files];
    event.target.value = "";
    sendAll(files);
  });

  // --- drag and drop: anywhere on the page of a node ---
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const takes = (event) => holdsFiles(event) && !event.defaultPrevented && event.target.closest?.("#page") && section()?.querySelector("form[enctype]");
  let depth = 0;
  const mark = (shows) => section()?.classList.toggle("dropping", shows);
  document.addEventListener("dragenter", (event) => { if (holdsFiles(event)) { depth += 1; mark(Boolean(section()?.querySelector("form[enctype]"))); } });
  document.addEventListener("dragleave", (event) => { if (holdsFiles(event) && (depth -= 1) <= 0) { depth = 0; mark(false); } });
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event) || event.defaultPrevented || event.target.closest?.("input, textarea")) return;
    event.dataTransfer.dropEffect = takes(event) ? "copy" : "none";
    event.preventDefault(); // or the browser would leave the page for the file
  });
  document.addEventListener("drop", (event) => {
    depth = 0;
    mark(false);
    if (!holdsFiles(event) || event.defaultPrevented || event.target.closest?.("input[type=file]")) return;
    const taken = takes(event);
    event.preventDefault();
    if (taken) sendAll(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => { if (inWork) event.preventDefault(); });
})();
