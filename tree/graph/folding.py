"""How words are compared in a search: without case, accents, points of vowels and signs that show nothing."""

import re
import unicodedata

PARTS = re.compile(r"[^\W_]+")
_UNFOLDED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "þ": "th", "’": "'"})
_VOICED = "\u3099\u309a"  # the marks that make ハ to バ and パ, other letters
_BORDERS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")


def folded(text: str) -> str:
    """The text in lower case without accents; letters of Asian scripts stay whole. The index folds the same way."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    plain = "".join(
        c for c in apart if c in _VOICED or not (unicodedata.combining(c) or unicodedata.category(c) == "Cf")
    )
    return unicodedata.normalize("NFC", plain).translate(_UNFOLDED)


def joined(text: str) -> str:
    """Only its letters and digits, folded: ``SRV-DB_01`` and ``srvdb01`` are the same."""
    return "".join(PARTS.findall(folded(text)))


def split(text: str) -> list[str]:
    """The folded parts of a word between separators, changes of case and digits: ``MapDrive2`` → map, drive, 2."""
    return PARTS.findall(folded(_BORDERS.sub(" ", text)))
