// The table of contents beside a long text: the section that is being read is marked, and stays in sight.
"use strict";
(() => {
  const list = () => {
    const found = document.querySelector(".contents.beside");
    return found?.offsetParent ? found : null; // hidden where the folded one is shown
  };
  const headingOf = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));

  const mark = () => {
    const beside = list();
    if (!beside) return;
    const links = [...beside.querySelectorAll("a")];
    const top = (link) => headingOf(link)?.getBoundingClientRect().top ?? Infinity;
    const line = Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) + 24;
    const isAtEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const jumpedTo = links.find((link) => link.hash === window.location.hash && top(link) > line && top(link) < window.innerHeight);
    const current = (isAtEnd && jumpedTo) || links.findLast((link) => top(link) <= line); // the last ones never get to the top
    links.forEach((link) => { if (link !== current) link.removeAttribute("aria-current"); });
    if (!current || current.hasAttribute("aria-current")) return;
    current.setAttribute("aria-current", "location");
    const rows = current.closest("ul");
    const [box, row] = [rows.getBoundingClientRect(), current.getBoundingClientRect()];
    if (row.top < box.top || row.bottom > box.bottom) rows.scrollTop += row.top - box.top - box.height / 2;
  };

  let waits = false;
  const soon = () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; mark(); });
  };
  window.addEventListener("scroll", soon, { passive: true });
  window.addEventListener("resize", soon);
  document.addEventListener("htmx:afterSettle", soon);
  document.addEventListener("click", (event) => { // a link of the folded list closes it, and leads to where its heading then is
    const folded = event.target.closest?.(".contents.folded a")?.closest("details");
    if (folded) folded.open = false;
  });
  soon();
})();
