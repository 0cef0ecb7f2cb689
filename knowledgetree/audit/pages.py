"""The page of the audit log, and its CSV."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from knowledgetree.accounts import ways
from knowledgetree.accounts.rights import policy
from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entries, Entry
from knowledgetree.basics.address_forms import AddressForm, choice_field, date_field, number_field, text_field
from knowledgetree.basics.csv_lines import csv_lines

ROWS = 100
SHOWN_NODES = 20
_ROWS_A_READ = 1000
_COLUMNS = ("at", "action", "who", "way", "through", "nodes", "company", "company_name", "address", "request_id")


class FilterForm(AddressForm):
    """What the log is narrowed to. Empty fields narrow nothing."""

    who = text_field()
    action = choice_field(Action.values)
    company = text_field()
    node = text_field()
    way = choice_field(way for way, _ in ways.CHOICES)
    through = text_field(255)
    since = date_field()
    until = date_field()
    before = number_field(1, most=2**53)


@never_cache
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The newest entries that match the filters of the address; ``before`` is the number of the last one seen."""
    given = FilterForm(request.GET).given()
    rows = list(_matching(given)[: ROWS + 1])
    last = rows[ROWS - 1].pk if len(rows) > ROWS else None
    context = {
        "rows": rows[:ROWS],
        "given": given,
        "actions": Action.choices,
        "ways": ways.CHOICES,
        "query": _query(given),
        "given_last_month": _query({"action": Action.HANDED_OUT} | _last_month()),
        "next": _query(given | {"before": last}) if last else "",
        "shown_nodes": SHOWN_NODES,
        "may_download": policy.may_download_audit(request.user),
    }
    return render(request, "audit/audit.html", context)


@require_safe
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All entries that match the filters, the newest first, sent as they are read."""
    matching = _matching(FilterForm(request.GET).given())

    def lines() -> Iterator[list[Any]]:
        yield [*_COLUMNS, "detail"]
        last: int | None = None
        while rows := list((matching.filter(pk__lt=last) if last else matching)[:_ROWS_A_READ]):
            yield from (_line(row) for row in rows)
            last = rows[-1].pk

    response = StreamingHttpResponse(csv_lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate()}.csv"'
    return response


def _line(row: Entry) -> list[Any]:
    known = {"at": row.at.isoformat(timespec="seconds"), "nodes": " ".join(row.nodes)}
    return [*(known.get(name, getattr(row, name)) for name in _COLUMNS), row.detail]


def _matching(given: dict[str, Any]) -> Entries:
    """The entries that these filters let through."""
    found = Entry.objects.all()
    for name in ("who", "action", "way", "through"):
        if given[name]:
            found = found.filter(**{name: given[name].strip()})
    if given["company"]:
        typed = given["company"].strip()
        by_account = found.filter(company=typed)
        found = by_account if by_account.exists() else found.filter(company_name__iexact=typed)
    if given["node"]:
        found = found.about_node(given["node"].strip())
    if given["since"]:
        found = found.filter(at__gte=_begin_of(given["since"]))
    if given["until"]:
        found = found.filter(at__lt=_begin_of(given["until"]) + timedelta(days=1))
    return found.filter(pk__lt=given["before"]) if given["before"] else found


def _begin_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _last_month() -> dict[str, date]:
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    return {"since": last.replace(day=1), "until": last}


def _query(given: dict[str, Any]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in given.items() if value})
    return query.urlencode()
