"""Records of Codex that were not taken, and why."""

from typing import Any

from msgspec import Struct


class Refused(Struct):
    """A record that was not taken. ``codex_id`` is empty when not even that could be read.

    ``id_is_sound``: the record is that of ``codex_id`` for certain; otherwise it may be any of its list.
    ``raw``: the record as Codex sent it, where it is known. ``is_skipped``: it is sound, but what it would change
    is no longer as it was compared.
    """

    kind: str
    account: str
    codex_id: str
    reason: str
    raw: Any = None
    is_skipped: bool = False
    id_is_sound: bool = False
