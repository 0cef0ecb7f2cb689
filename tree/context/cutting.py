"""Cuts a text to a number of tokens: its beginning, and the paragraphs that say most."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tree.context import tokens
from tree.context.customers import CLOSING, OPENING, told
from tree.graph.folding import folded
from tree.text.lines import in_code

CUT = "[… {left} characters left out]"
_CUT_END = " characters left out]"
_GAP = "[…]"
_LEAST_TOKENS = 40  # of a text that is cut; less would say nothing
_OF_CUT, _OF_GAP = 18, 4  # tokens of the line that says what is left out, and of a gap between paragraphs
_HEADING = re.compile(r" {0,3}(#{1,6})(?=\s|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")  # makes a heading of the line above it
_DEEPEST, _DEEPER = 6, 3
_FACT = re.compile(r"\d|@|://|`")


def cut(text: str, words: Sequence[str], room: int, *, unread: int = 0, quote: str = "") -> str:
    """The text, or of a longer one the beginning and the paragraphs with most of the words; at most ``room`` tokens.

    ``unread``: so many characters of it come behind, and were not read. ``quote``: what each line begins with.
    Empty if there is too little room to say anything.
    """
    if tokens.count(text) + (_OF_CUT if unread else 0) <= room:
        return f"{text}\n{quote}{CUT.format(left=unread)}" if unread else text
    if room < _LEAST_TOKENS:
        return ""
    paragraphs = list(_paragraphs(text, quote.rstrip()))
    kept = _most_telling(paragraphs, set(words), room - _OF_CUT)
    shown = _joined(kept, quote)
    return f"{shown}\n{quote}{CUT.format(left=max(len(text) - len(shown), 0) + unread)}" if shown else ""


def is_cut(text: str) -> bool:
    """Whether something of the text was left out, or nothing of it is there yet."""
    return not text or text.endswith(_CUT_END) or f"{_CUT_END}\n" in text


def as_note(text: str) -> str:
    """A text of staff that no program takes for several blocks: its headings lie below that of its block.

    Signs that show nothing are written out, and code stays as it is.
    """
    lines = told(text).strip("\n").split("\n")
    fences = list(in_code(lines))
    shown: list[str] = []
    for line, fence in zip(lines, fences, strict=True):
        if fence:
            shown.append(line)
        elif line.strip() in (OPENING, CLOSING):
            shown.append(f"\\{line.strip()}")
        elif shown and _is_title(shown[-1]) and (found := _UNDERLINE.fullmatch(line)):
            shown[-1] = f"{'#' * ((1 if found[1][0] == '=' else 2) + _DEEPER)} {shown[-1].strip()}"
        elif found := _HEADING.match(line):
            shown.append(f"{'#' * min(len(found[1]) + _DEEPER, _DEEPEST)}{line[found.end() :]}")
        else:
            shown.append(line)
    return _closed("\n".join(shown))


def _is_title(line: str) -> bool:
    """Whether a line below it may make a heading of it: it is text."""
    return bool(line.strip()) and not line.lstrip().startswith(("#", ">", "|", "- ", "* ", "+ ", "```", "~~~"))


def _closed(text: str) -> str:
    """The text, and the end of its code if that is open."""
    lines = text.split("\n")
    *_, fence = in_code([*lines, ""])
    return f"{text}\n{fence}" if fence else text


def _paragraphs(text: str, empty: str) -> Iterator[str]:
    """What empty lines separate, which consist of ``empty``; a block of code is one piece."""
    lines = text.split("\n")
    piece: list[str] = []
    for line, fence in zip(lines, [""] * len(lines) if empty else in_code(lines), strict=True):
        if fence or line.strip() != empty:
            piece.append(line)
        elif piece:
            yield "\n".join(piece)
            piece = []
    if piece:
        yield "\n".join(piece)


def _most_telling(paragraphs: Sequence[str], wanted: set[str], room: int) -> dict[int, str]:
    """The first paragraph, and those with most of the words or with facts, as many as fit, by their numbers.

    Of the first one that does not fit, its beginning is taken, if there is room for some of it at the end.
    """
    costs = tokens.count_all(paragraphs)
    order = sorted(
        range(1, len(paragraphs)), key=lambda n: (-_common(paragraphs[n], wanted), _no_fact(paragraphs[n]), n)
    )
    kept: dict[int, str] = {}
    too_long: list[int] = []
    for number in (0, *order):
        if costs[number] + _OF_GAP <= room:
            kept[number] = paragraphs[number]
            room -= costs[number] + _OF_GAP
        else:
            too_long.append(number)
    if too_long and room >= _LEAST_TOKENS // 2:
        kept[too_long[0]] = _closed(tokens.beginning(paragraphs[too_long[0]], room - _OF_GAP))
    return kept


def _joined(kept: Mapping[int, str], quote: str) -> str:
    shown: list[str] = []
    before = -1
    for number, paragraph in sorted(kept.items()):
        shown += [f"{quote}{_GAP}"] if number > before + 1 else []
        shown.append(paragraph)
        before = number
    return f"\n{quote.rstrip()}\n".join(shown)


def _no_fact(paragraph: str) -> bool:
    """Whether it has no number, address or name of a computer, which is what people look a note up for."""
    return not _FACT.search(paragraph)


def _common(paragraph: str, wanted: set[str]) -> int:
    return len(wanted & set(re.findall(r"[^\W_]+", folded(paragraph))))
