"""Defines the common base of ``sync_codex`` and ``sync_tickets``: arguments, progress, output and exit codes."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, ProgrammingError

from syncing.engine import execute
from syncing.models import SyncRun
from syncing.plan.index import shown_fields
from syncing.plan.plan_files import Change, first_changes, plan_folder
from syncing.runs import lifecycle
from syncing.runs.as_json import summary
from syncing.runs.scopes import CODEX_CHOICES

EXIT_CODES = {
    SyncRun.Status.COMPLETE: 0,
    SyncRun.Status.PLANNED: 0,
    SyncRun.Status.FAILED: 1,
    SyncRun.Status.PARTIAL: 3,
    SyncRun.Status.NEEDS_APPROVAL: 4,
    SyncRun.Status.ABORTED: 130,
}
EXIT_ALREADY_RUNNING = 5
SHOWN_CHANGES = 200
SHOWN_REFUSALS = 20
_SIGNS = {"create": "+", "update": "~", "move": "→", "archive": "−", "restore": "↺"}
_EPILOG = (
    "Exit codes: 0 complete, 1 failed, 3 partial (something was not taken), 4 a mass removal, or a field emptied in "
    "many records, waits for approval, 5 another run is syncing, 130 stopped. Quiet under cron unless a person is "
    "needed; -v 3 logs every step."
)


class SyncCommand(BaseCommand):
    """The base of the sync commands. ``command``: the command of SyncRun that a subclass runs."""

    command: str
    requires_system_checks = ()  # checks load every page of the admin; `make test` and `manage.py check` run them

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, epilog=_EPILOG, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--company", metavar="ACCT", action="append", default=[], help="only this account number; may be repeated"
        )
        parser.add_argument("--dry-run", action="store_true", help="compare and show the plan, write nothing")
        parser.add_argument(
            "--apply",
            metavar="HASH",
            default=None,
            help="apply exactly the stored plan with this hash; one that is held, or undoes a run and archives "
            "unusually many records, needs --approve instead",
        )
        parser.add_argument(
            "--approve", metavar="HASH", default=None, help="the same, and yes, even if it archives unusually many"
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_options(options)
        with _log_to_stderr(options["verbosity"]), _stoppable():
            try:
                if asking := self._plan_that_asks(options):
                    self._ask_for_approval(asking, options)
                    sys.exit(EXIT_CODES[SyncRun.Status.NEEDS_APPROVAL])
                run = self._run(options)
            except DatabaseError as error:
                raise CommandError(_sql_trouble(error)) from error
        if not _is_mine(run):
            self._report_joined(run, options)
            sys.exit(EXIT_ALREADY_RUNNING)
        self._report(run, options)
        sys.exit(EXIT_ALREADY_RUNNING if run.was_blocked else EXIT_CODES[SyncRun.Status(run.status)])

    def _run(self, options: dict[str, Any]) -> SyncRun:
        """Request a run or join an identical one. A waiting run is taken over by this process."""
        bar = _Bar(shown=sys.stderr.isatty() and options["verbosity"] > 0)
        run: SyncRun | None = None
        try:
            run, _ = lifecycle.ask(
                self.command,
                trigger=SyncRun.Trigger.COMMAND if sys.stdin and sys.stdin.isatty() else SyncRun.Trigger.SCRIPT,
                companies=options["company"],
                kinds=[kind for kind in CODEX_CHOICES if kind in (options.get("kind") or [])],
                since=options.get("since") or "",
                dry_run=options["dry_run"],
                approve=options["approve"] or options["apply"] or "",
                is_here=True,
            )
            return execute(run, bar.show)
        except (KeyboardInterrupt, SystemExit):
            # The signal may have come when the row was written, but not yet returned.
            run = run or lifecycle.unfinished_of_this_process()
            if run is None:
                raise
            if _is_mine(run):
                lifecycle.abort(run)
            return run
        finally:
            bar.close()

    def _plan_that_asks(self, options: dict[str, Any]) -> SyncRun | None:
        """The run whose waiting plan ``--apply`` names, if that plan does so much that it needs ``--approve``."""
        if not (plan := options["apply"]):
            return None
        runs = SyncRun.objects.filter(command=self.command)
        planned = runs.filter(status=SyncRun.Status.PLANNED, plan_hash=plan, held_settled_at=None)
        return runs.holding().filter(held_hash=plan).first() or next((r for r in planned if r.asks_for_approval), None)

    def _ask_for_approval(self, run: SyncRun, options: dict[str, Any]) -> None:
        why = f"Nothing was written. The plan needs an approval: {'; '.join(run.held_why)}."
        if options["json"]:
            told = summary(run) | {"status": SyncRun.Status.NEEDS_APPROVAL.value, "reason": why}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stderr.write(why)
        for line in _count_lines(run):
            self.stderr.write(f"  {line}")
        self.stderr.write(f"  To apply it all the same: manage.py {run.command} --approve {options['apply']}")

    def _report_joined(self, run: SyncRun, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(summary(run), ensure_ascii=False))
        else:
            self.stderr.write(
                f"{run.command}: run {run.pk}, started by {run.started_by_whom} on {run.host}, is syncing the same "
                "already; this call joined it and did nothing itself."
            )

    def _report(self, run: SyncRun, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(summary(run), ensure_ascii=False))
            return
        fine = run.status in (SyncRun.Status.COMPLETE, SyncRun.Status.PLANNED)
        out = self.stdout if fine else self.stderr
        if fine and not (sys.stdout.isatty() or options["dry_run"] or options["verbosity"] > 1):
            return
        if run.dry_run and fine:
            self._show_plan(run)
        out.write(f"{run.command}: {run.status} in {run.seconds.get('total', 0):.1f} s. {run.reason}".rstrip())
        for line in _count_lines(run):
            out.write(f"  {line}")
        for refused in run.refused.failed()[:SHOWN_REFUSALS]:
            out.write(f"  not taken: {refused}: {refused.reason}")
        if run.status == SyncRun.Status.NEEDS_APPROVAL:
            out.write(f"  To do what is held all the same: manage.py {run.command} --approve {run.held_hash}")
        elif run.status == SyncRun.Status.PLANNED and any(a != "unchanged" and n for a, n in run.totals().items()):
            out.write(f"  To apply this plan: manage.py {run.command} --apply {run.plan_hash}")

    def _show_plan(self, run: SyncRun) -> None:
        changes = first_changes(plan_folder(run.pk), limit=SHOWN_CHANGES + 1)
        for change, is_held in changes[:SHOWN_CHANGES]:
            self.stdout.write("\n".join(_diff_lines(change, is_held)))
        if len(changes) > SHOWN_CHANGES:
            self.stdout.write(f"… the whole plan is on the page /sync/runs/{run.pk}/")


def _check_options(options: dict[str, Any]) -> None:
    """Raise CommandError unless the options fit together."""
    given = [name for name in ("approve", "apply") if options[name] is not None]
    for name in given:
        if not options[name].strip():
            raise CommandError(f"--{name} needs the hash of a plan, and got an empty text.", returncode=2)
        if len(given) > 1 or any(options.get(o) for o in ("dry_run", "company", "kind", "since")):
            raise CommandError(f"--{name} applies a stored plan as it is: give it alone.", returncode=2)


class _Bar:
    """A progress bar for each stage."""

    def __init__(self, shown: bool) -> None:
        self._shown = shown
        self._stage = ""
        self._bar: Any = None

    def show(self, stage: str, done: int, total: int) -> None:
        if not self._shown:
            return
        if stage != self._stage:
            self.close()
            self._stage = stage
            from tqdm import tqdm  # cron needs none, and loading it takes time

            self._bar = tqdm(desc=SyncRun.Stage(stage).label, total=total or None, file=sys.stderr, leave=False)
        if total and self._bar.total != total:
            self._bar.total = total
        self._bar.n = done
        self._bar.refresh() if done in (0, total) else self._bar.update(0)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _sql_trouble(error: DatabaseError) -> str:
    """The error as one line; the log of the run has the details."""
    cause = str(error).strip().partition("\n")[0]
    hint = " Run `manage.py migrate`." if isinstance(error, ProgrammingError) or "no such table" in cause else ""
    return f"The SQL database (DATABASE_URL) cannot be used: {cause}.{hint} Without it no sync starts."


def _is_mine(run: SyncRun) -> bool:
    return (run.host, run.pid) == (socket.gethostname(), os.getpid())


def _diff_lines(change: Change, is_held: bool) -> list[str]:
    held = " (held: waits for approval)" if is_held else ""
    lines = [f"{_SIGNS[change.action]} {change.action} {change.kind} {change.place} / {change.name}{held}"]
    if change.action in ("update", "move", "restore"):
        fields = shown_fields(change.before, change.set)
        lines += [f"    {name}: {_short(before)} → {_short(after)}" for name, before, after in fields]
    return lines


def _short(value: Any) -> str:
    text = " ".join(str("nothing" if value is None else value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _count_lines(run: SyncRun) -> list[str]:
    return [
        f"{kind}: " + ", ".join(f"{number:,} {action}" for action, number in actions.items())
        for kind, actions in run.counts.items()
    ]


@contextmanager
def _log_to_stderr(verbosity: int) -> Iterator[None]:
    """Show the debug log of the sync with -v 3 and its main steps with -v 2."""
    logger = logging.getLogger("syncing")
    before = logger.level
    logger.setLevel({2: logging.INFO, 3: logging.DEBUG}.get(verbosity, logging.WARNING))
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Make SIGTERM end a run like Ctrl-C, and both work even if a shell has started the command in the background."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(signal_number: int, frame: Any) -> None:
    raise KeyboardInterrupt
