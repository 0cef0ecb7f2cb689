"""Applies or discards a waiting plan on a person's decision, once and by the hash of the plan.

A decision is checked here, so that a button responds at once, and again when the plan is applied (stored_plans.py).
"""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledgetree.audit.actions import Action
from syncing.decisions import stored_plans
from syncing.exceptions import PlanNotUsable
from syncing.models import SyncRun
from syncing.runs import lifecycle

_OUTCOMES = {
    "approved": "was applied already",
    "discarded": "was discarded",
    "stale": "no longer fits the tree, because its records changed since",
    "superseded": "was replaced by that of a newer run",
}


def request_apply(target: SyncRun, plan: str, user: User | None) -> SyncRun:
    """Ask the sync worker to apply the plan of ``target``, whose hash the person saw as ``plan``.

    Returns the waiting run. Raises PlanNotUsable with a reason for people; then no run was requested.
    """
    lifecycle.settle_dead_runs()
    target.refresh_from_db()
    _check(target, plan)
    if not stored_plans.is_intact(target):
        raise PlanNotUsable(
            "The files of this plan are missing or were altered on disk, so it cannot be applied. "
            f"Nothing was written. {_again(target)}"
        )
    try:
        with transaction.atomic():
            return lifecycle.ask_to_apply(target, plan, user)
    except IntegrityError as error:
        raise PlanNotUsable(_taken(target)) from error


def discard(target: SyncRun, plan: str, user: User | None) -> None:
    """Discard the waiting plan, so that it can no longer be applied. Raises PlanNotUsable."""
    lifecycle.settle_dead_runs()
    target.refresh_from_db()
    _check(target, plan)
    discarded = (
        SyncRun.objects.filter(pk=target.pk, held_settled_at=None)
        .exclude(applied_by__in=SyncRun.objects.unfinished())
        .update(held_settled_at=timezone.now(), held_outcome="discarded", held_settled_by=user)
    )
    if not discarded:
        target.refresh_from_db()
        _check(target, plan)
        raise PlanNotUsable(_taken(target))
    lifecycle.record(Action.SYNC_DISCARDED, target)


def _check(target: SyncRun, plan: str) -> None:
    """Raise PlanNotUsable unless the waiting plan is the one that the person saw."""
    if target.held_settled_at is not None:
        raise PlanNotUsable(f"The plan of run {target.pk} {_outcome(target)}. Nothing was written.")
    waiting = stored_plans.waiting_hash(target)
    if not waiting:
        raise PlanNotUsable(f"Run {target.pk} has no plan that waits. Nothing was written.")
    if waiting != plan:
        raise PlanNotUsable(
            f"{_shown(plan)} is not that of the plan which waits in run {target.pk}. Nothing was "
            "written. Look at the plan below, then decide."
        )


def _shown(plan: str) -> str:
    return f"The hash {plan[:40]!r}" if plan else "An empty hash"


def _outcome(target: SyncRun) -> str:
    said = _OUTCOMES.get(target.held_outcome, target.held_outcome)
    person = target.held_settled_by or _last_applied_by(target)
    return f"{said} (by {person.get_username()})" if person and target.held_outcome != "superseded" else said


def _last_applied_by(target: SyncRun) -> User | None:
    last = target.applied_by.select_related("started_by").first()
    return last.started_by if last else None


def _taken(target: SyncRun) -> str:
    """The reason when somebody else has decided first."""
    other = target.applied_by.unfinished().first()
    if other is None:
        return f"Somebody else has just decided about the plan of run {target.pk}. Nothing was written; look again."
    who = f"{other.started_by.get_username()} has" if other.started_by else "A command has"
    return f"{who} asked for this plan already: run {other.pk} applies it. Nothing was asked for twice."


def _again(target: SyncRun) -> str:
    return "Check for changes again." if target.dry_run else "Sync again."
