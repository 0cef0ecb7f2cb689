"""The search of the API v1: the same words, the same order as on the page."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.problems import RETRY_AFTER_SECONDS
from tree import queries
from tree.api.compliance import Disclosure
from tree.api.sizes import summary
from tree.api.v1 import cursors, schemas
from tree.api.v1.answers import page_answer
from tree.api.v1.errors import Problem, wrong
from tree.api.v1.parameters import Archived, Cursor, limit_of
from tree.api.v1.records import PageAddresses, crumb_record, row_record
from tree.graph.values import Crumb, Row
from tree.kinds import KINDS
from tree.queries.fulltext import SEARCH_DEPTH

router = Router(tags=["Search"])
Typed = Annotated[
    str, Query(max_length=1000, description="What people type: words, a phone number, status:open …", examples=["vpn"])
]
Kind = Annotated[
    str, Query(pattern=f"^({'|'.join(KINDS)})?$", description="Only of this kind.", examples=["", *KINDS[:1]])
]
Below = Annotated[str, Query(max_length=300, description="The id of a node: only below it.", examples=[""])]
Everywhere = Annotated[bool, Query(description="A client's name among the words does not narrow the search to it.")]


@router.get("/search", url_name="search", response=schemas.Found, summary="Search")
def search(
    request: HttpRequest,
    q: Typed,
    kind: Kind = "",
    below: Below = "",
    archived: Archived = False,
    everywhere: Everywhere = False,
    limit: limit_of(100, 25) = 25,  # type: ignore[valid-type]
    cursor: Cursor = "",
) -> HttpResponse:
    """The nodes that have what was typed, the best first; a file counts for its node. Facets count the best hits."""
    purpose = f"search {q}\0{kind}\0{below}\0{archived}\0{everywhere}"
    skip = cursors.place(purpose, cursor) or 0
    hits = queries.search(
        q,
        kind=kind, company=below, archived=archived, reader=reader_of(request),
        everywhere=everywhere, facets=True, skip=skip, limit=limit,
    )  # fmt: skip
    if hits.waiting:
        why = f"The search index of {hits.waiting} is not ready yet: a first sync makes it at its end. Try again then."
        raise Problem(503, why, headers={"Retry-After": RETRY_AFTER_SECONDS})
    if hits.faults:
        raise wrong("q", " ".join(hits.faults))
    nodes: list[Crumb | Row] = [*(crumb for hit in hits.hits for crumb in hit.path), *(hit.row for hit in hits.hits)]
    known = Disclosure.of(request, nodes)
    page = PageAddresses.seen_by(request)
    items = [
        row_record(
            hit.row,
            hit.path,
            known,
            page,
            path=[crumb_record(crumb) for crumb in hit.path],
            summary=summary(hit.text),
            file=hit.file,
        )
        for hit in hits.hits
        if not known.hides((*hit.path, hit.row))
    ]
    after = skip + limit
    return page_answer(
        request,
        items,
        cursors.written(purpose, after) if hits.has_more and after < SEARCH_DEPTH else None,
        facets={"kinds": hits.kinds, "accounts": _known(hits.accounts), "statuses": hits.statuses},
        is_similar=hits.is_similar,
        is_capped=hits.is_capped,
        clients=[{"id": client.uid, "name": client.name, "account": client.account} for client in hits.clients],
    )


def _known(accounts: object) -> dict[str, int]:
    """The counts of nodes that have an account number."""
    return {str(account): number for account, number in dict(accounts).items() if account}  # type: ignore[call-overload]
