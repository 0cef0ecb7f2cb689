"""Executes one run from beginning to end: fetch, plan, apply, index. Codex records enter the graph only here."""

import errno
import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from syncing.codex.client import CodexClient
from syncing.codex.snapshot import Homeless, changed_since, fetch, homeless_tickets
from syncing.compare.compare_codex import compare_codex
from syncing.compare.compare_tickets import compare_tickets
from syncing.compare.comparison import Comparison
from syncing.compare.held_removals import plan_removals
from syncing.decisions import pauses, quarantine, stored_plans, undo, undo_limits
from syncing.exceptions import (
    PlanNotUsable,
    RunCancelled,
    SyncAlreadyRunning,
    SyncError,
)
from syncing.graph import existing, journal, lease
from syncing.graph.apply import Applied, apply_plan
from syncing.graph.journal import Journal
from syncing.graph.lease import Lease
from syncing.kinds import COMPANIES, TICKETS
from syncing.models import HOMELESS, SyncRun
from syncing.plan import reading
from syncing.plan.plan_files import FILES, PlanFiles, add_counts, counts_of, plan_folder
from syncing.refusals import Fault, Refused
from syncing.runs import lifecycle, refusal_rows, retention, scopes
from syncing.runs.heartbeat import Heartbeat, Progress
from syncing.runs.kept_log import kept_log
from syncing.runs.outcome import Outcome
from syncing.runs.uninterrupted import uninterrupted
from tree import operations
from tree.exceptions import GraphUnavailable
from tree.graph import schema
from tree.graph.connection import graph_driver

FIRST_LOAD_FROM = 5_000  # creations from which it pays to build the search index afterwards
NOTICES = 1_000
_NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO)
TURN_SECONDS = 1.0  # between two looks whether the lease is free
_QUEUED = (SyncRun.Trigger.BUTTON, SyncRun.Trigger.SCHEDULE)
_UNREAD = (Fault.LIST_UNREADABLE, Fault.LIST_MISSING, Fault.COMPANIES_MISSING)
HELD_LINES = 1_000
NOTICES_FOR = timedelta(days=1)  # how long the list of homeless tickets is reused while their number stays the same
logger = logging.getLogger("syncing")


def execute(run: SyncRun, progress: Progress | None = None) -> SyncRun:
    """Execute the run that this row describes and return it finished.

    Errors that an admin can fix are recorded in the row and not raised. A run that another process has claimed is
    returned unchanged.
    """
    lifecycle.settle_dead_runs()
    if not lifecycle.start(run):
        return run
    outcome = Outcome()
    status, reason = SyncRun.Status.FAILED.value, "Broken off by an error in the program; see the log of its process."
    with kept_log(run), Heartbeat(run, progress) as heartbeat:
        try:
            status, reason = uninterrupted(
                lambda: _work(run, outcome, heartbeat), heartbeat.stop, graph_driver().abandon, heartbeat.given_up
            )
        except RunCancelled as error:
            status, reason, run.ending = SyncRun.Status.ABORTED, str(error), SyncRun.Ending.CANCELLED
        except SyncAlreadyRunning as error:
            reason = str(error)
            run.was_blocked = True
        except (SyncError, GraphUnavailable) as error:
            reason = str(error)
        except OSError as error:
            reason = _system_error(error)
        except (KeyboardInterrupt, SystemExit):
            status, reason, run.ending = SyncRun.Status.ABORTED, lifecycle.STOPPED, SyncRun.Ending.STOPPED
            raise
        finally:
            _release(run, heartbeat)
            _finish(run, outcome, heartbeat, status, reason)
    _tidy_up()
    return run


def _work(run: SyncRun, outcome: Outcome, heartbeat: Heartbeat) -> tuple[str, str]:
    logger.info("Run %s: %s%s", run.pk, run.command, " (dry run)" if run.dry_run else "")
    if not schema.is_set_up():
        schema.set_up()
    if run.dry_run and run.undoes:
        return _plan_undo(run, outcome, heartbeat)
    if run.dry_run:
        files = _plan(run, outcome, heartbeat)
        return outcome.planned(files.total())
    heartbeat.lease = mine = _turn(run, heartbeat)
    journal.settle_broken_runs()
    return _apply_stored(run, outcome, heartbeat, mine) if run.approve else _sync(run, outcome, heartbeat, mine)


def _turn(run: SyncRun, heartbeat: Heartbeat) -> Lease:
    """Take the lease. What a person or a schedule asked for waits its turn behind a command, as in the queue.

    A command, such as cron's, is told at once instead. Raises SyncAlreadyRunning, RunCancelled.
    """
    while True:
        try:
            return lease.take(run.pk)
        except SyncAlreadyRunning as error:
            if run.trigger not in _QUEUED:
                raise
            heartbeat.waits(error.holder)
            time.sleep(TURN_SECONDS)


def _sync(run: SyncRun, outcome: Outcome, heartbeat: Heartbeat, mine: Lease) -> tuple[str, str]:
    files = _plan(run, outcome, heartbeat)
    heartbeat.stage(SyncRun.Stage.APPLY, files.total())
    with (
        ThreadPoolExecutor(1, thread_name_prefix="index-of-plan") as beside,
        _written_into(outcome) as applied,
        _search_index_for(run, files.numbers["rest"], heartbeat),
    ):
        apply_plan(files.folder, files.total(), mine, heartbeat.wrote, Journal(run), applied)
        indexed = beside.submit(_index_late, files)  # while Neo4j builds the search index, which keeps one core busy
    indexed.result()
    operations.settle_waiting()  # attaches imported notes whose record arrived with this sync
    stored_plans.supersede(run, outcome.scopes)
    return outcome.ending()


def _plan(run: SyncRun, outcome: Outcome, heartbeat: Heartbeat) -> PlanFiles:
    """Fetch and compare. Afterwards the plan is on disk and ``outcome`` has its counts."""
    with CodexClient() as client:
        try:
            comparison = _comparison(run, client, outcome, heartbeat)
        finally:
            outcome.requests = client.requests
    files, outcome.refused = comparison.files, comparison.refused
    outcome.hold(plan_removals(comparison), comparison.held_updates)
    outcome.scopes = {(scope.account, scope.kind) for scope in comparison.scopes}
    files.close()
    if run.dry_run or _removes(files):  # staff notes below removed nodes are counted before the nodes are archived
        _index_plan(files)
    outcome.plan_hash = files.hash()
    outcome.held_hash = files.hash("held") if outcome.held else ""
    for kind, number in comparison.unchanged.items():
        outcome.counts.setdefault(kind, {})["unchanged"] = number
    if run.dry_run:
        add_counts(outcome.counts, counts_of(change for name in FILES if name != "held" for change in files.read(name)))
    for kind, actions in counts_of(files.read("held")).items():
        outcome.counts.setdefault(kind, {})["held"] = sum(actions.values())
    logger.info("Compared: %s changes, %s refused, %s held", files.total(), len(outcome.refused), len(outcome.held))
    return files


def _removes(files: PlanFiles) -> bool:
    return bool(files.numbers["archives"] or files.numbers["held"])


def _index_plan(files: PlanFiles) -> None:
    """Build the index that the plan's pages read. If it cannot be written now, the pages build it later."""
    if any(files.numbers.values()):
        try:
            reading.prepare(files.folder, existing.staff_notes_below)
        except (PlanNotUsable, OSError) as error:
            logger.warning("The plan has no index: %s", error)


def _index_late(files: PlanFiles) -> None:
    """Build the index unless ``_plan`` has already done so."""
    if not _removes(files):
        _index_plan(files)


def _plan_undo(run: SyncRun, outcome: Outcome, heartbeat: Heartbeat) -> tuple[str, str]:
    """Plan the undo of another run; the plan is then applied like any stored plan."""
    heartbeat.stage(SyncRun.Stage.PLAN)
    files = PlanFiles(plan_folder(run.pk))
    outcome.refused = undo.plan_undo(run, files)
    files.close()
    _index_plan(files)
    outcome.plan_hash = files.hash()
    add_counts(outcome.counts, counts_of(change for name in FILES for change in files.read(name)))
    outcome.hold(undo_limits.mass_removals(files), undo_limits.mass_emptyings(files))
    return outcome.undo_planned(files.total())


def _comparison(run: SyncRun, client: CodexClient, outcome: Outcome, heartbeat: Heartbeat) -> Comparison:
    """Compare a complete snapshot of Codex with the graph."""
    paused = pauses.accounts()
    outcome.paused = pauses.described(run, paused)
    comparison = Comparison(PlanFiles(plan_folder(run.pk)), paused)
    with _spool(run) as folder, comparison:
        _fetch_and_compare(run, client, folder, comparison, outcome, heartbeat)
    return comparison


def _fetch_and_compare(
    run: SyncRun, client: CodexClient, folder: Path, comparison: Comparison, outcome: Outcome, heartbeat: Heartbeat
) -> None:
    heartbeat.stage(SyncRun.Stage.FETCH)
    tickets = run.command == SyncRun.Command.TICKETS
    if tickets and not existing.count(COMPANIES.label):
        raise SyncError("The tree holds no companies yet. Run `manage.py sync_codex` first.")
    accounts = list(run.companies)
    if run.since and not accounts:
        accounts = changed_since(client, run.since)
        if not accounts:
            return
    kinds = scopes.kinds_of(run)
    lists = [kind.list_name for kind in kinds]
    with fetch(client, lists, accounts, folder, heartbeat.advance, comparison.paused) as snapshot:
        if run.since and not run.companies:
            outcome.notices = [_homeless(unknown) for unknown in snapshot.refused]
        else:
            comparison.refused += snapshot.refused
        heartbeat.stage(SyncRun.Stage.PLAN, len(snapshot.companies))
        if tickets:
            listed, seen = compare_tickets(snapshot, comparison, heartbeat.advance)
        else:
            compare_codex(snapshot, kinds, comparison, heartbeat.advance, companies=scopes.includes_companies(run))
            comparison.settle_moves()
    logger.info("Fetched from Codex with %s requests", client.requests)
    if tickets and snapshot.is_complete:
        _look_for_homeless(run, client, outcome, heartbeat, listed, seen, comparison.refused)
        heartbeat.stage(SyncRun.Stage.PLAN)


def _look_for_homeless(
    run: SyncRun,
    client: CodexClient,
    outcome: Outcome,
    heartbeat: Heartbeat,
    listed: set[str],
    seen: int,
    refused: list[Refused],
) -> None:
    """Find the tickets that are in no list. Without all lists they cannot be told from those that were not read."""
    if any(record.fault in _UNREAD for record in refused):
        return
    heartbeat.stage(SyncRun.Stage.FETCH)
    number, notices = refusal_rows.earlier_notices(run, NOTICES_FOR, HOMELESS)
    homeless = homeless_tickets(client, listed, seen, Homeless(number, notices), NOTICES)
    outcome.notices = homeless.listed
    if homeless.number:
        outcome.counts.setdefault(TICKETS.label, {})[HOMELESS] = homeless.number


def _homeless(unknown: Refused) -> Refused:
    account = unknown.account
    reason = f"A ticket is of the unknown company {account!r} in Codex, so it has no place in the tree."
    return Refused(TICKETS.name, account, "", Fault.COMPANY_UNKNOWN, reason)


def _apply_stored(run: SyncRun, outcome: Outcome, heartbeat: Heartbeat, mine: Lease) -> tuple[str, str]:
    """Apply the stored plan with the approved hash, exactly and once. Its held removals need another approval."""
    stored = stored_plans.take(run)
    outcome.plan_hash = run.approve
    heartbeat.stage(SyncRun.Stage.APPLY, stored.rows)
    with _written_into(outcome) as applied, _search_index_for(run, stored.creations, heartbeat):
        stored_plans.apply(stored, run, mine, heartbeat, applied)
    operations.settle_waiting()
    if stored.held_hash:
        outcome.held_hash = stored.held_hash
        outcome.held = stored.target.held_why or ["A part of the approved plan waits for its own approval"]
        outcome.holds_removals, outcome.holds_updates = stored.target.holds_removals, stored.target.holds_updates
    return outcome.ending()


@contextmanager
def _search_index_for(run: SyncRun, creations: int, heartbeat: Heartbeat) -> Iterator[None]:
    """Drop the search index during a first load and build it afterwards: keeping it would more than double the writes.

    The index exists at the end even if this run fails, or if an earlier run was killed before it could build it. Only a
    run that has lost the lease leaves it to the next run.
    """
    index = schema.TICKET_INDEX if run.command == SyncRun.Command.TICKETS else schema.RECORD_INDEX
    if creations >= FIRST_LOAD_FROM and creations > sum(map(existing.count, index.kinds)) / 2:
        schema.drop_search_index(index)
    try:
        yield
    finally:
        heartbeat.stage(SyncRun.Stage.INDEX)
        schema.create_search_indexes()


@contextmanager
def _spool(run: SyncRun) -> Iterator[Path]:
    """Create a folder for the responses of Codex and delete it afterwards, because they hold customers' e-mail."""
    parent = Path(settings.INSTANCE_DIR) / "spool"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_behind in parent.iterdir():  # by runs that were killed
        if not lifecycle.is_unfinished(left_behind.name.partition("-")[0]):
            shutil.rmtree(left_behind, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{run.pk}-", dir=parent) as folder:
        yield Path(folder)


def _release(run: SyncRun, heartbeat: Heartbeat) -> None:
    """Release the lease, even one that the graph granted to work that was stopped before it could record it."""
    held, heartbeat.lease = heartbeat.lease, None
    try:
        if held is not None:
            held.release()
        elif run.ending == SyncRun.Ending.STOPPED:
            lease.release_of(run.pk)
    except GraphUnavailable:
        logger.warning("The lease could not be released; it expires by itself within a minute.")


@contextmanager
def _written_into(outcome: Outcome) -> Iterator[Applied]:
    """Count what is written, even if the run ends early."""
    applied = Applied()
    try:
        yield applied
    finally:
        add_counts(outcome.counts, applied.counts)
        outcome.refused += applied.skipped


def _finish(run: SyncRun, outcome: Outcome, heartbeat: Heartbeat, status: str, reason: str) -> None:
    heartbeat.end_stage()
    outcome.count_refused()
    refusal_rows.remember(run, outcome.refused, outcome.notices)
    quarantine.remember(run, status, outcome.refused)
    seconds = {name: heartbeat.seconds.get(name, 0.0) for name in ("fetch", "plan", "apply", "index")}
    seconds["total"] = heartbeat.total()
    logger.info("%s. %s", status, reason)
    lifecycle.finish(
        run,
        status,
        reason,
        counts=outcome.counts,
        seconds=seconds,
        requests=outcome.requests,
        plan_hash=outcome.plan_hash,
        held_hash=outcome.held_hash,
        held_why=outcome.held[:HELD_LINES],
        holds_removals=outcome.holds_removals,
        holds_updates=outcome.holds_updates,
    )


def _tidy_up() -> None:
    """Delete old runs and plans. The run has already finished; anything that remains is deleted after the next run."""
    try:
        lifecycle.drop_old_plans()
        retention.drop_some_old_runs()
    except (DatabaseError, OSError) as error:
        logger.warning("Old runs and plans were not dropped: %s", error)


def _system_error(error: OSError) -> str:
    if error.filename or error.errno in _NOT_WRITABLE:
        return f"Cannot write to {error.filename or settings.INSTANCE_DIR}: {error.strerror or error}."
    return f"Broken off by the system: {error.strerror or error}. Sync again; the log of the run says how far it was."
