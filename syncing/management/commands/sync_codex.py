"""``manage.py sync_codex``."""

from django.core.management.base import CommandParser

from syncing.management.sync_command import SyncCommand
from syncing.models import SyncRun
from syncing.runs.scopes import CODEX_CHOICES


class Command(SyncCommand):
    command = SyncRun.Command.CODEX
    help = "Bring companies, contacts, locations and assets from Codex into the tree. Notes of staff are never touched."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--kind",
            action="append",
            choices=CODEX_CHOICES,
            default=[],
            help="only this kind of record; may be repeated. Records of companies that are not in the "
            "tree yet wait for a sync of companies",
        )
