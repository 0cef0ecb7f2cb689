"""``manage.py check_graph``: checks the tree and reports every breach."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tree.exceptions import GraphUnavailable
from tree.integrity import check_graph


class Command(BaseCommand):
    help = (
        "Check the tree and list every breach: one root, one parent each, no cycle, unique keys, "
        "synced fields as the last sync wrote them, links, no stale sync lease, files and their records. "
        "Read-only; exit code 1 on a breach."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            nodes, breaches = check_graph()
        except GraphUnavailable as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            found = {"ok": not breaches, "nodes": nodes, "breaches": [breach.as_json() for breach in breaches]}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            for breach in breaches:
                self.stdout.write(f"{breach.check}: {breach.message} (node {breach.id or '–'})")
            number = "1 breach" if len(breaches) == 1 else f"{len(breaches) or 'no'} breaches"
            self.stdout.write(f"{nodes:,} nodes, {number}.")
        if breaches:
            sys.exit(1)
