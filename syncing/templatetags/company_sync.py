"""Provides the state of the syncs, of a company or of all, to the pages of the tree, which know nothing of syncs."""

from dataclasses import dataclass
from typing import Any

from django import template

from syncing.decisions import recent_changes as recent
from syncing.models import PausedCompany, QuarantinedRecord, SyncRun
from syncing.runs import scopes
from tree.graph.values import Node

register = template.Library()


@dataclass(frozen=True)
class Needs:
    """What waits for an admin: held runs, the last full syncs if they failed, how many records are in quarantine."""

    holding: list[SyncRun]
    failed: list[SyncRun]
    quarantined: int


@register.simple_tag
def sync_needs() -> Needs:
    """What the syncs need an admin for; a few small queries."""
    runs = SyncRun.objects.defer("log")
    ended = [runs.full().filter(command=command).exclude(finished_at=None).first() for command in SyncRun.Command]
    broken = (SyncRun.Status.FAILED, SyncRun.Status.ABORTED)
    return Needs(
        list(runs.holding()),
        [run for run in ended if run is not None and run.status in broken],
        QuarantinedRecord.objects.count(),
    )


@register.simple_tag
def company_pause(account: str | None) -> PausedCompany | None:
    """The pause of this company, if its sync is paused."""
    return PausedCompany.objects.select_related("paused_by").filter(account_number=account).first() if account else None


@register.simple_tag
def recent_changes(node: Node) -> list[recent.Recent]:
    """The latest changes by syncs of a client's records, or of a record."""
    return recent.recent_changes(node.kind, node.properties)


@register.simple_tag
def sync_kinds() -> dict[str, str]:
    """The kinds that a run can be limited to, as {form value: label}."""
    return scopes.CHOICES


@register.inclusion_tag("syncing/_paused.html", takes_context=True)
def paused_companies(context: dict[str, Any]) -> dict[str, Any]:
    """The list of paused companies, for the page of the syncs."""
    return {
        "paused": PausedCompany.objects.select_related("paused_by"),
        "may_sync": context.get("may_sync"),
        "csrf_token": context.get("csrf_token"),
    }
