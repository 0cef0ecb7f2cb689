"""The page of search results."""

from collections.abc import Mapping
from contextlib import suppress

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.address_forms import PageForm, choice_field, text_field
from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree import queries
from tree.graph.values import Client, Hits
from tree.kinds import KINDS
from tree.models import MissedSearch
from tree.pages.finding.saved import saved_for
from tree.search.snippets import marked, snippet
from tree.search.typed import Typed, read_typed

SEARCH_ROWS = 25
SHOWN_CLIENTS = 8
_ON = ("1", "true", "on", "yes")


class SearchForm(PageForm):
    """The filters and page number of a search."""

    kind = choice_field(KINDS)
    company = text_field()


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search results with filters, 25 per page."""
    query = request.GET.get("q", "")
    typed = read_typed(query)
    asked = SearchForm(request.GET).given()
    kind, company, number = asked["kind"], asked["company"], asked["page"]
    archived, everywhere = (request.GET.get(name, "") in _ON for name in ("archived", "everywhere"))
    reader = reader_of(request)
    hits = queries.search(
        query,
        kind=kind, company=company, archived=archived, reader=reader, everywhere=everywhere, facets=True,
        skip=(number - 1) * SEARCH_ROWS, limit=SEARCH_ROWS,
    )  # fmt: skip
    if not (hits.hits or hits.waiting or hits.faults or kind or company) and number == 1 and reader == EVERYTHING:
        _note_missed(request, typed)
    filters = {
        "company": company,
        "archived": "1" if archived else "",
        "everywhere": "1" if everywhere else "",
    }
    return render(
        request,
        "tree/search.html",
        {
            "query": query[:300].replace("\0", ""),
            "results": [(h, marked(h.row.title, typed), snippet(h, typed)) for h in hits.hits],
            "hits": hits,
            "total": sum(hits.kinds.values()),
            "kinds": [(k, hits.kinds[k]) for k in KINDS if k in hits.kinds],
            "kind": kind,
            "archived": archived,
            "company": queries.find_name(company, reader=reader) if company else None,
            "clients": _clients(hits.accounts, reader) if not company else [],
            "statuses": _statuses(typed, query, hits),
            "meant": hits.hits[0].row.title if hits.is_similar and hits.hits else "",
            "filters": {name: value for name, value in filters.items() if value},
            "page": number,
            "saved": saved_for(request.user, ""),
        },
    )


def _clients(accounts: Mapping[str, int], reader: Reader) -> list[tuple[Client, int]]:
    """The clients with most hits, if there are several."""
    if len(accounts) < 2:
        return []
    most = sorted(accounts, key=lambda account: (-accounts[account], account))[:SHOWN_CLIENTS]
    names = queries.clients_of(most, reader=reader)
    return [(names[account], accounts[account]) for account in most if account in names]


def _statuses(typed: Typed, query: str, hits: Hits) -> list[tuple[str, int, str]]:
    """Open and closed tickets with their numbers and the query for them, if both are among the hits."""
    if len(hits.statuses) < 2 or "status" in typed.filters:
        return []
    return [(status, hits.statuses[status], f"{query.strip()} status:{status}") for status in ("open", "closed")]


def _note_missed(request: HttpRequest, typed: Typed) -> None:
    """A full disk or a locked table must not cost the page."""
    if not policy.is_viewing(request.user) and typed.has_words:
        with suppress(DatabaseError), transaction.atomic():
            MissedSearch.note(typed.text)
