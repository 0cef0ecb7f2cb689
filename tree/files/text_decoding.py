"""The text of files whose encoding nobody has written down: UTF-8, UTF-16 with or without mark, or a code page."""

import re
import unicodedata
from collections.abc import Iterator

import chardet

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WESTERN = ("cp1252", "cp850")  # of Windows, and of its command prompt
_CODE_PAGES = (
    *_WESTERN,
    *(f"cp{number}" for number in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 852, 857, 866, 932, 949)),
    *("koi8-r", "euc-jp", "gb18030", "big5"),
)
# Sparse accents fit several code pages about equally well: “réseau” is also Hungarian. Then the western one is taken.
_ABOUT_EQUAL = 0.8
_SAMPLE_BYTES = 200_000
_BEFORE_BYTES = 200  # of a line that is very long
_CONTROLS = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f]")  # allowed: tab, newlines, form feed, escape (coloured logs)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def decoded(stored: bytes) -> str | None:
    """The text of these bytes without byte order mark, or None if they are no text."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if stored.startswith(mark):
            return _as(encoding, stored)
    if b"\0" in stored:
        return _without_mark(stored)
    try:
        text = stored.decode("utf-8-sig")
    except UnicodeDecodeError:
        readings = (_as(page, stored) for page in _code_pages(stored))
        return next((reading for reading in readings if reading is not None), None)
    return None if _CONTROLS.search(text) else text


def _without_mark(stored: bytes) -> str | None:
    """UTF-16 that lacks its mark. The zero bytes of blanks, line ends and digits say where the high bytes are."""
    low_bytes_are_first = stored[1::2].count(0) > stored[::2].count(0)
    text = _as("utf-16-le" if low_bytes_are_first else "utf-16-be", stored)
    if text is None or any(unicodedata.category(c) in ("Cn", "Co") for c in set(text)):
        return None  # bytes that mean something else easily make characters that do not exist
    return text


def _code_pages(stored: bytes) -> list[str]:
    """The possible code pages, the most likely first, judged by the lines with other characters than ASCII."""
    sample = b"".join(_lines_not_ascii(stored))
    found = chardet.detect_all(sample, ignore_threshold=True, include_encodings=_CODE_PAGES, compat_names=False)
    least = found[0]["confidence"] * _ABOUT_EQUAL
    names = [str(one["encoding"]) for one in found if one["encoding"]]
    western = [str(one["encoding"]) for one in found if one["encoding"] in _WESTERN and one["confidence"] >= least]
    return [*western, *names, _WESTERN[0]]


def _lines_not_ascii(stored: bytes) -> Iterator[bytes]:
    place, left = 0, _SAMPLE_BYTES
    while left > 0 and (found := _NOT_ASCII.search(stored, place)):
        start = max(stored.rfind(b"\n", place, found.start()) + 1, found.start() - _BEFORE_BYTES, place)
        place = stored.find(b"\n", found.start()) + 1 or len(stored)
        line = stored[start : min(place, found.start() + left)]
        left -= len(line)
        yield line


def _as(encoding: str, stored: bytes) -> str | None:
    try:
        text = stored.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(text) else text
