"""A node as Codex wants it: found by its key, compared by its fingerprint."""

from collections.abc import Iterable
from hashlib import blake2b

from msgspec import Struct

from syncing.kinds.documents import DOCUMENT_VERSION
from tree.vocabulary import FOLDER

Links = dict[str, str | list[str] | None]
_VERSION = str(DOCUMENT_VERSION).encode()


class Desired(Struct, kw_only=True, gc=False):
    """A node as it should be.

    ``kind``: the kind of node; ``record``: the name of the ``Kind`` whose record it is made from, empty for a folder.
    ``encoded``: the canonical JSON of that record (see ``records.typed``). ``links``: for each property that relates
    the node to others (``tree.kinds.links``) their key, or keys.
    """

    key: str
    kind: str
    name: str
    fingerprint: str
    record: str = ""
    encoded: bytes = b""
    links: Links = {}
    hint: str = ""  # what tells namesakes apart, for people
    number: str = ""  # what tells them apart for certain


def folder(key: str, name: str) -> Desired:
    """A folder that a record has; there is nothing in it to compare but its name and place."""
    return Desired(key=key, kind=FOLDER, name=name, fingerprint="folder", hint="Codex", number="Codex")


def fingerprint(encoded: bytes, links: Iterable[str | list[str] | None] = ()) -> str:
    """Changes when the record, what it is linked to, or the form of its text changes."""
    digest = blake2b(_VERSION, digest_size=12)
    digest.update(encoded)
    for keys in links:
        if isinstance(keys, str):
            digest.update(keys.encode())
        for key in keys if isinstance(keys, list) else ():
            digest.update(b"\0")
            digest.update(key.encode())
    return digest.hexdigest()
