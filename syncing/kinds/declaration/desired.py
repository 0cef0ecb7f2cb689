"""Describes a node as it should be according to Codex; nodes are found by key and compared by fingerprint."""

from collections.abc import Iterable
from hashlib import blake2b

from msgspec import Struct

from syncing.kinds.declaration.documents import DOCUMENT_VERSION
from tree.vocabulary import FOLDER

Links = dict[str, str | list[str] | None]
_VERSION = str(DOCUMENT_VERSION).encode()


class Desired(Struct, kw_only=True, gc=False):
    """A node as it should be.

    ``kind``: the kind of node; ``record``: the name of the ``Kind`` whose record it is made from, empty for a folder.
    ``encoded``: the canonical JSON of that record (see ``records.typed``). ``links``: the key or keys of the related
    nodes, for each property that links to other nodes (``tree.kinds.declaration.link``).
    """

    key: str
    kind: str
    name: str
    fingerprint: str
    record: str = ""
    encoded: bytes = b""
    links: Links = {}
    hint: str = ""  # the suffix that tells namesakes apart in a way people understand
    number: str = ""  # the suffix that always tells them apart


def folder(key: str, name: str) -> Desired:
    """A folder that belongs to a record; only its name and place are compared."""
    return Desired(key=key, kind=FOLDER, name=name, fingerprint="folder", hint="Codex", number="Codex")


def fingerprint(encoded: bytes, links: Iterable[str | list[str] | None] = ()) -> str:
    """A hash that changes when the record, its links or the form of its text change."""
    keys = "".join(one if isinstance(one, str) else "\0" + "\0".join(one) for one in links if one)
    return blake2b(_VERSION + encoded + keys.encode(), digest_size=12).hexdigest()
