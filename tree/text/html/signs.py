"""Hides the signs of a text from the converter and puts them back, escaped where Markdown would take them for markup.

A hidden sign is one of Unicode's noncharacters, which no text that is exchanged contains (The Unicode Standard, chapter
23.7). The converter treats it as a letter, and it can be told from the markup that the converter writes.
"""

import re

_SIGNS = "\\`*_[]<>#|~&-+=:.)"
_FIRST = 0xFDD0
BREAK = chr(_FIRST + len(_SIGNS))  # becomes <br>, where Markdown allows no line break: in the cells of tables
_HIDDEN = {sign: chr(_FIRST + number) for number, sign in enumerate(_SIGNS)}
_SHOWN = {ord(hidden): sign for sign, hidden in _HIDDEN.items()}
_RUN = re.compile(f"([{chr(_FIRST)}-{chr(_FIRST + len(_SIGNS) - 1)}])\\1*")
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")

# These signs are hidden wherever they stand, the others only at the beginning of a text.
_EVERYWHERE = str.maketrans({sign: _HIDDEN[sign] for sign in "\\`*_[]<>#|~&"})
_HAS_SIGN = re.compile(r"[\\`*_\[\]<>#|~&]")
_LINE_START = re.compile(r"\s*(?:([-+=:])|[0-9]{1,9}([.)]))")
_STARTS_A_LINE = frozenset("#>-+=:.)")  # markup only there
_BEFORE_A_LINE = re.compile(r"(?:[ \u00a0]|> ?|[-*+] |[0-9]+[.)] )*(?:[0-9]{1,9})?")
_LONGEST_START, _LONGEST_ROW = 200, 2000
_UNDERLINE = re.compile(r"[ \u00a0>|:+=-]+")
_ENTITY = re.compile(r"[#0-9A-Za-z]{1,32};")
_VISIBLE = re.compile(r"[^\s\u00ad\u200b-\u200f\u2060\ufeff>|#*-]")
# A URL in brackets that are shown: written in angle brackets as well, the link ends where the URL does.
_URL_IN_BRACKETS = re.compile(r"(?<=\\<)(?:https?|ftp)://(?:[^\s<>\\()\[\]]|\\[_~*])*(?=\\?>)", re.IGNORECASE)


def hidden(text: str) -> str:
    """The text with its signs hidden, those at its beginning as if it began a line."""
    start = _LINE_START.match(text)
    if start:
        at = start.start(start.lastindex or 0)
        text = f"{text[:at]}{_HIDDEN[text[at]]}{text[at + 1 :]}"
    return text.translate(_EVERYWHERE) if _HAS_SIGN.search(text) else text


def without_noncharacters(text: str) -> str:
    """The text without characters that could be taken for a hidden sign."""
    return text if text.isascii() else _NONCHARACTERS.sub("\ufffd", text)


def shown(markdown: str) -> str:
    """Markdown with the hidden signs put back; none of them acts as markup."""
    if markdown.isascii():
        return markdown
    markdown = _RUN.sub(_escaped, markdown).replace(BREAK, "<br>")
    return _URL_IN_BRACKETS.sub(_autolink, markdown) if "://" in markdown else markdown


def visible(markdown: str) -> str:
    """The Markdown, or nothing if it would show nothing: blanks, invisible characters, rules, empty cells."""
    return markdown if _VISIBLE.search(markdown) else ""


def _escaped(run: re.Match[str]) -> str:
    """The escaped form of one or more equal signs."""
    sign, number, text = _SHOWN[ord(run[1])], run.end() - run.start(), run.string
    after = text[run.end() : run.end() + 1]
    if sign in _STARTS_A_LINE:
        return f"\\{sign}{sign * (number - 1)}" if _begins_a_line(text, run.start()) else sign * number
    if sign == "_":
        is_within_a_word = text[max(0, run.start() - 1) : run.start()].isalnum() and after.isalnum()
        return sign * number if is_within_a_word else "\\_" * number
    if sign == "\\":
        return "\\\\" * (number - 1) + ("\\" if after.isalnum() else "\\\\")
    if (sign == "|" and not _is_in_a_table(text, run.start())) or (sign == "~" and number == 1):
        return sign * number
    if sign == "&":
        rest = text[run.end() : run.end() + 40].translate(_SHOWN)
        return "&" * (number - 1) + ("&amp;" if _ENTITY.match(rest) else "&")
    return f"\\{sign}" * number


def _begins_a_line(text: str, position: int) -> bool:
    start = text.rfind("\n", max(0, position - _LONGEST_START), position) + 1
    if not start and position > _LONGEST_START:
        return False
    return _BEFORE_A_LINE.fullmatch(text, start, position) is not None


def _is_in_a_table(text: str, position: int) -> bool:
    """Whether a ``|`` stands in a row of the converter's, or in a line that would make a table of the one above."""
    start = text.rfind("\n", max(0, position - _LONGEST_ROW), position) + 1
    end = text.find("\n", position, position + _LONGEST_ROW)
    if (not start and position > _LONGEST_ROW) or text.startswith("|", start):
        return True
    return (
        _UNDERLINE.fullmatch(text[start : end if end >= 0 else position + _LONGEST_ROW].translate(_SHOWN)) is not None
    )


def _autolink(url: re.Match[str]) -> str:
    return f"<{url.group().replace(chr(92), '')}>"
