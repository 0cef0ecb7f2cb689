"""Applies a plan to the graph in batches: parents before children, with two writers that share the companies.

The plan is applied exactly as it is. A row is skipped and reported if its node no longer has the planned fingerprint or
its name has been taken; the rest of its batch is written (the batch is halved until the row is found). Rows that did
not fit are retried once at the end, when names have become free and the linked people exist.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field
from neo4j import ManagedTransaction
from neo4j.exceptions import ConstraintError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from knowledgetree.basics.batches import in_lanes, in_weighed_batches
from syncing.exceptions import LeaseLost, PlanNotUsable
from syncing.graph.journal import Journal
from syncing.graph.lease import WRITERS, Lease
from syncing.graph.parameters import RowsMissing
from syncing.graph.writing import Terms, count_stale, is_removal, is_written, write_changes
from syncing.kinds import COMPANIES
from syncing.kinds.declaration.key import Key
from syncing.plan.plan_files import Change, add_counts, counts_of, read_file
from syncing.refusals import Fault, Refused
from tree.exceptions import GraphOverloaded, GraphTimedOut, GraphUnavailable
from tree.graph.connection import write
from tree.kinds.titles import title_of

# The state of a transaction lives until it commits, and Neo4j's garbage collector copies it meanwhile: with 2,000
# tickets per transaction, a third of the server's work is garbage collection. These limits are about 190 tickets; with
# half as many, a first load takes longer again.
ROWS_A_BATCH = 1000
CHARACTERS_A_BATCH = 250_000
ROWS_OF_A_COMPANY = 200  # the weight of archiving a company, which archives all nodes below it
Wrote = Callable[[int, str], None]  # (rows, company of the last one); may raise to stop between batches
PATIENCE_SECONDS = 60  # long enough for a database that restarts during a sync
_MORE_MEMORY = "Neo4j needs more memory (dbms.memory.transaction.total.max, or a larger heap)"


class Applied(Struct):
    """The number of written changes by kind and action, and the skipped ones."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    skipped: list[Refused] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)  # ids of the nodes of the skipped rows
    misfits: list[Change] = field(default_factory=list)  # to be retried at the end

    def add(self, other: "Applied") -> None:
        """Add the result of another batch."""
        add_counts(self.counts, other.counts)
        self.skipped += other.skipped
        self.unwritten += other.unwritten
        self.misfits += other.misfits


def apply_plan(folder: Path, rows: int, lease: Lease, wrote: Wrote, journal: Journal, applied: Applied) -> None:
    """Write the plan in ``folder``, which has ``rows`` rows without the held ones. ``wrote`` is called for each batch.

    Each batch is in the journal before it is in the graph; rows that were not written are removed from the journal at
    the end. The result is added to ``applied`` even if an exception ends the work: LeaseLost, GraphUnavailable, an
    exception of ``wrote``, or PlanNotUsable if files of the plan were deleted meanwhile.
    """
    left = rows

    def counted(number: int, place: str) -> None:
        nonlocal left
        left -= number
        wrote(number, place)

    terms = _terms(folder, lease)
    for file in ("archives", "top", "placements"):
        _apply_in_turn(read_file(folder / f"{file}.jsonl"), terms, counted, applied, journal)
    _apply_in_parallel(read_file(folder / "rest.jsonl"), terms, counted, applied, journal)
    _apply_misfits(terms, applied)
    journal.settle(applied.unwritten)
    if left:
        raise PlanNotUsable(f"{left} of the plan's {rows} rows went missing in {folder}. Run the sync again.")


def _terms(folder: Path, lease: Lease) -> Terms:
    archives = [change for change in read_file(folder / "archives.jsonl") if is_removal(change)]
    placements = read_file(folder / "placements.jsonl") if archives else ()
    removed = [change.key for change in archives if change.kind == COMPANIES.label]
    moving = [change.id for change in placements if change.action == "move" or "archived_at" in change.set]
    return Terms(lease, removed, moving)


def count_all_stale(changes: Iterable[Change]) -> int:
    """The number of these held changes that no longer fit the graph because their node has changed or gone."""
    return sum(count_stale(batch) for batch in _batches(changes))


def _apply_in_turn(changes: Iterable[Change], terms: Terms, wrote: Wrote, applied: Applied, journal: Journal) -> None:
    for batch in _batches(changes):
        journal.ahead(batch)
        applied.add(_write_batch(batch, terms, WRITERS[0]))
        wrote(len(batch), batch[-1].company)


def _apply_misfits(terms: Terms, applied: Applied) -> None:
    """Retry the rows whose name was taken or whose linked node was missing; report those that still do not fit."""
    again, applied.misfits = applied.misfits, []
    for batch in _batches(again):
        applied.add(_write_batch(batch, terms, WRITERS[0], is_last_try=True))


def _apply_in_parallel(
    changes: Iterable[Change], terms: Terms, wrote: Wrote, applied: Applied, journal: Journal
) -> None:
    """Write with two threads, each with its own companies, so that they never wait for the lock of the same parent."""
    pending: deque[tuple[int, str, Future[Applied]]] = deque()

    def collect(down_to: int) -> None:
        while len(pending) > down_to:
            rows, company, future = pending.popleft()
            applied.add(future.result())
            wrote(rows, company)

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        threads = (first, second)
        try:
            for writer, batch in _batches_by_writer(changes):
                journal.ahead(batch)
                future = threads[writer].submit(_write_batch, batch, terms, WRITERS[writer])
                pending.append((len(batch), batch[-1].company, future))
                collect(down_to=4)
            collect(down_to=0)
        finally:
            _add_begun([future for _, _, future in pending], applied)


def _add_begun(futures: list[Future[Applied]], applied: Applied) -> None:
    """When a run ends early, cancel the batches that have not begun and count those that are still written."""
    for future in [future for future in futures if not future.cancel()]:
        with suppress(LeaseLost, GraphUnavailable):  # the first error has already been reported
            applied.add(future.result())


def _batches_by_writer(changes: Iterable[Change]) -> Iterator[tuple[int, list[Change]]]:
    """Full batches for writers 0 and 1, which get new companies in turn."""
    writer_of: dict[str, int] = {}

    def writer(change: Change) -> int:
        return writer_of.setdefault(change.account, len(writer_of) % 2)

    return in_lanes(changes, writer, (ROWS_A_BATCH, CHARACTERS_A_BATCH), _weights)


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    return in_weighed_batches(changes, (ROWS_A_BATCH, CHARACTERS_A_BATCH), _weights)


def _weights(change: Change) -> tuple[int, int]:
    """The number of rows and characters that a change adds to its transaction."""
    rows = ROWS_OF_A_COMPANY if change.kind == COMPANIES.label and is_removal(change) else 1
    return rows, len(change.set.get("content") or "")


def _write_batch(batch: list[Change], terms: Terms, writer: str, is_last_try: bool = False) -> Applied:
    """Write a batch in one transaction; on a clash, write two halves, until the clashing row is alone."""
    try:
        _patiently(lambda transaction: write_changes(transaction, batch, terms, writer))
    except (ConstraintError, RowsMissing, _TooMuchAtOnce) as error:
        if len(batch) == 1:
            if isinstance(error, _TooMuchAtOnce):
                raise GraphUnavailable(f"{_MORE_MEMORY} for {batch[0].name!r} in {batch[0].place}: {error}") from error
            return _explained(batch[0], error, is_last_try)
        middle = len(batch) // 2
        applied = _write_batch(batch[:middle], terms, writer, is_last_try)
        applied.add(_write_batch(batch[middle:], terms, writer, is_last_try))
        return applied
    return Applied(counts_of(map(terms.as_written, batch)))


def _patiently(work: Callable[[ManagedTransaction], None]) -> None:
    """Retry for PATIENCE_SECONDS, because a restarting database needs longer than the driver's own retries.

    A process that was suspended until Neo4j ended its transaction tries once more, which checks its lease again.
    """
    retrying = Retrying(
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_random_exponential(multiplier=0.2, max=5),
        retry=retry_if_exception_type(GraphUnavailable),
        reraise=True,
    )
    try:
        retrying(_write, work)
    except GraphTimedOut:
        _write(work)
    except GraphOverloaded as error:
        raise GraphUnavailable(f"For a minute, this was refused: {error}") from error


def _write(work: Callable[[ManagedTransaction], None]) -> None:
    try:
        write(work)
    except GraphOverloaded as error:
        if "OutOfMemory" in error.code:
            raise _TooMuchAtOnce(str(error)) from error
        raise


class _TooMuchAtOnce(Exception):
    """Neo4j has too little memory for a transaction of this size; waiting does not help."""


def _explained(change: Change, error: Exception, is_last_try: bool) -> Applied:
    """Explain why a single row could not be written, or count it if the graph has it (the response was lost)."""
    if is_written(change):
        return Applied(counts_of([change]))
    if not is_last_try:
        return Applied(misfits=[change])
    title = title_of(change.kind, change.name, change.before | change.set)
    if isinstance(error, ConstraintError):
        fault = Fault.NAME_TAKEN
        reason = f"{title!r} in {change.place} was not written: the name or key is taken by another node."
    else:
        fault = Fault.CHANGED_SINCE
        reason = f"{title!r} in {change.place} was skipped: its node or parent changed after the comparison."
    codex_id = Key.parse(change.key).codex_id
    return Applied({}, [Refused(change.kind, change.account, codex_id, fault, reason, is_skipped=True)], [change.id])
