"""``manage.py export_tree``: exports everything that staff wrote."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from msgspec import to_builtins
from tqdm import tqdm

from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from tree.exceptions import GraphUnavailable
from tree.exchange.exporter import export_tree

EXIT_PARTIAL = 3  # as with the syncs


class Command(BaseCommand):
    help = (
        "Export everything that staff created to a zip file: every note and folder with its versions and files, as "
        "Markdown with front matter. Records from Codex are not included, because a sync creates them. "
        "`manage.py import_tree FILE` imports the file. Equal content gives an equal file. Uploaded files whose bytes "
        "are missing on the disk are left out and named, and the exit code is 3."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write; must not exist yet, for example knowledge.zip")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        try:
            with tqdm(unit=" entries", disable=None if not options["json"] else True) as bar:
                exported = export_tree(target, bar.update)
        except FileExistsError as error:
            raise CommandError(f"{target} exists already. Choose another name, or delete it first.") from error
        except (GraphUnavailable, OSError) as error:
            raise CommandError(f"Nothing was exported: {error}") from error
        log.record(Action.EXPORTED, detail=target.name)
        manifest = exported.manifest
        if options["json"]:
            found = {"file": str(target), "bytes": target.stat().st_size, **to_builtins(manifest)}
            self.stdout.write(json.dumps(found | {"faults": exported.faults}))
        else:
            size = target.stat().st_size / 1_000_000
            counts = f"{manifest.nodes:,} notes and folders, {manifest.revisions:,} versions, {manifest.files:,} files"
            self.stdout.write(f"{target}: {counts}, {size:.1f} MB.")
            for fault in exported.faults:
                self.stderr.write(fault)
        if exported.faults:
            sys.exit(EXIT_PARTIAL)
