"""Validation of the names and texts that staff type.

The sync does not apply these rules: it takes names from Codex as they are.
"""

import unicodedata
from collections.abc import Iterable

from tree.exceptions import InvalidName, InvalidText
from tree.graph.sibling_keys import folded

MAX_NAME_CHARACTERS = 255
MAX_TEXT_BYTES = 256 * 1024
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # Unicode's, of characters that show nothing
_JOINERS = "\u200d\ufe0f\ufe0e"  # allowed inside emoji; any other invisible character misleads
_EMPTY_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u034f"  # letters by category, but rendered as nothing


def checked_name(typed: str) -> str:
    """The name in the form that is stored: NFC, without leading or trailing blanks. Raises InvalidName."""
    name = unicodedata.normalize("NFC", typed).strip()
    if not name:
        raise InvalidName("Give it a name.")
    if name in (".", ".."):
        raise InvalidName(f"{name!r} cannot be a name: in a path it means another folder.")
    if len(name) > MAX_NAME_CHARACTERS:
        raise InvalidName(f"The name has {len(name)} characters; at most {MAX_NAME_CHARACTERS} are possible.")
    for place, character in enumerate(name):
        if _is_unseen(character) and not (character in _JOINERS and _joins(name, place)):
            code = f"U+{ord(character):04X}"
            raise InvalidName(f"The name holds a character that cannot be seen ({code}, character {place + 1}).")
    return name


def checked_text(typed: str) -> str:
    r"""The text in the form that is stored: lines end with ``\n``. Raises InvalidText."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise InvalidText(f"The text holds a NUL character (character {text.index(chr(0)) + 1}). Take it out.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidText(f"The text holds half of a character (character {error.start + 1}). Take it out.") from error
    if size > MAX_TEXT_BYTES:
        raise InvalidText(
            f"The text has {size:,} bytes; at most {MAX_TEXT_BYTES:,} are possible. Split it in two notes."
        )
    return text


def find_lookalike(name: str, others: Iterable[str]) -> str | None:
    """The first of the other names that a reader could mistake for this one: ``РayPal`` with a Cyrillic letter.

    Equal names (see ``sibling_keys.folded``) are not reported here; the graph's constraint catches them.
    """
    own, looks = folded(name), _skeleton(name)
    return next((other for other in others if _skeleton(other) == looks and folded(other) != own), None)


def _skeleton(name: str) -> str:
    """The name with each character of another alphabet replaced by the Latin one that looks like it."""
    plain = folded(name)
    return plain if plain.isascii() else "".join(map(_latin, plain))


def _latin(character: str) -> str:
    if character.isascii():
        return character
    from confusable_homoglyphs import confusables  # slow to import, and few names need it

    found = confusables.is_confusable(character, greedy=True, preferred_aliases=[])
    for alike in found[0]["homoglyphs"] if found else ():
        if len(alike["c"]) == 1 and alike["c"].isascii() and alike["c"].isalnum():
            return str(alike["c"]).lower()
    return character


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in UNSEEN_CATEGORIES or character in _EMPTY_LETTERS or character in _JOINERS


def _joins(name: str, place: int) -> bool:
    """Whether the joiner follows a symbol, as in an emoji."""
    before = name[place - 1] if place else ""
    return bool(before) and (unicodedata.category(before) in ("So", "Sk", "Sm", "Po", "Nd", "Mn") or before in _JOINERS)
