"""Keys made from names: one decides whether two siblings have the same name, the other their order."""

import re
import unicodedata
from hashlib import blake2b

SEPARATOR = "\x1f"  # cannot be typed in a form, so no name can forge a key
_DIGITS = re.compile(r"\d+")
_DIGITS_WIDTH = 12
_SORT_KEY_CHARACTERS = 200  # Neo4j limits an index entry to about 8 kB; order beyond this does not matter
_FOLDED_CHARACTERS = 1000  # U+FDFA alone folds to 18 characters; a longer result is cut and ends with a hash


def folded(name: str) -> str:
    """The normal form by which names are compared: compatibility characters and case folded, blanks stripped."""
    if name.isascii():
        return _capped(name.strip().lower())
    return _capped(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip())


def sibling_key(parent_id: str, name: str) -> str:
    """The key of a live node, unique in the graph, so that no two siblings have the same name."""
    return f"{parent_id}{SEPARATOR}{folded(name)}"


def retired_sibling_key(parent_id: str, name: str, uid: str) -> str:
    """The key of an archived or trashed node, which leaves its name free for a new sibling."""
    return f"{sibling_key(parent_id, name)}{SEPARATOR}{uid}"


def sort_key(name: str, is_folder: bool) -> str:
    """The key that sorts folders first, then by name in natural order: ``PC-2`` before ``PC-10``."""
    natural = _DIGITS.sub(_padded, folded(name)[:_SORT_KEY_CHARACTERS])
    return f"{'0' if is_folder else '1'}{natural[: 2 * _SORT_KEY_CHARACTERS]}"


def _capped(text: str) -> str:
    if len(text) <= _FOLDED_CHARACTERS:
        return text
    return text[:_FOLDED_CHARACTERS] + blake2b(text.encode(), digest_size=12).hexdigest()


def _padded(digits: re.Match[str]) -> str:
    return digits.group().zfill(_DIGITS_WIDTH)
