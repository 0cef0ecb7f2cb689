"""``manage.py import_tree``: imports an export of this or the old application."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from knowledgetree.accounts.acting import Way, acting_as, now_acting
from tree.exceptions import TreeError
from tree.exchange.archive_reader import BadArchive
from tree.exchange.importer import apply_import
from tree.exchange.planning import in_words, plan_file

EXIT_STOPPED = 130


class Command(BaseCommand):
    help = (
        "Import an archive of export_tree (.zip) or the JSON export of the old application (.json). The file is "
        "checked first; an invalid one changes nothing. Nothing that staff have changed here is overwritten: notes "
        "whose text differs are kept and listed. Notes below Codex records that do not exist here yet wait in the "
        "folder “Waiting for Codex” until a sync creates the record. Others can go on working meanwhile. Importing "
        "twice changes nothing, and an import that was stopped is completed by running it again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the .zip or .json file")
        parser.add_argument("--dry-run", action="store_true", help="check and compare only; say what would be done")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = _Bars(shown=sys.stderr.isatty() and not options["json"])
        try:
            with _stoppable() as stop, bar:
                counts, lines = _import(options["file"], options["dry_run"], bar, stop)
        except BadArchive as error:
            raise CommandError(error.whole) from error
        except (TreeError, OSError) as error:
            raise CommandError(f"{error} {_GO_ON}" if bar.has_written else str(error)) from error
        except KeyboardInterrupt:
            self.stderr.write(f"Stopped. {_GO_ON}" if bar.has_written else "Stopped. Nothing was written.")
            sys.exit(EXIT_STOPPED)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "counts": counts, "lines": lines}))
            return
        for line in lines:
            self.stdout.write(line)
        self.stdout.write(in_words(counts))
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was written.")


_GO_ON = "What was written is sound; run the command again to import the rest."


def _import(path: Path, is_dry: bool, bar: "_Bars", stop: "_Stop") -> tuple[dict[str, int], list[str]]:
    def read(number: int) -> None:
        stop.check()
        bar.add(number)

    bar.begin("Checking", None)
    content, planned = plan_file(path, "import", read)
    lines = list(planned.lines)
    if not is_dry:
        bar.begin("Importing", planned.steps())

        def wrote(number: int, more: list[str]) -> None:
            bar.has_written = True
            lines.extend(more)
            bar.add(number)
            stop.check()

        stop.check()
        with acting_as(Way.IMPORT, now_acting().name, through=path.name):
            apply_import(content, planned, wrote)
    return planned.counts(), lines


class _Bars:
    """A progress bar for each of the two steps. ``has_written`` says whether anything was written."""

    def __init__(self, shown: bool) -> None:
        self._shown, self.has_written = shown, False
        self._bar: Any = None

    def begin(self, name: str, total: int | None) -> None:
        self._close()
        self._bar = tqdm(desc=name, total=total, unit=" entries", disable=not self._shown, file=sys.stderr, leave=False)

    def add(self, number: int) -> None:
        self._bar.update(number)

    def __enter__(self) -> "_Bars":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class _Stop:
    """Whether Ctrl-C or SIGTERM was received. Both end the import between two steps, each of which is short."""

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self, signum: int, frame: object) -> None:
        self.is_asked = True

    def check(self) -> None:
        """Raises KeyboardInterrupt."""
        if self.is_asked:
            raise KeyboardInterrupt


@contextmanager
def _stoppable() -> Iterator[_Stop]:
    stop = _Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
