"""The rows of records that runs refused, and of notices, which are only reported."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from syncing.kinds.declaration.validation import valid
from syncing.models import RefusedRecord, SyncRun
from syncing.refusals import Fault, Refused

KEPT_REFUSALS = 10_000


def columns(record: Refused) -> dict[str, str]:
    """The columns that say which record was refused and why, as any database takes them."""
    return {
        "kind": record.kind[:20],
        "account": valid(record.account[:255]),
        "codex_id": valid(record.codex_id[:255]),
        "fault": record.fault,
        "field": valid(record.field[:255]),
        "reason": valid(record.reason),
    }


def remember(run: SyncRun, refused: Sequence[Refused], notices: Sequence[Refused] = ()) -> None:
    """Save the refused records and the notices of a run, at most KEPT_REFUSALS rows."""
    rows = [(record, False) for record in refused] + [(record, True) for record in notices]
    RefusedRecord.objects.bulk_create(
        [
            RefusedRecord(run=run, is_notice=is_notice, is_skipped=record.is_skipped, **columns(record))
            for record, is_notice in rows[:KEPT_REFUSALS]
        ],
        batch_size=1000,
    )


def earlier_notices(run: SyncRun, age: timedelta, counted_as: str) -> tuple[int, list[Refused]]:
    """The notices of the last finished run of this command, unless it is older than ``age``, and their true number.

    ``counted_as``: the name of that number in the run's counts, because only the first notices are kept.
    """
    last = (
        SyncRun.objects.filter(command=run.command, companies=[], since="", approve="", undoes=None)
        .filter(finished_at__gt=timezone.now() - age)
        .exclude(status__in=(SyncRun.Status.FAILED, SyncRun.Status.ABORTED))
        .first()
    )
    if last is None:
        return 0, []
    notices = [
        Refused(row.kind, row.account, row.codex_id, Fault(row.fault or Fault.OTHER), row.reason, row.field)
        for row in last.refused.noticed()
    ]
    return last.totals().get(counted_as, len(notices)), notices
