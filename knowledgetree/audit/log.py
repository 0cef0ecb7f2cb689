"""Records what is done. Within a request, entries are collected and written with one INSERT after the response.

A failure to write is logged as an error, with the entries, and disturbs nothing else: the log is in the SQL database,
and while that is down, people can neither log in nor use a token.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import Error
from django.forms import model_to_dict
from django.http import HttpRequest
from django.utils import timezone

from knowledgetree.accounts.acting import Acting, now_acting, of_request, stated
from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entry
from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.savepoints import savepoint

NODES_AN_ENTRY = 1000  # what is about more nodes becomes several entries
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Client:
    """A company. ``account``: its account number."""

    account: str
    name: str = ""


@dataclass
class Noted:
    """What a view showed of one company, or of none."""

    nodes: dict[str, None] = field(default_factory=dict)
    detail: str = ""


@dataclass
class Trail:
    """What happens in one request. ``noted``: what its view showed, by company."""

    request: HttpRequest
    entries: list[Entry] = field(default_factory=list)
    noted: dict[Client | None, Noted] = field(default_factory=dict)

    def note(self, nodes: Iterable[str], company: Client | None = None, detail: str = "") -> None:
        """See ``note`` of this module."""
        noted = self.noted.setdefault(company, Noted())
        noted.nodes.update(dict.fromkeys(nodes))
        noted.detail = noted.detail or detail


_trail: ContextVar[Trail | None] = ContextVar("audit_trail", default=None)


def record(
    action: Action,
    *,
    nodes: Iterable[str] = (),
    company: Client | None = None,
    detail: str = "",
    who: Acting | None = None,
) -> None:
    """Put an entry into the log: somebody has done this. Never raises because of the SQL database.

    ``nodes``: the ids of all nodes that it is about. ``detail``: a name or number for people; no secret, and no text of
    a note. ``who``: for somebody else than who acts at this moment.
    """
    trail = _trail.get()
    who = who or stated()
    entries = list(_entries(action, nodes, company, detail))
    for entry in entries:
        if who or not trail:
            _sign(entry, who or now_acting())
    if trail is None:
        _write(entries)
    else:
        trail.entries += entries


def note(nodes: Iterable[str], company: Client | None = None, detail: str = "") -> None:
    """Note that the response of the present request contains these nodes; its route says what that is called.

    Nothing happens outside of requests, and for routes whose reading is not recorded.
    """
    if trail := _trail.get():
        trail.note(nodes, company, detail)


@contextmanager
def noting() -> Iterator[dict[Client | None, Noted]]:
    """Collect what is noted within, by company, for whoever records it instead of the response as a whole."""
    outer = _trail.get()
    trail = Trail(outer.request if outer else HttpRequest())
    token = _trail.set(trail)
    try:
        yield trail.noted
    finally:
        _trail.reset(token)
        if outer:
            outer.entries += trail.entries
        elif trail.entries:
            for entry in trail.entries:
                _sign(entry, now_acting())
            _write(trail.entries)


def present_trail() -> Trail | None:
    """That of the present request, for a response that goes on showing nodes while it is sent."""
    return _trail.get()


def begin(request: HttpRequest) -> tuple[Trail, object]:
    """Collect what happens from now on in this thread. Returns the trail and what ``end`` needs."""
    trail = Trail(request)
    return trail, _trail.set(trail)


def end(token: object) -> None:
    _trail.reset(token)  # type: ignore[arg-type]


def write(trail: Trail, seen: Action | None) -> None:
    """Write what was collected. ``seen``: what it is called that the view showed what it noted."""
    entries = trail.entries
    if seen is not None:
        for company, noted in trail.noted.items():
            entries = [*entries, *_entries(seen, noted.nodes, company, noted.detail)]
    if not entries:
        return
    acting: Acting | None = None
    request = trail.request
    for entry in entries:
        if not entry.way:
            acting = acting or of_request(request)
            _sign(entry, acting)
        entry.address = str(request.META.get("REMOTE_ADDR", ""))[:45]
        entry.request_id = getattr(request, "request_id", "")[:64]
    _write(entries)


def _entries(action: Action, nodes: Iterable[str], company: Client | None, detail: str) -> Iterator[Entry]:
    now = timezone.now()
    for some in list(in_batches(nodes, NODES_AN_ENTRY)) or [[]]:
        yield Entry(
            at=now,
            action=action.value,
            nodes=list(some),
            company=company.account[:255] if company else "",
            company_name=company.name[:255] if company else "",
            detail=detail[:300],
        )


def _sign(entry: Entry, acting: Acting) -> None:
    entry.who, entry.account_id, entry.way = acting.name, acting.account_id, acting.way.value
    entry.through = acting.through[:255]


def _write(entries: list[Entry]) -> None:
    try:
        with savepoint():
            if len(entries) == 1:
                entries[0].save()  # one statement, without a transaction around it
            else:
                Entry.objects.bulk_create(entries)
    except Error as error:
        for entry in entries:
            lost = json.dumps(model_to_dict(entry, exclude=["id"]) | {"at": entry.at.isoformat()})
            _logger.error("Not written to the audit log (%s): %s", type(error).__name__, lost)
