"""Shows the quarantine: invalid records of Codex, why and since when they are refused, and what to fix."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from knowledgetree.accounts.rights import policy
from knowledgetree.basics.address_forms import AddressForm, text_field
from syncing.decisions import quarantine
from syncing.decisions.quarantine import Line
from syncing.graph import existing
from syncing.models import QuarantinedRecord
from tree.exceptions import GraphUnavailable

RECORDS_A_PAGE = 25


class QuarantineForm(AddressForm):
    """The filter of the quarantine: a company's account number, and a kind."""

    company = text_field(255)
    kind = text_field(20)


@dataclass(frozen=True)
class Shown:
    """A record as the page shows it. ``node_id``: the record's node from an earlier sync."""

    record: QuarantinedRecord
    lines: list[Line]
    advice: str
    node_id: str


@require_safe
def quarantine_list(request: HttpRequest) -> HttpResponse:
    """All refused records, oldest first; ``company`` and ``kind`` filter them."""
    asked = QuarantineForm(request.GET).given()
    company, kind = asked["company"], asked["kind"]
    everything = QuarantinedRecord.objects.select_related("first_run", "last_run")
    kinds = list(everything.order_by().values_list("kind").annotate(Count("pk")).order_by("kind"))
    found = everything.filter(**{k: v for k, v in (("account", company), ("kind", kind)) if v})
    page = Paginator(found, RECORDS_A_PAGE).get_page(request.GET.get("page"))
    role = policy.role_of(request.user)
    nodes = _node_ids(list(page.object_list))
    shown = [
        Shown(
            record,
            quarantine.raw_lines(record, role),
            quarantine.advice(record),
            nodes.get(quarantine.node_key(record), ""),
        )
        for record in page.object_list
    ]
    return render(
        request,
        "syncing/quarantine.html",
        {
            "page": page,
            "shown": shown,
            "kinds": kinds,
            "total": sum(number for _, number in kinds),
            "company": company,
            "kind": kind,
            "sees_all": role is policy.Role.ADMIN,
        },
    )


def _node_ids(records: list[QuarantinedRecord]) -> dict[str, str]:
    """{key: id of its node}; empty if the graph is unavailable, so that the page has no links."""
    keys = [key for record in records if (key := quarantine.node_key(record))]
    try:
        return {key: node.id for key, node in existing.by_key(keys).items()} if keys else {}
    except GraphUnavailable:
        return {}
