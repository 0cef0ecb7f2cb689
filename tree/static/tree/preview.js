// The preview scrolls with the text, and the text with the preview: the heading or paragraph at the top of one is at the
// top of the other. Blocks of the preview are found in the text by their first letters, in order.
"use strict";
(() => {
  const text = document.querySelector("#text");
  const preview = document.querySelector("#pane-preview");
  if (!text || !preview) return;
  const LETTERS = 24, AHEAD = 6000; // of a block, which are looked for; of the text, how far ahead
  const isLetter = /[\p{L}\p{N}]/u;
  const lettersOf = (words, most = Infinity) => {
    let found = "";
    for (const sign of words) {
      if (isLetter.test(sign)) found += sign.toLowerCase();
      if (found.length >= most) break;
    }
    return found;
  };

  // Offsets in the text of the blocks of the preview that are found in it.
  const blocks = () => {
    const [letters, offsets] = [[], []];
    let offset = 0;
    for (const sign of text.value) {
      if (isLetter.test(sign)) for (const one of sign.toLowerCase()) { letters.push(one); offsets.push(offset); }
      offset += sign.length;
    }
    const source = letters.join("");
    const places = [];
    let from = 0;
    for (const block of preview.querySelectorAll(":is(h2, h3, h4, h5, h6, p, li, tr, pre, dt, dd)")) {
      const wanted = lettersOf(block.textContent.slice(0, 400), LETTERS);
      if (!wanted) continue;
      const at = source.slice(from, from + AHEAD).indexOf(wanted);
      if (at < 0) continue;
      places.push({ block, offset: offsets[from + at] ?? 0 });
      from += at + wanted.length;
    }
    return places;
  };

  // Where the lines with these offsets are in the textarea: a copy of it says so.
  const tops = (offsets) => {
    const copy = document.createElement("div");
    const style = getComputedStyle(text);
    for (const property of ["font", "padding", "border", "lineHeight", "letterSpacing", "tabSize"]) copy.style[property] = style[property];
    copy.className = "editor-copy";
    copy.style.width = `${text.clientWidth}px`;
    let done = 0;
    const marks = offsets.map((offset) => {
      const mark = document.createElement("span");
      copy.append(text.value.slice(done, offset), mark);
      done = offset;
      return mark;
    });
    copy.append(text.value.slice(done));
    text.after(copy);
    const found = marks.map((mark) => mark.offsetTop);
    copy.remove();
    return found;
  };

  let pairs = null; // [y in the text, y in the preview], from the top to the end; null when something changed
  const forget = () => { pairs = null; };
  const measure = () => {
    const places = blocks();
    const inText = tops(places.map((place) => place.offset));
    const base = preview.getBoundingClientRect().top - preview.scrollTop;
    pairs = [[0, 0]];
    places.forEach((place, index) => {
      const y = [inText[index], place.block.getBoundingClientRect().top - base];
      if (y[0] > pairs.at(-1)[0] && y[1] > pairs.at(-1)[1]) pairs.push(y);
    });
    pairs.push([Math.max(text.scrollHeight, pairs.at(-1)[0] + 1), Math.max(preview.scrollHeight, pairs.at(-1)[1] + 1)]);
  };
  const across = (y, from) => { // between two blocks, in proportion
    const to = 1 - from;
    const next = Math.max(1, pairs.findIndex((pair) => pair[from] > y));
    const [before, after] = [pairs[next - 1], pairs[next]];
    return before[to] + ((y - before[from]) / (after[from] - before[from])) * (after[to] - before[to]);
  };

  let leader = text; // the pane that somebody scrolls; the other one follows
  const follow = () => {
    if (!preview.offsetParent || !text.offsetParent) return; // one at a time in a narrow window
    if (!pairs) measure();
    const [from, follower] = leader === text ? [0, preview] : [1, text];
    const isAtEnd = leader.scrollTop + leader.clientHeight >= leader.scrollHeight - 2 && leader.scrollTop > 0;
    follower.scrollTop = isAtEnd ? follower.scrollHeight : across(leader.scrollTop, from);
  };
  let waits = false;
  const soon = () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; follow(); });
  };
  [text, preview].forEach((pane) => {
    ["wheel", "pointerdown", "touchstart", "keydown", "focus"].forEach((name) => pane.addEventListener(name, () => { leader = pane; }, { passive: true }));
    pane.addEventListener("scroll", () => { if (pane === leader) soon(); }, { passive: true });
  });
  text.addEventListener("input", forget);
  new ResizeObserver(forget).observe(text);
  new ResizeObserver(forget).observe(preview);
  preview.addEventListener("load", forget, true); // a picture
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail?.target !== preview) return;
    forget();
    leader = text;
    soon();
  });
})();
