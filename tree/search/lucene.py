"""Builds queries for the full-text indexes (Lucene syntax, analyzer ``standard-folding``) from what was typed.

Typed text never acts as syntax: words of letters and digits are used as they are, anything else is quoted. Lucene does
not analyze prefixes, fuzzy words and parts of words, so they are folded here as the index folds what it stores.
"""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from ipaddress import ip_address

from tree.graph.folding import PARTS, folded, joined
from tree.graph.search_keys import ANYBODYS, FILE, address_key
from tree.kinds import KINDS
from tree.search.typed import Typed

_ALL = ("search_keys", "name", "content", "text")
_BOOST = {"search_keys": 4, "name": 4, "content": 1, "text": 1}
_IDEOGRAPHS = re.compile(r"[\u2e80-\u30a0\u31f0-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ASIAN = re.compile(r"[\u1100-\u11ff\u30a1-\u30ff\uac00-\ud7af]")
_DIGITS = re.compile(r"\d{4,}")
_DOTTED = re.compile(r"[\d.]+")
_HEX = re.compile(r"[0-9a-f]{4,12}")
_AS_TWO = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_MIN_PREFIX = 2
_MIN_FUZZY = 4
_MIN_TWO_SLIPS = 5
_MIN_PART = 3


class Stage(IntEnum):
    """What counts as a match; each stage is tried when the one before has found nothing."""

    EXACT = 0  # all words, the last one perhaps unfinished
    SIMILAR = 1  # all words, with slips, or in the middle of others
    ANY = 2  # any of the words


def words_query(typed: Typed, stage: Stage) -> str:
    """The clauses for the words, at least one if there are any; empty if there are none."""
    if typed.network:
        lowest, highest = map(address_key, typed.network)
        return f"+(search_keys:[{lowest} TO {highest}])"
    if typed.phone:
        return f"+({_phone(typed)})"
    if typed.number:
        return f"+({_fields(typed.number, ('search_keys',))})"
    clauses = [_phrase_clause(phrase) for phrase in typed.phrases]
    last = len(typed.words) - 1
    for place, word in enumerate(typed.words):
        options = [*_options(word, is_last=place == last)]
        if stage >= Stage.SIMILAR:
            options += _similar(word)
        clauses.append(" ".join(options))
    if stage is Stage.ANY and clauses:
        return f"+({' '.join(f'({clause})' for clause in clauses)})"
    return " ".join(f"+({clause})" for clause in clauses)


def scope_query(
    *, archived: bool, kinds: Sequence[str] = (), accounts: Sequence[str] | None = None, marks: Iterable[str] = (),
    since: str = "",
) -> str:  # fmt: skip
    """The clauses that narrow a search. ``accounts``: the marks of clients, whose notes are to be checked by path."""
    searched = " ".join(f"k{kind.lower()}" for kind in (*(kinds or KINDS), FILE))
    clauses = [f"+search_scope:({searched})^0"]
    if not archived:
        clauses.append("-archived_at:[* TO *]")
    if accounts is not None:
        clauses.append(f"+search_scope:({' '.join((*accounts, ANYBODYS))})^0")
    if since:
        clauses.append(f"+search_scope:[d{since} TO d99999999]")
    return " ".join([*clauses, *(f"+search_scope:{mark}" for mark in marks)])


def _options(word: str, *, is_last: bool) -> Iterable[str]:
    plain = folded(word)
    parts, whole = PARTS.findall(plain), joined(word)
    yield _fields(plain, _ALL)
    if _IDEOGRAPHS.search(plain):
        return
    if len(parts) > 1:
        yield f"search_keys:{whole}^8"
        yield _mac(whole)
        yield _ip(plain)
    if _ASIAN.search(plain):
        yield " ".join(f"{name}:{whole}*" for name in _ALL)
    if is_last and len(parts[-1]) >= (_MIN_PREFIX if len(parts) == 1 else 1):
        yield _beginning(parts, whole)
    for other in _spellings(plain):
        yield _fields(other, _ALL, 0.5)
    if _DIGITS.fullmatch(whole):
        yield f"search_keys:p{whole[::-1]}*^3"
    elif len(parts) == 1:
        yield _mac(whole)
    if len(whole) > 3 and parts[0][0] in "aeiouyh":
        yield " ".join(f"content:{letter}'{whole}" for letter in ("l", "d"))


def _beginning(parts: list[str], whole: str) -> str:
    """For a last word that may be unfinished: what begins with it."""
    if len(parts) == 1:
        return f"search_keys:{whole}*^3 name:{whole}*^3 content:{whole}* text:{whole}*"
    each = " ".join((*(f"+{part}" for part in parts[:-1]), f"+{parts[-1]}*"))
    return f"search_keys:{whole}*^4 name:({each})^2 content:({each})"


def _similar(word: str) -> Iterable[str]:
    """Words with slips, and words in whose middle it stands."""
    whole = joined(word)
    if _IDEOGRAPHS.search(whole):
        return
    if len(whole) >= _MIN_PART:
        yield f"search_keys:*{whole}*"
        if _ASIAN.search(whole):
            yield f"content:*{whole}*"
    if len(whole) >= _MIN_FUZZY:
        slips = 2 if len(whole) >= _MIN_TWO_SLIPS else 1
        yield f"search_keys:{whole}~{slips}^2"
        if not _DIGITS.search(whole):
            yield f"content:{whole}~1^0.2"


def _spellings(plain: str) -> Iterable[str]:
    """The singular or plural of an English word, and the word with umlauts for ae, oe and ue."""
    if not (plain.isascii() and plain.isalpha()) or len(plain) < 4:
        return
    if plain.endswith("ies"):
        yield f"{plain[:-3]}y"
    elif plain.endswith(("ses", "xes", "ches", "shes")):
        yield plain[:-2]
    if plain.endswith("s") and not plain.endswith("ss"):
        yield plain[:-1]
    elif plain.endswith("y"):
        yield f"{plain[:-1]}ies"
    else:
        yield f"{plain}s"
    other = plain
    for two, one in _AS_TWO:
        other = other.replace(two, one)
    if other != plain:
        yield other


def _ip(plain: str) -> str:
    """An address in any of its forms, and one that is still typed."""
    try:
        key = address_key(ip_address(plain))
    except ValueError:
        key = ""
    whole = f"search_keys:{key}^8" if key else ""
    return f"{whole} search_keys:{plain}*^3" if _DOTTED.fullmatch(plain) else whole


def _mac(whole: str) -> str:
    """The end of a MAC address, and a whole one in other writings, as texts of tickets have it."""
    if not _HEX.fullmatch(whole) or len(whole) % 2 or whole.isalpha():
        return ""
    pairs = [whole[place : place + 2] for place in range(0, len(whole), 2)]
    texts = [":".join(pairs), "-".join(pairs), whole] if len(pairs) == 6 else []
    return " ".join([f"search_keys:m{whole[::-1]}*^3", *(f"content:{_quoted(text)}" for text in texts)])


def _phone(typed: Typed) -> str:
    """Whoever has this number, by its end, or by its beginning while it is typed; texts that contain it."""
    digits = typed.phone
    end = digits[-10:]
    texts = [f"{end[:3]} {end[3:6]} {end[6:]}", f"{end[:3]} {end[3:]}", end] if len(end) == 10 else [digits]
    in_texts = " ".join(f"content:{_quoted(text)}" for text in (*texts, " ".join(typed.words)))
    return (
        f"search_keys:p{end[::-1]}*^8 search_keys:{digits}*^4 search_keys:{joined(''.join(typed.words))}^4 {in_texts}"
    )


def _phrase_clause(phrase: str) -> str:
    return _fields(folded(phrase), _ALL)  # in lower case, so that a word is none of Lucene's: AND, OR, NOT


def _fields(text: str, names: Sequence[str], factor: float = 1) -> str:
    term = text if PARTS.fullmatch(text) and not _IDEOGRAPHS.search(text) else _quoted(text)
    return " ".join(f"{name}:{term}^{_BOOST[name] * factor:g}" for name in names)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
