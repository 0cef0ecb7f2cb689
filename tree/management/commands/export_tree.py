"""``manage.py export_tree``: exports everything that staff wrote."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from msgspec import to_builtins
from tqdm import tqdm

from tree.exceptions import GraphUnavailable
from tree.exchange.exporter import export_tree


class Command(BaseCommand):
    help = (
        "Export everything that staff created to a zip file: every note and folder with its versions and files, as "
        "Markdown with front matter. Records from Codex are not included, because a sync creates them. "
        "`manage.py import_tree FILE` imports the file. Equal content gives an equal file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write; must not exist yet, for example knowledge.zip")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        try:
            with tqdm(unit=" entries", disable=None if not options["json"] else True) as bar:
                manifest = export_tree(target, bar.update)
        except FileExistsError as error:
            raise CommandError(f"{target} exists already. Choose another name, or delete it first.") from error
        except (GraphUnavailable, OSError) as error:
            raise CommandError(f"Nothing was exported: {error}") from error
        if options["json"]:
            found = {"file": str(target), "bytes": target.stat().st_size, **to_builtins(manifest)}
            self.stdout.write(json.dumps(found))
        else:
            size = target.stat().st_size / 1_000_000
            counts = f"{manifest.nodes:,} notes and folders, {manifest.revisions:,} versions, {manifest.files:,} files"
            self.stdout.write(f"{target}: {counts}, {size:.1f} MB.")
