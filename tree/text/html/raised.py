"""Raised and lowered text: Unicode's characters for it where there are some, because 10⁶ without them is 106.

The full-text index takes such digits for no part of a word, so those of formulas stay as people search for them: CO2.
"""

from collections.abc import Mapping

from tree.text.html.tags import names

_SUPERSCRIPT = str.maketrans("0123456789+-\u2212=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPT = str.maketrans("0123456789+-\u2212=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_AS_THEY_ARE = names("st nd rd th er ère e ème º ª ° ® ™ © ℠ *")  # 1st, and signs that are small anyway
_LONGEST_LETTERS = 3  # longer words in small letters are hard to read
_WHOLE = {"TM": "™", "SM": "℠"}
MARKS = {"sup": "^", "sub": "_"}  # where nothing else can be written, as in code


def form(name: str, text: str, before: str, after: str) -> tuple[str, Mapping[int, str]]:
    """How the text of a ``<sup>`` or ``<sub>`` is written: what stands before it, and the table for ``translate``.

    ``text`` is the whole, between these two characters. It may be written in several parts, one for each element in it.
    """
    table = _SUPERSCRIPT if name == "sup" else _SUBSCRIPT
    text = text.strip()
    if not text or text in _AS_THEY_ARE:
        return "", {}
    if name == "sub" and text.isdigit() and before.isalpha() and not after.isdigit():
        return "", {}
    is_short = len(text) <= _LONGEST_LETTERS or not any(map(str.isalpha, text))
    if is_short and all(ord(character) in table or character == " " for character in text):
        return "", {sign: chr(small) for sign, small in table.items()}
    if text in _WHOLE:
        return "", {ord(text[0]): _WHOLE[text], ord(text[1]): ""}
    is_read_on = before.isalnum() and text[0].isalnum()
    return (MARKS[name] if is_read_on and (text.isalnum() or any(map(str.isdigit, text))) else ""), {}
