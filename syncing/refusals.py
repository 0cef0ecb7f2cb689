"""Records of Codex that were not taken, and why."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from knowledgetree.basics.mismatches import Misfit

COMPANY, TICKET = "Company", "Ticket"  # what is refused while Codex is read, before the kinds are known


class Fault(StrEnum):
    """Why something was not taken. The values stand in SQL rows and in identities of quarantined records: keep them."""

    # A field of a record, or the whole of it, is not as the API promises.
    MISSING = Misfit.MISSING
    UNKNOWN_FIELD = Misfit.UNKNOWN_FIELD
    EMPTY = Misfit.EMPTY
    NOT_AN_OBJECT = Misfit.NOT_AN_OBJECT
    NAME_NOT_TEXT = Misfit.NAME_NOT_TEXT
    WRONG_TYPE = Misfit.WRONG_TYPE
    TOO_SHORT = Misfit.TOO_SHORT
    TOO_LONG = Misfit.TOO_LONG
    OUT_OF_RANGE = Misfit.OUT_OF_RANGE
    OTHER = Misfit.OTHER
    NOT_UNICODE = "not_unicode"

    # Codex's lists are not sound.
    LISTED_TWICE = "listed_twice"
    LIST_UNREADABLE = "list_unreadable"
    LIST_MISSING = "list_missing"
    COMPANIES_MISSING = "companies_missing"  # the answer with all lists leaves companies out
    COMPANY_UNKNOWN = "company_unknown"  # to Codex itself
    NO_COMPANY = "no_company"

    # The tree has no place for it yet.
    COMPANY_NOT_IN_TREE = "company_not_in_tree"
    COMPANY_ARCHIVED = "company_archived"
    FOLDER_NOT_IN_TREE = "folder_not_in_tree"

    # Nothing is wrong with the record; its node, or one around it, is not as it was expected.
    COMPANY_PAUSED = "company_paused"
    NAME_TAKEN = "name_taken"
    CHANGED_SINCE = "changed_since"
    PLACE_GONE = "place_gone"
    TIED_TO_WHAT_STAYS = "tied_to_what_stays"


class Refused(Struct):
    """A record that was not taken. ``codex_id`` is empty when not even that could be read.

    ``fault`` and ``field`` (a path like ``notes[0].body``, empty when none is at fault) say what is wrong, for whatever
    is decided by it; ``reason`` is the sentence for people, and only that.
    ``id_is_sound``: the record is that of ``codex_id`` for certain; otherwise it may be any of its list.
    ``raw``: the record as Codex sent it, where it is known. ``is_skipped``: it is sound, but what it would change
    is no longer as it was compared.
    """

    kind: str
    account: str
    codex_id: str
    fault: Fault
    reason: str
    field: str = ""
    raw: Any = None
    is_skipped: bool = False
    id_is_sound: bool = False
