"""Orders what an index has found: a field that is exactly what was typed, then names, then other fields, then texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import ip_address
from typing import Any

from tree.graph.folding import PARTS, folded, joined
from tree.graph.search_keys import phone_digits
from tree.kinds import NODE_CLASS, Asset, Company, User
from tree.kinds.declaration.fields import Field, Sort
from tree.search.typed import Typed

_IDENTIFYING = {Sort.CODE, Sort.EMAIL, Sort.IP, Sort.NUMBER}
_LAST_DIGITS = 10
_NOT_ANOTHERS = {"account_number", "last_logged_in_user", "requester_email", "ext_ip_address"}  # said by many records


class Tier(IntEnum):
    """How well a node fits; lower is better."""

    EXACT = 0  # a number, an address or the name is what was typed
    NAME = 1  # all words stand in the name
    BEGINNING = 2  # all words, or their beginnings or parts, stand in the name, or the digits end a phone number
    FIELD = 3
    TEXT = 4


@dataclass(frozen=True)
class Candidate:
    """A node that an index has found. ``properties`` are all but its texts; ``file`` is the name of a file that hit."""

    uid: str
    kind: str
    score: float
    properties: Mapping[str, Any]
    file: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        called = NODE_CLASS[self.kind].about.called
        return str(self.properties.get(called) or self.properties.get("name") or "").removesuffix(".md")


def ranked(candidates: list[Candidate], typed: Typed) -> list[tuple[Tier, Candidate]]:
    """The candidates with their tiers, best first."""
    asked = _Asked(typed)
    order = [(tier_of(candidate, asked), candidate) for candidate in candidates]
    return sorted(order, key=lambda pair: _key(pair[0], pair[1], asked))


class _Asked:
    """The forms of what was typed that candidates are compared with."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.words = PARTS.findall(folded(" ".join((*typed.phrases, *typed.words))))
        self.plain = " ".join(self.words)
        self.whole = "".join(self.words)
        self.spelled = self.whole.replace("ae", "a").replace("oe", "o").replace("ue", "u")
        self.phone = typed.phone[-_LAST_DIGITS:]


def tier_of(candidate: Candidate, asked: "_Asked") -> Tier:
    """How well this node fits."""
    if asked.typed.network is not None or not asked.words:
        return Tier.EXACT
    if asked.typed.number:
        return Tier.EXACT if joined(_text(candidate, "ticket_number")) == asked.typed.number else Tier.FIELD
    return Tier.EXACT if _is_exact(candidate, asked) else _by_words(candidate, asked)


def _by_words(candidate: Candidate, asked: "_Asked") -> Tier:
    names = [candidate.name, candidate.file]
    found = [PARTS.findall(folded(name)) for name in names if name]
    if any(set(asked.words) <= set(words) for words in found):
        return Tier.NAME
    if any(_begins(asked.words, words) for words in found) or any(asked.whole in joined(name) for name in names):
        return Tier.BEGINNING
    if _is_end_of_phone(candidate, asked.whole):
        return Tier.BEGINNING
    fields = [word for _, _, value in values(candidate) for word in PARTS.findall(folded(value))]
    return Tier.FIELD if _begins(asked.words, fields) else Tier.TEXT


def values(candidate: Candidate) -> Iterator[tuple[str, Field, str]]:
    """Each value of a searched field, with the name and declaration of the field."""
    for name, field in NODE_CLASS[candidate.kind].fields().items():
        value = candidate.properties.get(name) if field.searched and name != "content" else None
        for one in value if isinstance(value, list) else [value] if value else []:
            yield name, field, str(one)


def is_same_phone(value: str, phone: str) -> bool:
    """Whether a stored phone number is the one with these digits."""
    digits = phone_digits(value)
    return bool(phone) and (digits.endswith(phone) or (len(digits) >= 7 and phone.endswith(digits)))


def _is_exact(candidate: Candidate, asked: _Asked) -> bool:
    name = joined(candidate.name)
    if asked.whole in (name, joined(candidate.file)) or (asked.spelled == _spelled(name)):
        return True
    others = _NOT_ANOTHERS - {"account_number"} if candidate.kind == _CLIENT else _NOT_ANOTHERS
    for property_name, field, value in values(candidate):
        if field.sort is Sort.PHONE and is_same_phone(value, asked.phone):
            return True
        if field.sort not in _IDENTIFYING or property_name in others:
            continue
        if joined(value) == asked.whole or (field.sort is Sort.IP and _same_address(value, asked.typed.text)):
            return True
    return False


def _same_address(value: str, typed: str) -> bool:
    try:
        return ip_address(value) == ip_address(typed)
    except ValueError:
        return False


def _spelled(name: str) -> str:
    return name.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _begins(typed: list[str], words: list[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in typed)


def _is_end_of_phone(candidate: Candidate, digits: str) -> bool:
    return (
        len(digits) >= 4
        and digits.isdecimal()
        and any(
            field.sort is Sort.PHONE and phone_digits(value).endswith(digits) for _, field, value in values(candidate)
        )
    )


def _key(tier: Tier, candidate: Candidate, asked: _Asked) -> tuple[Any, ...]:
    is_archived = candidate.properties.get("archived_at") is not None
    weight = NODE_CLASS[candidate.kind].about.weight
    if tier is Tier.TEXT:
        likeness = _likeness(candidate, asked)
        if likeness > _ALIKE:
            return (Tier.FIELD, is_archived, -likeness, -candidate.score * weight, candidate.uid)
    if tier > Tier.EXACT and candidate.kind in _BEFORE_NAMES and joined(candidate.name).startswith(asked.whole):
        return (_BEFORE_NAMES[candidate.kind], is_archived, 0.0, -candidate.score, candidate.uid)
    return (tier, is_archived, 0.0, -candidate.score * weight, candidate.uid)


_CLIENT = Company.kind()
_BEFORE_NAMES = {_CLIENT: 0.5, User.kind(): 0.6, Asset.kind(): 0.6}  # tiers of those whose names begin so
_ALIKE = 70.0  # per cent; less alike than this is a chance


def _likeness(candidate: Candidate, asked: _Asked) -> float:
    """How alike the name is to what was typed, in per cent, words in any order."""
    from rapidfuzz import fuzz  # imported here because commands and workers that do not search start faster
    from rapidfuzz.distance import OSA

    best = 0.0
    for name in filter(None, (candidate.name, candidate.file)):
        plain = " ".join(PARTS.findall(folded(name)))
        best = max(
            best,
            100 * OSA.normalized_similarity(asked.whole, plain.replace(" ", "")),
            fuzz.token_sort_ratio(asked.plain, plain) - 0.1,
        )
    return best


def _text(candidate: Candidate, name: str) -> str:
    return str(candidate.properties.get(name) or "")
