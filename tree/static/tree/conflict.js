// A conflict: for each place that two people changed, take either text or both, or edit it. The textarea stays the truth:
// a choice is typed into it (so Ctrl+Z takes it back), and a place is open as long as its marks stand there. Two places
// may read the same, so that each is known by where it is in the text.
"use strict";
(() => {
  const form = document.querySelector("#editor");
  const text = document.querySelector("#text");
  const state = document.querySelector(".clash-state");
  if (!form || !state) return;
  const places = [...document.querySelectorAll(".clash")].map((card) => ({
    card,
    texts: Object.fromEntries([...card.querySelectorAll("[data-text]")].map((area) => [area.dataset.text, area.value])),
    at: -1, // where it is in the text
    taken: null, // the choice whose text stands there
  }));

  const isOpen = (place) => place.at >= 0 && text.value.startsWith(place.texts.marked, place.at);
  const isWhereItWas = ({ taken, at, texts }) => taken !== null && text.value.startsWith(texts[taken], at);
  // Marks that belong to no place are those of one that lost its own: when the page opens, or after an undo.
  const find = () => {
    const held = new Set(places.filter(isOpen).map((place) => place.at));
    places.filter((place) => !isOpen(place)).forEach((place) => {
      let at = text.value.indexOf(place.texts.marked);
      while (held.has(at)) at = text.value.indexOf(place.texts.marked, at + 1);
      if (at < 0) return;
      place.at = at;
      held.add(at);
    });
  };
  // The places behind what was typed move along.
  let known = text.value;
  const follow = () => {
    const [old, now] = [known, text.value];
    known = now;
    const least = Math.min(old.length, now.length);
    let start = 0;
    while (start < least && old[start] === now[start]) start += 1;
    let same = 0; // behind it
    while (same < least - start && old[old.length - 1 - same] === now[now.length - 1 - same]) same += 1;
    places.forEach((place) => {
      const isBefore = place.at < start || (place.at === start && (isOpen(place) || isWhereItWas(place)));
      if (!isBefore) place.at = place.at >= old.length - same ? place.at + now.length - old.length : start;
    });
    find();
  };
  const show = () => {
    const open = places.filter(isOpen);
    places.forEach((place) => {
      const isChosen = !open.includes(place);
      place.card.classList.toggle("chosen", isChosen);
      place.card.querySelector("h2 .badge").hidden = !isChosen;
      const held = isChosen && isWhereItWas(place) ? place.taken : null;
      place.card.querySelectorAll("[aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.take === held)));
    });
    const words = open.length ? `${open.length} of ${places.length} ${places.length === 1 ? "place" : "places"} left to decide.` : "All places are chosen. Look the text over, then save.";
    if (state.textContent !== words) state.textContent = words;
    state.classList.toggle("warning", open.length > 0);
    return open;
  };
  const type = (words, start, end) => {
    text.focus({ preventScroll: true });
    text.setSelectionRange(start, end);
    const isDone = words === "" ? document.execCommand("delete") : document.execCommand("insertText", false, words);
    if (!isDone) {
      text.setRangeText(words, start, end, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const take = (place, choice) => {
    const start = place.at;
    const old = isOpen(place) ? place.texts.marked : isWhereItWas(place) ? place.texts[place.taken] : null;
    if (old === null) return false;
    place.taken = choice;
    if (place.texts[choice] !== old) type(place.texts[choice], start, start + old.length);
    return true;
  };
  const edit = (place) => {
    const words = isOpen(place) ? place.texts.marked : isWhereItWas(place) ? place.texts[place.taken] : "";
    const start = Math.max(0, place.at);
    text.focus();
    text.setSelectionRange(start, start + words.length);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    const place = button && places.find((one) => one.card.contains(button));
    if (!place) return;
    if (button.dataset.take === "edit") {
      edit(place);
      return;
    }
    if (!take(place, button.dataset.take)) {
      document.dispatchEvent(new CustomEvent("page:tell", { detail: "You edited this place since. Change it in the text." }));
      return;
    }
    const [next] = show();
    if (next) next.card.querySelector("[data-take]").focus();
    else form.querySelector("button[type=submit]").focus();
  });
  text.addEventListener("input", () => {
    follow();
    show();
  });

  // A save with open places would come back as refused, without these cards.
  const hold = (event) => {
    const [open] = show();
    if (!open) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    open.card.querySelector("[data-take]").focus();
    document.dispatchEvent(new CustomEvent("page:tell", { detail: "Choose in this place first." }));
  };
  form.addEventListener("submit", hold, true);
  window.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.contains(event.target)) hold(event);
  }, true);

  document.querySelectorAll(".clash .buttons").forEach((group) => { group.hidden = false; });
  find();
  show();
  places[0]?.card.querySelector("[data-take]").focus();
})();
