// What is pasted from documents, spreadsheets and pages becomes Markdown, which the server makes of its HTML.
"use strict";
(() => {
  const form = document.querySelector("#editor");
  if (!form) return;
  const text = form.querySelector("#text");
  const MOST_CHARACTERS = 2 * 1024 * 1024, PATIENCE_MS = 15000;
  const MARKUP = "td + td, th + td, th + th, ul, ol, h1, h2, h3, h4, h5, h6, [role=heading], a[href], b, strong, i, em, s, del, code, pre, blockquote, p[class^=MsoList], p[class^=MsoTitle], p[data-style*=mso-list], li";
  const MARKING = /font-weight:\s*(?:bold|[6-9]00)|font-style:\s*italic|line-through|white-space:\s*pre(?!-wrap)|font(?:-family)?:[^;>]{0,60}(?:consolas|courier|mono)/i;

  const isPlain = (element) => element.matches("b, strong, i, em") && /font-(?:weight|style):\s*normal/.test(element.dataset.style ?? "");
  const parsed = (html) => // inert: runs and loads nothing; the browser would complain about styles
    new DOMParser().parseFromString(html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle\s*=/gi, " data-style="), "text/html").body;
  const hasMarkup = (html) => {
    const body = parsed(html);
    if (!body.textContent.trim()) return false; // a picture alone is uploaded
    if ([...body.querySelectorAll(MARKUP)].some((element) => !isPlain(element) && element.textContent.trim())) return true;
    return [...body.querySelectorAll("[data-style]")].some((element) => MARKING.test(element.dataset.style));
  };
  const isInCode = (place) => (text.value.slice(0, place).match(/^ {0,3}(?:```|~~~)/gm) ?? []).length % 2 === 1;

  const asBlock = (markdown, start, end) => { // what begins or ends a block has an empty line before and after it
    if (!/\n|^(?:#{1,6} |[-*+] |\d+[.)] |> |\||```|---$)/.test(markdown)) return markdown;
    const before = text.value.slice(0, start), after = text.value.slice(end);
    const lead = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const tail = after.startsWith("\n\n") ? "" : after === "" || after.startsWith("\n") ? "\n" : "\n\n";
    return `${lead}${markdown}${tail}`;
  };
  const place = (was) => { // where the caret was, if the text around it is still there
    if (text.value === was.value) return [was.start, was.end];
    const before = was.value.slice(0, was.start), after = was.value.slice(was.end);
    if (text.value.startsWith(before) && text.value.endsWith(was.value.slice(was.start))) return [was.start, was.end];
    if (text.value.endsWith(after)) return [text.value.length - after.length, text.value.length - after.length];
    return [text.selectionStart, text.selectionStart];
  };

  const paste = async (html, plain) => {
    const was = { value: text.value, start: text.selectionStart, end: text.selectionEnd };
    form.say("Pasting…");
    let words = "", why = "";
    try {
      if (html.length > MOST_CHARACTERS) throw new Error("it is too large.");
      const fields = new FormData();
      fields.append("html", html);
      const answer = await form.post(form.dataset.paste, fields, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (!answer.markdown) throw new Error(answer.error);
      words = answer.markdown;
    } catch (error) { why = error.name === "TimeoutError" ? "the server takes too long." : form.reasonOf(error); }
    const [start, end] = place(was);
    form.put(words ? asBlock(words, start, end) : plain, start, end);
    if (why) form.say(`Pasted as plain text: ${why.replace(/\.?$/, ".")}`);
  };

  let wantsPlain = false;
  text.addEventListener("keydown", (event) => { wantsPlain = event.shiftKey && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v"; });
  text.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    if (!html || wantsPlain || form.pasting || isInCode(text.selectionStart)) return;
    if (html.length <= MOST_CHARACTERS && !hasMarkup(html)) return;
    event.preventDefault();
    const plain = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n") || parsed(html).textContent;
    form.pasting = paste(html, plain).finally(() => { form.pasting = null; });
  }, { capture: true });
})();
