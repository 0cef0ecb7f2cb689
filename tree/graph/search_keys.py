"""What a node is found by besides its texts: ``search_keys``, and ``search_scope``, by which searches are narrowed.

Both are made here for every kind, from what the kind declares: the fields that are searched, by their sorts. Whoever
writes a node of the tree or the record of a file writes them with it. They are folded words, separated by blanks:

    a name        its words; those with separators, digits or capitals within also joined and in parts
    a phone       all digits, the last ten, and ``p`` with all digits backwards, so that any ending is a beginning
    an IP         as it is written, and ``i`` with its hexadecimal digits, in which networks and ranges are ranges
    a MAC         its hexadecimal digits, and ``m`` with them backwards
    an e-mail     as it is written, and the parts before the @

``search_scope``: ``k`` and the kind, ``a`` and a hash of the account number, ``s`` and the status, ``d`` and the day
of the last change, ``b`` and who wrote it. Folders and cards of records, which nobody looks for, have neither.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from tree.graph.folding import PARTS, folded, joined, split
from tree.graph.values import is_open
from tree.kinds import NODE_CLASS, Folder, Note, Ticket
from tree.kinds.declaration.fields import Sort
from tree.vocabulary import ORIGIN_CODEX, ORIGIN_STAFF

KEYS, SCOPE = "search_keys", "search_scope"
ANYBODYS = "a0"  # of what has no account number; only its path says which client it belongs to
FILE = "File"
MOST_CHARACTERS = 16_000  # of a text that is looked at for words with separators, which long notes repeat
_PLAIN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_HEX = r"[0-9A-Fa-f]"
_MAC = re.compile(
    rf"(?<![\w:-])(?:{_HEX}{{2}}(?::{_HEX}{{2}}){{5}}|{_HEX}{{2}}(?:-{_HEX}{{2}}){{5}}"
    rf"|{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}|{_HEX}{{12}})(?![\w:-])"
)
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:])")
_OF_PARTS = (Folder.kind(), Note.kind())
_EDGES = "\"'`*_~()[]{}<>|,;:!?."


def search_properties(kind: str, properties: Mapping[str, Any]) -> dict[str, str | None]:
    """``search_keys`` and ``search_scope`` of a node of this kind with these properties, or of a ``File``.

    None for what has none, as a property of the graph is removed.
    """
    return {KEYS: search_keys(kind, properties) or None, SCOPE: search_scope(kind, properties) or None}


def search_keys(kind: str, properties: Mapping[str, Any]) -> str:
    """The keys in their order, each once."""
    if properties.get("origin") == "system" or _is_part(kind, properties):
        return ""
    words: list[str] = []
    for name, keys in _FIELDS[kind]:
        value = properties.get(name)
        if value:
            for one in value if isinstance(value, list) else (value,):
                words += keys(str(one))
    if properties.get("origin") == ORIGIN_STAFF and (text := properties.get("content")):
        words += _text_keys(text[:MOST_CHARACTERS])
    return " ".join(dict.fromkeys(words))


def search_scope(kind: str, properties: Mapping[str, Any]) -> str:
    """The marks by which searches are narrowed, separated by blanks."""
    value = properties.get
    if kind == FILE:
        return f"kfile {ANYBODYS}"
    if _is_part(kind, properties):
        return ""
    account = value("account_number")
    marks = [f"k{kind.lower()}", account_mark(account) if account else ANYBODYS]
    if kind == Ticket.kind():
        marks.append("sopen" if is_open(properties) else "sclosed")
        marks += _status_marks(str(value("status") or ""))
        marks += _writer_marks(str(value("requester_name") or ""))
    elif value("origin") != ORIGIN_CODEX:
        marks += dict.fromkeys(mark for who in ("created_by", "updated_by") for mark in _writer_marks(value(who) or ""))
    if changed := value(NODE_CLASS[kind].about.changed or ""):
        marks.append(f"d{str(changed)[:10].replace('-', '')}")
    return " ".join(marks)


@lru_cache(maxsize=1024)
def account_mark(account: str) -> str:
    """The mark of a client's records in ``search_scope``. Two clients may share one: compare accounts, too."""
    return f"a{blake2b(account.encode(), digest_size=4).hexdigest()}"  # short, because every record has it


@lru_cache(maxsize=1024)
def _status_marks(status: str) -> tuple[str, ...]:
    words = joined(status)
    return (f"s{words}",) if words not in ("", "open", "closed") else ()  # these two say what is so, not a word


@lru_cache(maxsize=8192)
def _writer_marks(name: str) -> tuple[str, ...]:
    return tuple(f"b{word}" for word in PARTS.findall(folded(name)))


def _is_part(kind: str, properties: Mapping[str, Any]) -> bool:
    """Whether it is a folder or card that belongs to a record, which is what people look for."""
    return kind in _OF_PARTS and properties.get("origin") == ORIGIN_CODEX and bool(properties.get("codex_key"))


def _name_keys(value: str) -> list[str]:
    return [key for word in value.removesuffix(".md").split() for key in _word_keys(word)]


@lru_cache(maxsize=8192)
def _word_keys(word: str) -> tuple[str, ...]:
    """Remembered, because the subjects of tickets have the same words again and again."""
    return (word.lower(),) if _PLAIN.fullmatch(word) else (folded(word), *_parts(word))


def _parts(word: str) -> list[str]:
    """The parts of a word, and the word without what separates them."""
    parts, separated = split(word), PARTS.findall(folded(word))
    return separated if len(parts) < 2 else [*separated, "".join(parts), *parts]


def _code_keys(value: str) -> Iterator[str]:
    if _PLAIN.fullmatch(value):
        yield value.lower()
        return
    yield folded(value)
    yield joined(value)
    for word in value.split():
        yield from _parts(word)


def _email_keys(value: str) -> Iterator[str]:
    yield folded(value)
    local = value.partition("@")[0]
    yield folded(local)
    yield from _parts(local)


def phone_digits(value: str) -> str:
    """The digits of a phone number without an extension and without the zeros that are dialled before it."""
    return "".join(filter(str.isdecimal, _EXTENSION.split(value.lower())[0])).lstrip("0")


_EXTENSION = re.compile(r"[a-z#;]")


def _phone_keys(value: str) -> Iterator[str]:
    digits = phone_digits(value)
    if digits:
        yield digits
        yield digits[-10:]
        yield f"p{digits[::-1]}"


def _ip_keys(value: str) -> Iterator[str]:
    yield folded(value)
    try:
        yield address_key(ip_address(value.strip()))
    except ValueError:
        return


def address_key(address: IPv4Address | IPv6Address) -> str:
    """The key in which addresses of one network follow each other."""
    return f"i{int(address):0{8 if address.version == 4 else 32}x}"


def _text_keys(text: str) -> Iterator[str]:
    for found in _MAC.findall(text):
        digits = joined(found)
        yield digits
        yield f"m{digits[::-1]}"
    for found in _ADDRESS.findall(text):
        yield from _ip_keys(found)
    for chunk in text.split():
        word = chunk.strip(_EDGES)
        if word and not _PLAIN.fullmatch(word):
            yield from _parts(word)
            if not word.isascii():
                yield folded(word)


_KEYS_OF: dict[Sort, Callable[[str], Iterable[str]]] = {
    Sort.TEXT: _name_keys,
    Sort.CODE: _code_keys,
    Sort.EMAIL: _email_keys,
    Sort.PHONE: _phone_keys,
    Sort.IP: _ip_keys,
}


def _keys_of(sort: Sort, *, is_own: bool) -> Callable[[str], Iterable[str]]:
    """How keys are made of a field. Values that many records share, such as account numbers, are remembered."""
    keys = _KEYS_OF.get(sort, _name_keys)
    return keys if is_own else lru_cache(maxsize=8192)(lambda value: tuple(keys(value)))


_FIELDS: dict[str, tuple[tuple[str, Callable[[str], Iterable[str]]], ...]] = {
    kind: tuple(
        (name, _keys_of(field.sort, is_own=name in ("name", node_class.about.called)))
        for name, field in node_class.fields().items()
        if field.searched and name != "content" and not (name == "name" and node_class.about.called)
    )
    for kind, node_class in NODE_CLASS.items()
} | {FILE: (("original_filename", _name_keys),)}
KEY_SOURCES = frozenset(  # the properties of synced nodes that their keys are made of
    {name for fields in _FIELDS.values() for name, _ in fields}
    | {node_class.about.changed for node_class in NODE_CLASS.values() if node_class.about.changed}
    | {"origin", "codex_key", "account_number", "status", "closed_at", "requester_name", "created_by", "updated_by"}
)
