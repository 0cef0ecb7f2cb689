"""Turns typed text into queries for the full-text index (Lucene syntax, analyzer ``standard-folding``).

Typed text never acts as syntax: words of letters and digits are used as they are, anything else is quoted as a phrase.
An unquoted e-mail address would be split and match nearly everything. Lucene does not analyze wildcards, so the prefix
of the last word is folded here in the same way as the analyzer folds the indexed text.
"""

import re
import unicodedata

MAX_CHARACTERS = 300
MAX_WORDS = 12
_MIN_PREFIX = 2
_PARTS = re.compile(r"\w+")
_NAME_BOOST = 6
_NAME_PREFIX_BOOST = 3
_UNFOLDED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "þ": "th"})


def fulltext_queries(text: str) -> list[str]:
    """The queries to try in order: all words, then any word. Empty if there is nothing to search for."""
    words = [word for word in _clean(text).split() if _PARTS.search(folded(word))][:MAX_WORDS]
    if not words:
        return []
    terms = [_term(word) for word in words[:-1]] + [_last_term(words[-1])]
    whole = " ".join(_PARTS.findall(" ".join(words)))
    in_name = f'name:"{whole}"^{_NAME_BOOST}'
    if len(words) == 1 and len(prefix := _PARTS.findall(folded(words[0]))[-1]) >= _MIN_PREFIX:
        in_name += f" OR name:{prefix}*^{_NAME_PREFIX_BOOST}"
    queries = [f"({' AND '.join(terms)}) OR {in_name}"]
    if len(terms) > 1:
        queries.append(f"({' OR '.join(terms)}) OR {in_name}")
    return queries


def search_words(text: str) -> list[str]:
    """The words to highlight in results, folded."""
    return _PARTS.findall(folded(_clean(text)))[:MAX_WORDS]


def folded(text: str) -> str:
    """The text in lower case without accents, as the index stores it."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_UNFOLDED)


def _clean(text: str) -> str:
    printable = (c if c.isprintable() else " " for c in text[:MAX_CHARACTERS])
    return "".join(printable)


def _term(word: str) -> str:
    return word.lower() if _PARTS.fullmatch(word) else _phrase(word)


def _last_term(word: str) -> str:
    """A query for the word itself or words that begin with it."""
    parts = _PARTS.findall(folded(word))
    if len(parts) == 1 and len(parts[0]) < _MIN_PREFIX:
        return _term(word)
    prefix = " AND ".join([*(_phrase(part) for part in parts[:-1]), f"{parts[-1]}*"])
    return f"({_term(word)} OR ({prefix}))"


def _phrase(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
