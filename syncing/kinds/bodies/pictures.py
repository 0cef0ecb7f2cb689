"""Takes ``data:`` pictures out of bodies: base64 shows nothing, and a screenshot is longer than any mail."""

import re
from typing import Any

# The value of an attribute or of url(…) in quotes; there, a picture may hold any other character.
_QUOTED = re.compile(
    r"""((?:=|url\()\s*)(?:"\s*data:[a-z]+/[^"]*+"|'\s*data:[a-z]+/[^']*+')""",
    re.IGNORECASE,
)
# Anywhere else: base64, which mails wrap into long lines, or the percent-encoding of an SVG.
_BARE = re.compile(
    r"(?<!\w)data:[\w.+-]{1,60}/[\w.+-]{1,100}(?:;[\w.+-]{1,60}(?:=[\w.+-]{0,60})?){0,5}?"
    r"(?:;base64,[\w+/%=-]++(?:\s+[\w+/-]{57,}=*)*+(?:\s+[\w+/-]+==?(?!\w))?"
    r"|(?<=xml),[^\s\"'<>)]*+)",
    re.IGNORECASE,
)


def may_hold_pictures(encoded: bytes) -> bool:
    """Whether the JSON of a record may have a ``data:`` URL in it; quick, and wrong about a few words."""
    return b"ata:" in encoded or b"ATA:" in encoded


def without_pictures(text: str) -> str:
    """The text without its ``data:`` URLs; an ``<img>`` stays with an empty address."""
    if "ata:" not in text and "ATA:" not in text:
        return text
    return _BARE.sub("", _QUOTED.sub(r'\1""', text))


def row_without_pictures(row: Any, fields: tuple[str, ...], lists: tuple[str, ...]) -> Any:
    """A record as Codex sent it, without the pictures in these fields, and in ``body`` of the entries of these lists.

    Returns the row itself if it has none, or is no record at all; the row that was given is never changed.
    """
    if not isinstance(row, dict):
        return row
    changed: dict[str, Any] = {name: text for name in fields if (text := _changed(row.get(name))) is not None}
    for name in lists:
        entries = row.get(name)
        if isinstance(entries, list):
            cleaned = [_entry(entry) for entry in entries]
            if any(new is not old for new, old in zip(cleaned, entries, strict=True)):
                changed[name] = cleaned
    return row | changed if changed else row


def _entry(entry: Any) -> Any:
    text = _changed(entry.get("body")) if isinstance(entry, dict) else None
    return entry if text is None else entry | {"body": text}


def _changed(value: Any) -> str | None:
    """The text without pictures, or None if that is no change."""
    if not isinstance(value, str):
        return None
    text = without_pictures(value)
    return text if text is not value else None
