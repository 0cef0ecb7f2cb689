"""Describes records of Codex that a run refused or skipped, and why."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from knowledgetree.basics.mismatches import Misfit

COMPANY, TICKET = "Company", "Ticket"  # names for refusals while Codex is read, where the kinds are unknown


class Fault(StrEnum):
    """The reason of a refusal. SQL rows and identities of quarantined records contain the values, so keep them."""

    # A field of a record, or the whole record, does not match the API.
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

    # A list of Codex is invalid.
    LISTED_TWICE = "listed_twice"
    LIST_UNREADABLE = "list_unreadable"
    LIST_MISSING = "list_missing"
    COMPANIES_MISSING = "companies_missing"  # the bulk response leaves companies out
    COMPANY_UNKNOWN = "company_unknown"  # to Codex itself
    NO_COMPANY = "no_company"

    # The tree has no place for the record yet.
    COMPANY_NOT_IN_TREE = "company_not_in_tree"
    COMPANY_ARCHIVED = "company_archived"
    FOLDER_NOT_IN_TREE = "folder_not_in_tree"

    # The record is valid, but its node or a related node is not in the expected state.
    COMPANY_PAUSED = "company_paused"
    NAME_TAKEN = "name_taken"
    CHANGED_SINCE = "changed_since"
    PLACE_GONE = "place_gone"
    TIED_TO_WHAT_STAYS = "tied_to_what_stays"


class Refused(Struct):
    """A record that was refused or skipped. ``codex_id`` is empty if it could not be read.

    ``fault`` and ``field`` (a path like ``notes[0].body``, empty if no field is at fault) tell programs what is wrong;
    ``reason`` is a sentence for people only. ``id_is_sound``: the id is certain; otherwise the record may be any of its
    list. ``raw``: the record as Codex sent it, if known. ``is_skipped``: the record is valid, but the graph was not in
    the state that it needs.
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
