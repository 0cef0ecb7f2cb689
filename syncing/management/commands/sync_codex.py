"""``manage.py sync_codex``."""

from syncing.commandline import SyncCommand
from syncing.models import SyncRun


class Command(SyncCommand):
    command = SyncRun.Command.CODEX
    help = "Bring companies, contacts and assets from Codex into the tree. Notes of staff are never touched."
