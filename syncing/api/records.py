"""Runs, rows of plans, records in quarantine and schedules as the API v1 says them."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from syncing.decisions import quarantine, stored_plans
from syncing.graph import existing
from syncing.kinds import COMPANIES
from syncing.kinds.declaration.key import company_key
from syncing.models import QuarantinedRecord, SyncRun, SyncSchedule
from syncing.plan.reading import PlanRow
from syncing.runs.as_json import with_progress
from syncing.schedules import due
from tree import queries
from tree.api.v1.records import PageAddresses
from tree.vocabulary import LEVELS, STANDARD, STRICTEST


def run_record(request: HttpRequest, run: SyncRun) -> dict[str, Any]:
    """A run, with what the page of it says."""
    shown = with_progress(run)
    return {
        "id": run.pk,
        **{name: shown[name] for name in ("command", "status", "reason", "stage", "done", "total", "requests")},
        "trigger": run.trigger,
        "started_by": run.who,
        "companies": run.companies,
        "kinds": run.kinds,
        "since": run.since,
        "dry_run": run.dry_run,
        "applies": run.applies_id,
        "undoes": run.undoes_id,
        "created_at": run.created_at.isoformat(),
        "started_at": _text(run.started_at),
        "finished_at": _text(run.finished_at),
        "counts": shown["counts"],
        "seconds": shown["seconds"],
        "waiting_plan": stored_plans.waiting_hash(run) or None,
        "needs_approval": is_held(run),
        "held_why": run.held_why,
        "url": request.build_absolute_uri(reverse("sync-run", args=[run.pk])),
    }


def is_held(run: SyncRun) -> bool:
    """Whether only a person who has just logged in may decide about the plan of this run, as on its page."""
    return bool(stored_plans.waiting_hash(run)) and (run.status != SyncRun.Status.PLANNED or run.asks_for_approval)


def plan_records(request: HttpRequest, rows: Iterable[PlanRow]) -> list[dict[str, Any]]:
    """Rows of a plan."""
    found = list(rows)
    companies, page = _companies(row.account for row in found), PageAddresses.seen_by(request)
    return [
        row.as_json() | companies[row.account] | {"url": page(row.change.id) if row.change.action != "create" else None}
        for row in found
    ]


def quarantine_records(request: HttpRequest, rows: Iterable[QuarantinedRecord]) -> list[dict[str, Any]]:
    """Records in quarantine, without what Codex sent."""
    found = list(rows)
    accounts = {row.pk: row.account or (row.codex_id if row.kind == COMPANIES.name else "") for row in found}
    companies = _companies(accounts.values())
    place = request.build_absolute_uri(reverse("sync-quarantine"))
    return [
        {
            "id": row.pk,
            "command": row.command,
            "kind": row.kind,
            "account": row.account,
            "codex_id": row.codex_id,
            "fault": row.fault,
            "field": row.field,
            "reason": row.reason,
            "advice": quarantine.advice(row),
            "since": row.since.isoformat(),
            "last_run": row.last_run_id,
            **companies[accounts[row.pk]],
            "url": f"{place}?{urlencode({'company': row.account})}" if row.account else place,
        }
        for row in found
    ]


def schedule_record(request: HttpRequest, schedule: SyncSchedule) -> dict[str, Any]:
    """A schedule."""
    return {
        "command": schedule.command,
        "kind": schedule.kind,
        "every_minutes": schedule.every_minutes,
        "cron": schedule.cron,
        "window_from": _clock(schedule.window_from),
        "window_to": _clock(schedule.window_to),
        "is_paused": schedule.is_paused,
        "is_active": due.is_active(schedule),
        "described": due.described(schedule),
        "due_at": _text(schedule.due_at),
        "last_run": schedule.last_run_id,
        "url": request.build_absolute_uri(reverse("sync-schedule", args=[schedule.command])),
    }


def _companies(accounts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The company and its level by account number. One that is not in the tree yet has the strictest level."""
    wanted = set(accounts)
    keys = {company_key(account): account for account in wanted if account}
    nodes = {keys[key]: node.id for key, node in existing.by_key(keys).items()} if keys else {}
    known = queries.get_compliance_levels(nodes.values())
    return {account: _company(account, nodes.get(account), known) for account in wanted}


def _company(account: str, uid: str | None, known: dict[str, str]) -> dict[str, Any]:
    level = known.get(uid or "", "")
    shown = (level if level in LEVELS else STRICTEST) if account else STANDARD
    return {"company_id": uid, "compliance_level": shown, "company_compliance_level": shown}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _clock(moment: time | None) -> str | None:
    return f"{moment:%H:%M}" if moment else None
