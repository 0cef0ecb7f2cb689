"""Plain text as Markdown that shows it as it was typed: each line on a line of its own, no sign of it markup."""

import re

from tree.text.html.signs import hidden, shown, visible, without_noncharacters

_INDENT = re.compile(r"[ \t]+(?=\S)")
_TAB_WIDTH = 4
LONGEST_PARAGRAPH = 200  # lines
_SIGNS = r"\\`*_\[\]<>#|~&\t\r\v\f\x1c-\x1e\x85\u2028\u2029\ufdd0-\ufdef\ufeff\u00a0\u00ad\u200b-\u200f\u2060"
_WORDS_ALONE = re.compile(rf"(?![-+=: ]|[0-9]{{1,9}}[.)])[^{_SIGNS}\n]*+")
_LINES_OF_WORDS = re.compile(rf"(?! )[^{_SIGNS}\n]*+(?:\n(?! )[^{_SIGNS}\n]*+)++")
_STARTS = re.compile(r"^(?:(?=[-+=:])|([0-9]{1,9})(?=[.)]))", re.MULTILINE)


def plain_as_markdown(text: str) -> str:
    """Markdown for a plain text. Lines keep their indentation as no-break spaces, which is no code to Markdown."""
    text = text.strip("\r\n").rstrip()
    if _WORDS_ALONE.fullmatch(text):
        return text
    if _LINES_OF_WORDS.fullmatch(text):
        return _in_paragraphs(_STARTS.sub(r"\1\\", "  \n".join(map(str.rstrip, text.split("\n")))))
    text = without_noncharacters(text.strip("\ufeff"))
    return visible(_in_paragraphs(shown("  \n".join(map(_line, text.splitlines())))))


def _in_paragraphs(markdown: str) -> str:
    """The lines in paragraphs of at most LONGEST_PARAGRAPH, because long ones take Python-Markdown too long."""
    if markdown.count("\n") < LONGEST_PARAGRAPH:
        return markdown
    lines: list[str] = []
    length = 0  # of the paragraph so far
    for line in markdown.split("\n"):
        length = length + 1 if line.strip() else 0
        if length > LONGEST_PARAGRAPH:
            lines.append("")
            length = 1
        lines.append(line)
    return "\n".join(lines)


def _line(line: str) -> str:
    indent = _INDENT.match(line)
    if not indent:
        return hidden(line.rstrip())
    width = len(indent.group().expandtabs(_TAB_WIDTH))
    return "\u00a0" * width + hidden(line[indent.end() :].rstrip())
