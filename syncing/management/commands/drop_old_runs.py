"""``manage.py drop_old_runs`` deletes all old runs at once; each run deletes only a few at its end."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from syncing.models import SyncRun
from syncing.runs import retention


class Command(BaseCommand):
    help = (
        "Drop old runs with their logs and changes. Kept in any case: the latest complete run of every command and "
        "set of companies, and what waits or runs. A run can be undone as long as it is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=int, default=settings.RUNS_KEPT, help="keep so many (%(default)s)")
        parser.add_argument("--days", type=int, default=settings.RUNS_KEPT_DAYS, help="keep so long (%(default)s)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")

    def handle(self, *args: Any, **options: Any) -> None:
        all_runs = SyncRun.objects.count()
        if options["dry_run"]:
            number = len(retention.old_runs(options["runs"], options["days"]))
            self.stdout.write(f"{number} of {all_runs} runs would go.")
            return
        number = retention.drop_old_runs(options["runs"], options["days"])
        self.stdout.write(f"{number} of {all_runs} runs are gone.")
