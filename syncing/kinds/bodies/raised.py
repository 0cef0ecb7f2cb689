"""Raised and lowered text: Unicode's characters for it where there are some, because 10⁶ without them is 106.

The search folds these characters, so ``CO2`` finds CO₂.
"""

from collections.abc import Mapping

from syncing.kinds.bodies.tags import names

_SUPERSCRIPT = str.maketrans("0123456789+-\u2212=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPT = str.maketrans("0123456789+-\u2212=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_AS_THEY_ARE = names("st nd rd th er ère e ème º ª ° ® ™ © ℠ *")  # 1st, and signs that are small anyway
_LONGEST_LETTERS = 3  # longer words in small letters are hard to read
_WHOLE = {"TM": "™", "SM": "℠"}
MARKS = {"sup": "^", "sub": "_"}  # where nothing else can be written, as in code


def form(name: str, text: str) -> tuple[str, Mapping[int, str]]:
    """How the text of a ``<sup>`` or ``<sub>`` is written: what stands before it, and the table for ``translate``.

    ``text`` is the whole; it may be written in several parts, such as one for each element within.
    """
    table = _SUPERSCRIPT if name == "sup" else _SUBSCRIPT
    text = text.strip()
    if not text or text in _AS_THEY_ARE:
        return "", {}
    is_short = len(text) <= _LONGEST_LETTERS or not any(map(str.isalpha, text))
    if is_short and all(ord(character) in table or character == " " for character in text):
        return "", {sign: chr(small) for sign, small in table.items()}
    if text in _WHOLE:
        return "", {ord(text[0]): _WHOLE[text], ord(text[1]): ""}
    has_digit = any(character.isdigit() for character in text)
    return (MARKS[name] if text[0].isalnum() and (has_digit or text.isalnum()) else ""), {}
