"""``manage.py sweep_files``: deletes orphaned files."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tree.exceptions import GraphUnavailable, Refused
from tree.operations.sweep import find_orphans, sweep


class Command(BaseCommand):
    help = (
        "Delete files that were removed 30 days ago, records that no node holds, and stored bytes without a record "
        "(older than an hour, left by a broken upload). Records whose bytes are missing are only listed. "
        "Exit code 1 if there are such records."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list what would be deleted")
        parser.add_argument(
            "--even-many", action="store_true", help="also if a tenth of the stored files has no record"
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = find_orphans() if options["dry_run"] else sweep(even_many=options["even_many"])
        except (GraphUnavailable, Refused) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            told = asdict(found) | {"missing": [{"id": uid, "name": name} for uid, name in found.missing]}
            self.stdout.write(json.dumps(told | {"dry_run": options["dry_run"]}, ensure_ascii=False))
        else:
            done = "would be deleted" if options["dry_run"] else "deleted"
            for names, what in (
                (found.expired, "removed 30 days ago"),
                (found.unheld, "held by no node"),
                (found.strays, "bytes without a record"),
            ):
                for name in names:
                    self.stdout.write(f"{name}: {what}, {done}.")
            for uid, name in found.missing:
                self.stdout.write(f"{name}: its bytes are missing; a backup may have them (file {uid}).")
        if found.missing:
            raise SystemExit(1)
