"""Reads what is typed into the search box: words, "phrases", phone numbers, networks, filters such as ``client:``."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from tree.graph.folding import PARTS, folded, joined
from tree.graph.search_keys import phone_digits

MAX_CHARACTERS = 300
MAX_WORDS = 12
FILTERS = ("client", "kind", "status", "since", "by")
_TOKEN = re.compile(r'(?:(\w{2,8}):)?"([^"]*)"|(\S+)')
_FILTER = re.compile(r"(client|kind|status|since|by):(.*)", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,30}")
_EXTENSION = re.compile(r"(?:extension|ext|x|#)[.=]?\s{0,3}\d{1,6}(?=\s|$)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:ticket\s{0,3})?#\s{0,3}(\w{1,30})", re.IGNORECASE)
_STAR = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,2})\.(?:\*|\.?$)?(?:\.\*)*")
_RANGE = re.compile(r"([0-9a-fA-F.:]{3,45})\s*(?:-|–|\.\.+)\s*([0-9a-fA-F.:]{1,45})")
_AGO = re.compile(r"(\d{1,4})\s*([dwmy])", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Typed:
    """What somebody typed. ``words`` include those of ``phone`` and ``network``, which are read from all of them.

    ``phone``: digits; ``network``: its first and last address; ``number``: of a ticket, typed with ``#``.
    ``filters``: the values by filter; ``since``: the day of ``since:`` as ``20260131``. ``faults``: in words, what of
    the filters cannot be understood.
    """

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    phone: str = ""
    network: tuple[Address, Address] | None = None
    number: str = ""
    filters: dict[str, list[str]] = field(default_factory=dict)
    since: str = ""
    faults: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phrases or self.filters)

    @property
    def has_words(self) -> bool:
        return bool(self.words or self.phrases)

    @cached_property
    def to_mark(self) -> list[str]:
        """The words to mark in results, folded."""
        return PARTS.findall(folded(" ".join((*self.phrases, *self.words))))[: 2 * MAX_WORDS]


def read_typed(typed: str) -> Typed:
    """Any text is accepted: what is no filter, phrase or network is words."""
    text = _clean(typed)
    words, phrases, rest = [], [], []
    filters: dict[str, list[str]] = {}
    for name, quoted, plain in _TOKEN.findall(text):
        found = _FILTER.fullmatch(plain)
        if name.lower() in FILTERS:
            filters.setdefault(name.lower(), []).append(quoted)
        elif found and found[2]:
            filters.setdefault(found[1].lower(), []).append(found[2])
        elif quoted or name:
            phrases += [quoted] if PARTS.search(folded(quoted)) else []
            words += [name] if name else []
        else:
            words.append(plain)
            rest.append(plain)
    whole = "" if phrases else " ".join(rest)
    since, faults = _since(filters.get("since", []))
    return Typed(
        text=text,
        words=tuple(word for word in words if PARTS.search(folded(word)))[:MAX_WORDS],
        phrases=tuple(phrases)[:MAX_WORDS],
        phone=_phone(whole),
        network=_network(whole),
        number=_number(whole),
        filters={name: values[:MAX_WORDS] for name, values in filters.items()},
        since=since,
        faults=tuple(faults),
    )


def _clean(typed: str) -> str:
    return "".join(c if c.isprintable() else " " if not _is_unseen(c) else "" for c in typed[:MAX_CHARACTERS]).strip()


def _is_unseen(character: str) -> bool:
    """Marks of direction and joiners stand within words; anything else that cannot be seen separates them."""
    return "\u200b" <= character <= "\u200f" or "\u202a" <= character <= "\u202e" or "\u2060" <= character <= "\u2069"


def _phone(text: str) -> str:
    """The digits without country's and trunk zeros; empty if it is no phone number. An extension does not count."""
    number = _EXTENSION.sub("", text).strip().rstrip(";").strip()
    digits = phone_digits(number)
    is_address = number.count(".") == 3 and _address(number) is not None
    return digits if _PHONE.fullmatch(number) and 7 <= len(digits) <= 15 and not is_address else ""


def _number(text: str) -> str:
    found = _NUMBER.fullmatch(text.strip())
    return joined(found[1]) if found else ""


def _network(text: str) -> tuple[Address, Address] | None:
    text = text.strip()
    return _of_range(text) or _of_star(text) or _of_mask(text)


def _of_mask(text: str) -> tuple[Address, Address] | None:
    if "/" not in text:
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network[0], network[-1]


def _of_star(text: str) -> tuple[Address, Address] | None:
    """``10.0.3.*``, ``10.0.3.`` and ``10.0.3``; two numbers alone may be anything."""
    found = _STAR.fullmatch(text if text.count(".") != 2 or text.endswith((".", "*")) else f"{text}.")
    if not found or not (text.endswith((".", "*")) or text.count(".") == 2):
        return None
    parts = found[1].split(".")
    missing = 4 - len(parts)
    first, last = (_address(".".join([*parts, *[end] * missing])) for end in ("0", "255"))
    return (first, last) if first and last else None


def _of_range(text: str) -> tuple[Address, Address] | None:
    found = _RANGE.fullmatch(text)
    if not found or (first := _address(found[1])) is None:
        return None
    end = found[2] if "." in found[2] or ":" in found[2] else f"{found[1].rpartition('.')[0]}.{found[2]}"
    last = _address(end)
    return (first, last) if last and last.version == first.version and int(last) >= int(first) else None


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _since(values: list[str]) -> tuple[str, list[str]]:
    if not values:
        return "", []
    text = values[-1].strip()
    if found := _AGO.fullmatch(text):
        with suppress(OverflowError):  # before the year 1
            day = datetime.now(UTC) - timedelta(days=int(found[1]) * _DAYS[found[2].lower()])
            return f"{day.year:04}{day:%m%d}", []
    digits = "".join(PARTS.findall(text))
    if digits.isascii() and digits.isdecimal() and len(digits) in (4, 6, 8):
        return digits.ljust(8, "0"), []
    return "", [f"“{text}” is no time: since: takes a day (2026-01-31), a month, a year, or 7d, 2w, 6m."]
