"""The start page: what a person was at, what needs them, what changed lately, and the clients by open tickets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.reader import Reader
from knowledgetree.basics.times import moment_of
from tree import queries
from tree.graph.values import Placed
from tree.kinds import NODE_CLASS
from tree.models import Draft, Pin, SeenNode
from tree.pages.finding.pins import pinned
from tree.pages.finding.saved import saved_for
from tree.pages.responses import asks_only_for, author
from tree.proposals import count_open
from tree.vocabulary import COMPANIES_ID

SEEN_ROWS, DRAFT_ROWS = 8, 20
OLD_DRAFT = timedelta(days=1)
CHANGED_WITHIN = timedelta(days=30)  # what others changed longer ago is no news
_OPEN_TICKETS, KEPT_SECONDS = "home:open-tickets", 60  # counting them takes as long as all the rest of the page
_CLIENTS = "companies"  # the id of the part of the page that its filter changes


@dataclass(frozen=True)
class Line:
    """A node in one of the page's blocks, with the moment that its block is about, if any."""

    placed: Placed
    at: datetime | None = None


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The start page, and first steps if the tree is empty; the clients alone while somebody filters them."""
    contains = request.GET.get("company", "")[:100]
    reader = reader_of(request)
    counts = cache.get_or_set(_OPEN_TICKETS, queries.count_open_tickets, KEPT_SECONDS) if reader.tickets else {}
    companies = queries.get_companies(contains=contains, open_tickets=counts, reader=reader)
    context: dict[str, Any] = {"companies": companies, "contains": contains, "companies_id": COMPANIES_ID}
    if asks_only_for(request, _CLIENTS):
        return render(request, "tree/_clients.html", context)
    return render(request, "tree/home.html", context | {"figures": _figures(reader)} | _blocks(request, reader))


def _blocks(request: HttpRequest, reader: Reader) -> dict[str, Any]:
    """The blocks about this person. What they may not read, or is not there, is in none of them."""
    now = timezone.now()
    seen = SeenNode.last(request.user)
    pins, drafts = Pin.of(request.user), _drafts(request)
    found = queries.get_home([*seen, *pins, *drafts], author(request), now - CHANGED_WITHIN, reader=reader)
    known = found.known
    favourites = pinned(pins, known)
    own = [Line(known[uid], at) for uid, at in drafts.items() if uid in known]
    return {
        "seen": [Line(known[uid], at) for uid, at in seen.items() if uid in known][:SEEN_ROWS],
        "pins": favourites,
        "favourites": favourites,  # above the tree; other pages ask for them themselves
        "saved": saved_for(request.user),
        "drafts": own,
        "proposals": count_open(reader) if policy.may_write(request.user) else 0,
        "old_drafts": [line for line in own if line.at and now - line.at > OLD_DRAFT],
        "lately": [Line(placed) for placed in found.lately],
        "changed": [Line(placed) for placed in found.changed if not _has_seen_change(placed, seen)],
    }


def _drafts(request: HttpRequest) -> dict[str, datetime]:
    """When this person's drafts were kept, by the id of the node, the last one first."""
    if not policy.may_write(request.user):
        return {}
    person: Any = request.user
    mine = Draft.objects.filter(user=person).order_by("-saved_at")
    return dict(mine.values_list("node_id", "saved_at")[:DRAFT_ROWS])


def _has_seen_change(placed: Placed, seen: dict[str, datetime]) -> bool:
    at, changed = seen.get(placed.row.uid), moment_of(str(placed.row.fields.get("updated_at") or ""))
    return at is not None and changed is not None and at >= changed


def _figures(reader: Reader) -> list[tuple[int, str, str]]:
    """How many records of each kind there are, the word for them and their list; kinds without any are left out."""
    found = []
    for kind, number in queries.count_records(reader=reader).items():
        if number:
            about = NODE_CLASS[kind].about
            found.append((number, (about.singular if number == 1 else about.plural).lower(), about.slug))
    return found
