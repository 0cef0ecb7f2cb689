"""``manage.py import_tree``: imports an export of this or the old application."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tree.exceptions import TreeError
from tree.exchange.archive_reader import read_archive
from tree.exchange.importer import apply_import, plan_import
from tree.exchange.legacy import import_legacy, read_legacy


class Command(BaseCommand):
    help = (
        "Import an archive of export_tree (.zip) or the JSON export of the old application (.json). The file is "
        "checked first; an invalid one changes nothing. An archive overwrites nothing: notes whose text differs here "
        "are kept and listed. Notes below Codex records that do not exist here yet wait in the folder “Waiting for "
        "Codex” until a sync creates the record. Importing twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the .zip or .json file")
        parser.add_argument("--dry-run", action="store_true", help="check and compare only; say what would be done")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            is_legacy = path.suffix.lower() == ".json"
            counts, lines = _legacy(path, options["dry_run"]) if is_legacy else _archive(path, options["dry_run"])
        except (TreeError, OSError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "counts": counts, "lines": lines}))
            return
        for line in lines:
            self.stdout.write(line)
        done = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        self.stdout.write(f"{'Would be: ' if options['dry_run'] else ''}{done}.")


def _archive(path: Path, is_dry: bool) -> tuple[dict[str, int], list[str]]:
    content = read_archive(path)
    planned = plan_import(content)
    if not is_dry:
        apply_import(content, planned)
    return planned.counts(), planned.lines


def _legacy(path: Path, is_dry: bool) -> tuple[dict[str, int], list[str]]:
    done = import_legacy(read_legacy(path), author="import", dry_run=is_dry)
    return done.counts(), done.lines
