"""``manage.py check_syncs``."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from syncing.schedules import alarms
from syncing.schedules.freshness import sync_state

_WORDS = {
    "running": "being synced",
    "waiting": "waiting for the sync worker",
    "approval": "synced, but for what waits for approval",
    "undone": "not what Codex has: a sync was undone, and no complete one has come since",
    "failed": "as an earlier sync has left it: the last one failed; see /sync/",
    "partial": "synced, but for records that were not taken; see /sync/",
    "stale": "old: nothing has synced it lately",
    "fresh": "synced",
    "never": "empty: nothing has synced it yet",
}  # states of freshness.SyncState


class Command(BaseCommand):
    help = (
        "For monitoring: do the workers do their jobs, and has every scheduled sync come to a good end within two of "
        "its periods? Exit codes: 0 yes, 1 no; what is wrong is one line each. It also sends the alarm of a worker "
        "that does not do its jobs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        alarms.watch_workers()  # a worker that does nothing cannot send its alarm itself
        loud = alarms.loud()
        state = sync_state()
        if options["json"]:
            wrong = [{"what": one.what, "text": one.text} for one in loud]
            at = state.at.isoformat() if state.at else None
            self.stdout.write(json.dumps({"state": state.state, "last_complete": at, "wrong": wrong}))
        else:
            for one in loud:
                self.stderr.write(one.text + (f" Start it with: {one.command}" if one.command else ""))
            if not loud:
                self.stdout.write(f"The schedules and workers are fine. The mirror is {_WORDS[state.state]}.")
        sys.exit(1 if loud else 0)
