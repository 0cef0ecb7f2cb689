"""``manage.py sync_tickets``."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandParser

from syncing.management.sync_command import SyncCommand
from syncing.models import SyncRun


class Command(SyncCommand):
    command = SyncRun.Command.TICKETS
    help = "Bring tickets from Codex into the tree. Needs the companies: run sync_codex before."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--since",
            metavar="DATE",
            type=_iso_date,
            help="only companies with a ticket updated since this day (2026-11-01); quick between full runs",
        )


def _iso_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no date; write for example 2026-11-01") from error
