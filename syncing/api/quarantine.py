"""The operation of the API v1 that lists the quarantine. What is in it is retried with the run that refused it."""

from datetime import datetime
from typing import Annotated

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from knowledgetree.accounts.rights.reader_of import reader_of
from syncing.api import schemas
from syncing.api.records import quarantine_records
from syncing.models import QuarantinedRecord, SyncRun
from tree.api.v1 import cursors
from tree.api.v1.answers import page_answer
from tree.api.v1.parameters import Cursor, limit_of

router = Router(tags=["Syncs"])
Account = Annotated[str, Query(max_length=255, description="Only of this account number.", examples=[""])]
Kind = Annotated[str, Query(max_length=20, description="Only of this kind, as the records name it.", examples=[""])]


@router.get("/sync/quarantine", url_name="quarantine", response=schemas.Quarantine, summary="Records in quarantine")
def list_quarantine(
    request: HttpRequest,
    account: Account = "",
    kind: Kind = "",
    limit: limit_of(1000) = 50,  # type: ignore[valid-type]
    cursor: Cursor = "",
) -> HttpResponse:
    """The records that Codex sends and no sync can take, the oldest first; without those of tickets if need be."""
    purpose = f"quarantine {account}\0{kind}"
    after = cursors.place(purpose, cursor)
    rows = QuarantinedRecord.objects.filter(**{n: v for n, v in (("account", account), ("kind", kind)) if v})
    if not reader_of(request).tickets:
        rows = rows.exclude(command=SyncRun.Command.TICKETS)
    if after:
        since = datetime.fromisoformat(after[0])
        rows = rows.filter(Q(since__gt=since) | Q(since=since, pk__gt=after[1]))
    found = list(rows[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    more = cursors.written(purpose, [last.since.isoformat(), last.pk]) if last else None
    return page_answer(request, quarantine_records(request, found[:limit]), more)
